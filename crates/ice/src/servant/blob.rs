use std::sync::Arc;

use super::reply::{Content, Dispatch, DispatchError, Reply};
use super::{Request, Servant};
use crate::current::Current;
use crate::encoding::{Encapsulation, Invoked};

/// Answers every operation, whatever its name, from the encoded parameters: for bridges, routers and recorders, which
/// know no Slice definition. [`BlobServant`] makes a servant of it.
///
/// Unlike other servants it is asked for `ice_ping`, `ice_id`, `ice_ids` and `ice_isA`, too.
pub trait Blob: Send + Sync + 'static {
    /// Answers one request; what it is for is in `current`.
    ///
    /// # Errors
    ///
    /// What the caller is to see, where the answer is not there in its encoded form.
    fn ice_invoke(
        &self,
        params: Encapsulation,
        current: &Current,
    ) -> impl Future<Output = Result<Invoked, DispatchError>> + Send;
}

impl<B: Blob> Blob for Arc<B> {
    fn ice_invoke(
        &self,
        params: Encapsulation,
        current: &Current,
    ) -> impl Future<Output = Result<Invoked, DispatchError>> + Send {
        B::ice_invoke(self, params, current)
    }
}

/// Lets Ice call a [`Blob`]: what an adapter is given.
#[derive(Debug)]
pub struct BlobServant<B>(Arc<B>);

impl<B: Blob> BlobServant<B> {
    /// Takes the implementation.
    #[must_use]
    pub fn new(blob: B) -> Self {
        Self(Arc::new(blob))
    }

    /// Takes an implementation that others hold, too.
    #[must_use]
    pub fn from_arc(blob: Arc<B>) -> Self {
        Self(blob)
    }
}

fn invoke<B: Blob>(blob: &Arc<B>, request: Request<'_>) -> Dispatch {
    let blob = Arc::clone(blob);
    let params = Encapsulation::from_wire(request.encapsulation());
    let current = request.current();
    Box::pin(async move {
        match blob.ice_invoke(params, &current).await {
            Ok(Invoked::Returned(bytes)) => Reply(Content::Encapsulated(bytes.into_bytes())),
            Ok(Invoked::Raised(bytes)) => Reply(Content::Raised(bytes.into_bytes())),
            Err(error) => Reply::of_error(&current, error),
        }
    })
}

impl<B: Blob> Servant for BlobServant<B> {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Object"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::Object"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        self.handle(request)
    }

    fn handle(&self, request: Request<'_>) -> Dispatch {
        invoke(&self.0, request)
    }
}

/// A servant some of whose operations are answered by a [`Blob`]; see [`Servant::with_blob`].
#[derive(Clone, Debug)]
pub struct WithBlob<S, B> {
    servant: S,
    operations: &'static [&'static str],
    blob: Arc<B>,
}

impl<S, B> WithBlob<S, B> {
    pub(super) fn new(servant: S, operations: &'static [&'static str], blob: B) -> Self {
        Self {
            servant,
            operations,
            blob: Arc::new(blob),
        }
    }
}

impl<S: Servant, B: Blob> Servant for WithBlob<S, B> {
    super::forward!(servant: types, order, backlog);

    fn handle(&self, request: Request<'_>) -> Dispatch {
        let asked = request.operation();
        if self.operations.iter().any(|one| one.as_bytes() == asked) {
            return invoke(&self.blob, request);
        }
        self.servant.handle(request)
    }
}
