//! Who wants to know of the end of which connection.
//!
//! A connection of Ice has room for one close callback. This list gives every connection any number: the one
//! callback that Ice knows takes the connection's entry out and calls all in it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::Error;

pub(super) type Callback = Box<dyn FnOnce(Error) + Send>;

#[derive(Default)]
struct Listeners {
    next: u64,
    by_connection: HashMap<usize, Vec<(u64, Callback)>>,
}

/// A key is in use until the connection has called back, and the connection lives until then.
static LISTENERS: LazyLock<Mutex<Listeners>> = LazyLock::new(Mutex::default);

fn lock() -> MutexGuard<'static, Listeners> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn add(connection: &ice_sys::Connection, callback: Callback) -> Ticket {
    let key = connection.key();
    let number = {
        let mut listeners = lock();
        let number = listeners.next;
        listeners.next += 1;
        listeners
            .by_connection
            .entry(key)
            .or_default()
            .push((number, callback));
        number
    };
    // Set again for each listener: on a connection that is closed already, this calls back at once.
    if let Err(failure) =
        connection.set_close_callback(Box::new(move |failure| call_all(key, &failure)))
    {
        call_all(key, &failure);
    }
    Ticket { key, number }
}

fn call_all(key: usize, failure: &ice_sys::Failure) {
    let callbacks = lock().by_connection.remove(&key).unwrap_or_default();
    let reason = Error::from_failure(failure);
    for (_, callback) in callbacks {
        callback(reason.clone());
    }
}

/// Names one listener.
pub(super) struct Ticket {
    key: usize,
    number: u64,
}

/// Takes the listener out again when it is dropped.
struct Interest(Ticket);

impl Drop for Interest {
    fn drop(&mut self) {
        let mut listeners = lock();
        if let Some(callbacks) = listeners.by_connection.get_mut(&self.0.key) {
            callbacks.retain(|(number, _)| *number != self.0.number);
            if callbacks.is_empty() {
                listeners.by_connection.remove(&self.0.key);
            }
        }
    }
}

pub(super) async fn closed(connection: ice_sys::Connection) -> Error {
    let (sender, receiver) = oneshot::channel();
    let _interest = Interest(add(
        &connection,
        Box::new(move |error| {
            // Nobody may wait any more.
            let _ = sender.send(error);
        }),
    ));
    drop(connection);
    receiver
        .await
        .unwrap_or_else(|_| Error::new(crate::ErrorKind::ConnectionLost, ""))
}
