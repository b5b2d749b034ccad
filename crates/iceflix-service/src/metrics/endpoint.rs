//! Where metrics and health are told by HTTP, for those who look after a
//! service. Off unless a property says where.
//!
//! | path | answer |
//! | --- | --- |
//! | `/metrics` | OpenMetrics text |
//! | `/livez` | 200 as long as the process turns |
//! | `/readyz` | 200 where the service can do its work, otherwise 503 and why not |

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tracing::debug;

use super::{Metrics, scrape};
use crate::{peers::Registry, status::Status};

/// How many may ask at the same time. More are turned away at the door.
const AT_ONCE: usize = 32;

/// How long a request may take to come.
const HEAD_WITHIN: Duration = Duration::from_secs(2);

/// How long a connection may take, from the first byte to the last.
const OVER_WITHIN: Duration = Duration::from_secs(10);

/// How large a request may be, and how many headers it may have.
const MAX_HEAD: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// How long to wait where the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// A place that is taken, where nobody is answered yet.
#[derive(Debug)]
pub(crate) struct Endpoint(TcpListener);

/// What is told there.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) metrics: Metrics,
    pub(crate) status: Status,
    pub(crate) peers: Registry,
}

impl Endpoint {
    /// Takes the place.
    ///
    /// # Errors
    ///
    /// Where it cannot be had.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self(TcpListener::bind(address).await?))
    }

    /// The address that was taken, with its port.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Answers for ever.
    pub(crate) async fn serve(self, told: Told) {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let stream = match self.0.accept().await {
                Ok((stream, _)) => stream,
                // Files have run out, or the peer is gone already.
                Err(error) => {
                    debug!(%error, "no connection accepted");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
                debug!("turned away: {AT_ONCE} others ask already");
                continue;
            };
            let told = told.clone();
            tokio::spawn(async move {
                let _ = timeout(OVER_WITHIN, serve_one(stream, told)).await;
                drop(place);
            });
        }
    }
}

async fn serve_one(stream: TcpStream, told: Told) {
    let answer = service_fn(move |request| {
        let told = told.clone();
        async move { Ok::<_, Infallible>(answer(&request, &told).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    if let Err(error) = served {
        debug!(%error, "a request that is none");
    }
}

async fn answer(request: &Request<Incoming>, told: &Told) -> Response<Full<Bytes>> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refusal = text(
            StatusCode::METHOD_NOT_ALLOWED,
            "only GET and HEAD are answered\n",
        );
        refusal
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    match request.uri().path() {
        "/metrics" => {
            let metrics = told.metrics.text(&told.status, &told.peers).await;
            let mut response = text(StatusCode::OK, metrics);
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static(scrape::CONTENT_TYPE));
            response
        }
        "/livez" => text(StatusCode::OK, "alive\n"),
        "/readyz" => ready(told).await,
        _ => text(
            StatusCode::NOT_FOUND,
            "there is /metrics, /livez and /readyz\n",
        ),
    }
}

async fn ready(told: &Told) -> Response<Full<Bytes>> {
    let look = told.status.look().await;
    let mut body = String::new();
    let code = if look.is_ready() {
        body += "ready\n";
        StatusCode::OK
    } else {
        body += "not ready\n";
        StatusCode::SERVICE_UNAVAILABLE
    };
    for (check, reason) in &look.failing {
        body += &format!("{check}: {reason}\n");
    }
    if !told.status.subscribed() {
        body += "broker: no events are heard; the service goes on without it\n";
    }
    text(code, body)
}

fn text(code: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
