//! The operations that every object has.

use std::future::ready;
use std::sync::Arc;

use super::reply::{Dispatch, DispatchError, Reply, refuse};
use super::{Request, Servant};
use crate::current::Current;
use crate::encoding::{Decode as _, Encode as _};
use crate::error::Error;

/// The type ids of a servant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeIds {
    /// That of the most derived interface.
    pub most_derived: &'static str,
    /// Those of all interfaces, sorted; `::Ice::Object` is one.
    pub all: &'static [&'static str],
}

impl TypeIds {
    pub(super) fn of(servant: &(impl Servant + ?Sized)) -> Self {
        Self {
            most_derived: servant.type_id(),
            all: servant.type_ids(),
        }
    }
}

/// The operations that every object has, for those that answer them otherwise than from their type: what
/// [`Servant::with_object`] is given. Each has the usual answer where it is not overridden.
///
/// ```
/// # use ice::{Current, DispatchError, Error, Object};
/// /// Stands for many objects, some of which are gone.
/// struct Accounts;
///
/// impl Object for Accounts {
///     async fn ice_ping(&self, current: &Current) -> Result<(), DispatchError> {
///         if current.identity().name.starts_with("closed") {
///             return Err(Error::object_not_exist().into());
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Object: Send + Sync + 'static {
    /// Whether the object is there.
    ///
    /// # Errors
    ///
    /// What the caller is to see; [`Error::object_not_exist`], for example.
    fn ice_ping(
        &self,
        current: &Current,
    ) -> impl Future<Output = Result<(), DispatchError>> + Send {
        let _ = current;
        async { Ok(()) }
    }

    /// Whether the object has this interface. `types` are those of its servant.
    ///
    /// # Errors
    ///
    /// What the caller is to see.
    fn ice_is_a(
        &self,
        type_id: &str,
        types: TypeIds,
        current: &Current,
    ) -> impl Future<Output = Result<bool, DispatchError>> + Send {
        let _ = current;
        async move { Ok(types.all.contains(&type_id)) }
    }

    /// The type ids of all interfaces of the object, sorted. `types` are those of its servant.
    ///
    /// # Errors
    ///
    /// What the caller is to see.
    fn ice_ids(
        &self,
        types: TypeIds,
        current: &Current,
    ) -> impl Future<Output = Result<Vec<String>, DispatchError>> + Send {
        let _ = current;
        async move { Ok(types.all.iter().copied().map(str::to_owned).collect()) }
    }

    /// The type id of the object's most derived interface. `types` are those of its servant.
    ///
    /// # Errors
    ///
    /// What the caller is to see.
    fn ice_id(
        &self,
        types: TypeIds,
        current: &Current,
    ) -> impl Future<Output = Result<String, DispatchError>> + Send {
        let _ = current;
        async move { Ok(types.most_derived.to_owned()) }
    }
}

impl<O: Object> Object for Arc<O> {
    fn ice_ping(
        &self,
        current: &Current,
    ) -> impl Future<Output = Result<(), DispatchError>> + Send {
        O::ice_ping(self, current)
    }

    fn ice_is_a(
        &self,
        type_id: &str,
        types: TypeIds,
        current: &Current,
    ) -> impl Future<Output = Result<bool, DispatchError>> + Send {
        O::ice_is_a(self, type_id, types, current)
    }

    fn ice_ids(
        &self,
        types: TypeIds,
        current: &Current,
    ) -> impl Future<Output = Result<Vec<String>, DispatchError>> + Send {
        O::ice_ids(self, types, current)
    }

    fn ice_id(
        &self,
        types: TypeIds,
        current: &Current,
    ) -> impl Future<Output = Result<String, DispatchError>> + Send {
        O::ice_id(self, types, current)
    }
}

/// Which of the operations of every object a request is for.
enum Asked {
    Ping,
    IsA(String),
    Ids,
    Id,
}

impl Asked {
    /// `None` for any other operation.
    fn by(request: &Request<'_>) -> Option<Result<Self, Error>> {
        let asked = match request.operation() {
            b"ice_ping" => Self::Ping,
            b"ice_isA" => return Some(request.params(String::decode).map(Self::IsA)),
            b"ice_ids" => Self::Ids,
            b"ice_id" => Self::Id,
            _ => return None,
        };
        Some(request.params(|_| Ok(asked)))
    }
}

/// Answers from the type of the servant; `None` for any other operation.
pub(super) fn answer(types: TypeIds, request: &Request<'_>) -> Option<Dispatch> {
    let reply = Asked::by(request)?.map_or_else(Reply::failed, |asked| {
        Reply::returned(request.encoding(), |to| match asked {
            Asked::Ping => {}
            Asked::IsA(type_id) => types.all.contains(&type_id.as_str()).encode(to),
            Asked::Ids => types.all.encode(to),
            Asked::Id => types.most_derived.encode(to),
        })
    });
    Some(Box::pin(ready(reply)))
}

/// A servant whose object answers the operations of every object by itself; see [`Servant::with_object`].
#[derive(Clone, Debug)]
pub struct WithObject<S, O> {
    servant: S,
    object: Arc<O>,
}

impl<S, O> WithObject<S, O> {
    pub(super) fn new(servant: S, object: O) -> Self {
        Self {
            servant,
            object: Arc::new(object),
        }
    }
}

impl<S: Servant, O: Object> Servant for WithObject<S, O> {
    super::forward!(servant: types, order, backlog);

    fn handle(&self, request: Request<'_>) -> Dispatch {
        let Some(asked) = Asked::by(&request) else {
            return self.servant.handle(request);
        };
        let asked = match asked {
            Ok(asked) => asked,
            Err(error) => return refuse(error),
        };
        let (object, types) = (Arc::clone(&self.object), TypeIds::of(&self.servant));
        let current = request.current();
        Box::pin(async move {
            match asked {
                Asked::Ping => {
                    let result = object.ice_ping(&current).await;
                    Reply::from_result(&current, result, |(), _| {})
                }
                Asked::IsA(type_id) => {
                    let result = object.ice_is_a(&type_id, types, &current).await;
                    Reply::from_result(&current, result, |is_one, to| is_one.encode(to))
                }
                Asked::Ids => {
                    let result = object.ice_ids(types, &current).await;
                    Reply::from_result(&current, result, |ids, to| ids.encode(to))
                }
                Asked::Id => {
                    let result = object.ice_id(types, &current).await;
                    Reply::from_result(&current, result, |id, to| id.encode(to))
                }
            }
        })
    }
}
