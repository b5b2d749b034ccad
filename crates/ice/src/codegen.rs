//! What generated code speaks to. Not for use by hand: it changes with the generator.

pub use crate::current::{Current, OperationMode};
pub use crate::encoding::exception::{ExceptionDecoder, ExceptionEncoder, SliceFormat};
pub use crate::encoding::optional::{OptionalFormat, VSizeShape};
pub use crate::encoding::{Decode, Decoder, Encode, Encoder, EncodingVersion};
pub use crate::error::Error;
pub use crate::proxy::invocation::{Invocation, OperationError, invoke};
pub use crate::proxy::{ObjectPrx, Prx};
pub use crate::servant::{
    Dispatch, DispatchError as ReplyError, EncodableException, Reply, Request, Servant,
    UserException, operation_not_exist, refuse,
};
