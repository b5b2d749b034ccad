//! Communicators: the root of everything else.

mod adapters;
mod admin;
mod dropped;
mod routes;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use dropped::wait_for_dropped_communicators;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind};
use crate::logger;
use crate::properties::Properties;
use crate::proxy::{ObjectPrx, Prx};
use crate::sent::{CompressBatch, Sending};
use crate::servant::Dispatches;

/// How long [`Communicator::destroy`] lets running dispatches go on.
pub(crate) const DISPATCH_GRACE: Duration = Duration::from_millis(500);

/// Milliseconds that a peer has to close a connection that this side ends, where no property says otherwise.
/// Ice's own default is the time-out of the endpoint, a minute: so long one silent peer could hold up the end.
const CLOSE_TIMEOUT: &str = "500";

/// The root of everything: threads, connections, adapters, proxies. Cloning counts a reference.
///
/// It ends with [`Communicator::destroy`], which a program should call on all its ways, those of errors too, before its
/// tokio runtime ends: make the communicator in `main`, have another function work with it, and destroy it between that and
/// the end. Where the last clone is dropped without that, it is destroyed in the background. At the end of the process
/// that comes too late, unless [`wait_for_dropped_communicators`](crate::wait_for_dropped_communicators) stands there: Ice
/// then complains of a communicator that was not destroyed, and peers find a connection lost.
///
/// ```no_run
/// # async fn work(communicator: &ice::Communicator) -> Result<(), ice::Error> { Ok(()) }
/// #[tokio::main]
/// async fn main() -> Result<(), ice::Error> {
///     let (properties, _) = ice::Properties::from_args(std::env::args())?;
///     let communicator = ice::Communicator::new(properties)?;
///     let outcome = work(&communicator).await;
///     communicator.destroy().await;
///     outcome
/// }
/// ```
#[derive(Clone)]
pub struct Communicator {
    inner: Arc<Inner>,
}

struct Inner {
    sys: ice_sys::Communicator,
    properties: Properties,
    dispatches: Dispatches,
    destroyed: AtomicBool,
    shutdown: Shutdown,
}

/// Whether the end of the communicator is waited for, and whether it is there.
#[derive(Default)]
struct Shutdown {
    watched: Mutex<bool>,
    there: CancellationToken,
}

impl Communicator {
    /// A communicator with these properties, which it goes on to share. Dispatches that wait, and the blocking
    /// part of destroying it, run on the tokio runtime that this is called in, which needs its timer (`enable_time`).
    ///
    /// Where `Ice.Override.CloseTimeout` is not set, it becomes half a second, so that no silent peer holds up the end.
    ///
    /// # Errors
    ///
    /// `Initialization` and others where a property has a bad value or a plug-in cannot be loaded, and where
    /// this is not called within a tokio runtime.
    pub fn new(properties: Properties) -> Result<Self, Error> {
        logger::install();
        let runtime = Handle::try_current().map_err(|error| {
            Error::new(ErrorKind::Initialization, error.to_string())
                .with_hint("make the communicator in `#[tokio::main]`, or under `Runtime::enter`")
        })?;
        properties.set_default("Ice.Override.CloseTimeout", CLOSE_TIMEOUT)?;
        let sys = ice_sys::Communicator::new(&properties.sys)?;
        let dispatches = Dispatches::new(runtime);
        Ok(Self {
            inner: Arc::new(Inner {
                sys,
                properties,
                dispatches,
                destroyed: AtomicBool::new(false),
                shutdown: Shutdown::default(),
            }),
        })
    }

    /// The properties that it was made with.
    #[must_use]
    pub fn properties(&self) -> &Properties {
        &self.inner.properties
    }

    /// The proxy that this string stands for: `Main -t -e 1.1:tcp -h 127.0.0.1 -p 9095`. Nothing is asked of it yet.
    ///
    /// # Errors
    ///
    /// `ProxyParse`, `EndpointParse` or `IdentityParse` where the string is no proxy, an empty one among them.
    pub fn string_to_proxy(&self, text: &str) -> Result<ObjectPrx, Error> {
        let place = |error: Error| error.about(format!("`{text}`"));
        match self.inner.sys.proxy(text) {
            Ok(Some(proxy)) => Ok(ObjectPrx::new(proxy)),
            Ok(None) => Err(place(Error::new(
                ErrorKind::ProxyParse,
                "the string is empty",
            ))),
            Err(failure) => Err(place(self.with_hint(failure.into(), text))),
        }
    }

    /// Without its plug-in Ice takes `ssl` for no endpoint at all.
    fn with_hint(&self, error: Error, text: &str) -> Error {
        let secure = [":ssl", ":wss"]
            .iter()
            .any(|transport| text.contains(transport));
        if error.kind() != ErrorKind::EndpointParse
            || !secure
            || self.properties().get("Ice.Plugin.IceSSL").is_some()
        {
            return error;
        }
        let hint = "for ssl and wss set Ice.Plugin.IceSSL=IceSSL:createIceSSL";
        error.with_hint(hint)
    }

    /// The proxy that a property, and those below it (`NAME.InvocationTimeout` and so on), stand for; `None` where it is
    /// not set.
    ///
    /// # Errors
    ///
    /// As [`Communicator::string_to_proxy`], with the name of the property.
    pub fn proxy_from_property(&self, key: &str) -> Result<Option<ObjectPrx>, Error> {
        match self.inner.sys.proxy_from_property(key) {
            Ok(proxy) => Ok(proxy.map(ObjectPrx::new)),
            Err(failure) => {
                let value = self.inner.properties.get(key).unwrap_or_default();
                Err(Error::from(failure).about(format!("{key}={value}")))
            }
        }
    }

    /// The properties that say what this proxy is, but for its context, below the name that is given:
    /// [`Communicator::proxy_from_property`] makes it of them again.
    ///
    /// # Errors
    ///
    /// `FixedProxy` where it is bound to a connection.
    pub fn proxy_to_properties(
        &self,
        proxy: &impl Prx,
        key: &str,
    ) -> Result<BTreeMap<String, String>, Error> {
        let proxy = &proxy.as_object().sys;
        let entries = self.inner.sys.proxy_to_property(proxy, key)?;
        Ok(entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect())
    }

    /// Sends what fixed proxies of any connection have collected; over when it is sent. Proxies that are not fixed are
    /// flushed one by one, by [`Prx::flush_batch_requests`].
    ///
    /// It begins at once; the future may be dropped, and it is sent all the same.
    ///
    /// # Errors
    ///
    /// `CommunicatorDestroyed`. What befalls a single connection is no error.
    pub fn flush_batch_requests(
        &self,
        compress: CompressBatch,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'static + use<> {
        let sys = &self.inner.sys;
        Sending::start(|waiting| sys.flush(compress.to_sys(), waiting)).end()
    }

    /// Does work that blocks where it holds nobody up.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ice_sys::Communicator) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let sys = self.inner.sys.clone();
        self.inner.dispatches.blocking(move || work(&sys)).await
    }

    /// Lets no further request in: its adapters are deactivated. What it calls itself goes on. Does not wait, so that a
    /// servant may call it: the answers of requests under way are still sent.
    ///
    /// [`Communicator::wait_for_shutdown`] is where a server waits for this, and [`Communicator::destroy`] what it
    /// does then.
    pub fn shutdown(&self) {
        // What the runtime raises here is that there is nothing left to shut down.
        let _ = self.inner.sys.shutdown();
    }

    /// Whether [`Communicator::shutdown`] was called, here or through `Ice.Admin`, or the communicator is destroyed.
    #[must_use]
    pub fn is_shutdown(&self) -> bool {
        self.inner.sys.is_shutdown().unwrap_or(true)
    }

    /// Waits until it is shut down, by whomever, and every request under way is answered. The future may be dropped.
    ///
    /// ```no_run
    /// # async fn serve(communicator: ice::Communicator) -> Result<(), ice::Error> {
    /// tokio::select! {
    ///     shut_down = communicator.wait_for_shutdown() => shut_down?,
    ///     _ = tokio::signal::ctrl_c() => {}
    /// }
    /// communicator.destroy().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `Syscall` where the system has no thread left to wait in.
    pub async fn wait_for_shutdown(&self) -> Result<(), Error> {
        self.inner.shutdown.watch(&self.inner.sys)?;
        self.inner.shutdown.there.cancelled().await;
        Ok(())
    }

    /// Ends all: no further request comes in, calls under way fail with `CommunicatorDestroyed`, and so does every
    /// later one. Dispatches that run have half a second to end; those that wait still are dropped then, and their
    /// callers see `UnknownException`.
    ///
    /// A servant that blocks its thread cannot be ended from outside: this waits for it. The future may be dropped;
    /// the work goes on.
    pub async fn destroy(&self) {
        self.destroy_within(DISPATCH_GRACE).await;
    }

    /// As [`Communicator::destroy`], with another time for dispatches to end in.
    pub async fn destroy_within(&self, grace: Duration) {
        self.inner.destroyed.store(true, Ordering::Release);
        let sys = self.inner.sys.clone();
        let destroy = move || {
            // What the runtime raises here is that there is nothing left to end.
            let _ = sys.destroy();
        };
        self.inner.dispatches.end_within(grace, destroy).await;
    }
}

impl Shutdown {
    /// Starts the one thread that waits in Ice, where there is none yet. One of tokio's own would hold up the end of
    /// its runtime where the communicator is never shut down.
    fn watch(&self, sys: &ice_sys::Communicator) -> Result<(), Error> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if *watched {
            return Ok(());
        }
        let (sys, there) = (sys.clone(), self.there.clone());
        std::thread::Builder::new()
            .name("ice-shutdown".to_owned())
            .spawn(move || {
                // What the runtime raises here is that it is gone already.
                let _ = sys.wait_for_shutdown();
                there.cancel();
            })
            .map_err(|error| Error::new(ErrorKind::Syscall, error.to_string()))?;
        *watched = true;
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.destroyed.load(Ordering::Acquire) {
            return;
        }
        self.dispatches.end();
        dropped::destroy(self.sys.clone());
    }
}

impl fmt::Debug for Communicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Communicator")
            .field("properties", &self.inner.properties)
            .finish_non_exhaustive()
    }
}
