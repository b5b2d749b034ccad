//! The operations that every object has.

use super::{Reply, Request, Servant};
use crate::encoding::{Decode as _, Encode as _, EncodingVersion};
use crate::error::Error;

/// Answers `ice_ping`, `ice_id`, `ice_ids` and `ice_isA`; `None` for any other operation.
pub(super) fn answer(
    servant: &dyn Servant,
    encoding: EncodingVersion,
    request: &Request<'_>,
) -> Option<Reply> {
    let nothing = |reply: Reply| match request.params(|_| Ok(())) {
        Ok(()) => reply,
        Err(error) => Reply::failed(error),
    };
    Some(match request.operation() {
        b"ice_ping" => nothing(Reply::returned(encoding, |_| {})),
        b"ice_id" => nothing(Reply::returned(encoding, |to| servant.type_id().encode(to))),
        b"ice_ids" => nothing(Reply::returned(encoding, |to| {
            servant.type_ids().encode(to)
        })),
        b"ice_isA" => is_a(servant, encoding, request).unwrap_or_else(Reply::failed),
        _ => return None,
    })
}

fn is_a(
    servant: &dyn Servant,
    encoding: EncodingVersion,
    request: &Request<'_>,
) -> Result<Reply, Error> {
    let type_id = request.params(String::decode)?;
    let is_one = servant.type_ids().contains(&type_id.as_str());
    Ok(Reply::returned(encoding, |to| is_one.encode(to)))
}
