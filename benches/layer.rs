//! What the layer costs an empty axum handler: nanoseconds of a call, and requests per second over
//! loopback.
//!
//! `cargo xtask bench` runs this; it prints a table. The same router without a layer, with one that
//! does nothing, with one that puts the response's body into another (which axum boxes), with
//! `RequestScope`, and with its `Server-Timing`. "none, again" is the first one once more: what it differs by
//! is noise.
//!
//! Beside them the layer around a service that is no router, without axum's boxes around each layer.
//!
//! Over loopback there are a few connections that stay open, each of which sends its next request when it
//! has read the response. First the server is one as `#[tokio::main]` makes it, with a thread per core, and shares
//! the cores with the client. Then it has one thread, and the client another, which does less: all of the time
//! is the server's, and what a layer costs shows the most. Anew every few rounds: where connections lie in
//! memory makes a difference too.

#![allow(missing_docs, clippy::cast_precision_loss)] // a program, of numbers that are small

use std::convert::Infallible;
use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::routing::get;
use diesel_identity_map::web::RequestScope;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tower::layer::util::Identity;
use tower::util::MapResponseLayer;
use tower::{Layer, Service, service_fn};

mod rounds;

use rounds::Rounds;

const NAMES: [&str; 6] = [
    "none",
    "none, again",
    "one that does nothing",
    "one that wraps the body",
    "`RequestScope`",
    "`RequestScope`, `Server-Timing`",
];
const NOTHING: usize = 2;
const WRAPS: usize = 3;
const SCOPE: usize = 4;

/// The same without axum.
const BARE: [&str; 2] = ["none, without axum", "`RequestScope`, without axum"];

fn routers() -> [Router; NAMES.len()] {
    let router = || Router::new().route("/", get(async || {}));
    [
        router(),
        router(),
        router().layer(Identity::new()),
        router().layer(MapResponseLayer::new(|response: Response<Body>| {
            response.map(|body| body.map_err(|error| error))
        })),
        router().layer(RequestScope::new()),
        router().layer(RequestScope::new().server_timing(true)),
    ]
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// Requests one after the other, from their making to the end of their responses.
async fn calls<S, B>(service: &mut S, requests: u32) -> Duration
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body + Unpin,
{
    let start = Instant::now();
    for _ in 0..requests {
        let request = Request::new(Body::empty());
        let mut response = service.call(request).await.expect("infallible");
        while let Some(frame) = response.body_mut().frame().await {
            black_box(frame.is_ok());
        }
        black_box(response);
    }
    start.elapsed()
}

/// In this process, without a connection.
fn in_process() -> Rounds {
    const REQUESTS: u32 = 1_000;
    let runtime = runtime();
    let mut routers = routers().map(|router| router.with_state(())); // as `serve` does
    Rounds::of(routers.len(), 600, |contender| {
        runtime.block_on(calls(&mut routers[contender], REQUESTS)) / REQUESTS
    })
}

/// Has no state and no path.
async fn answer<B>(_: Request<B>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Body::empty()))
}

/// [`in_process`], without axum.
fn bare_in_process() -> Rounds {
    const REQUESTS: u32 = 5_000;
    let runtime = runtime();
    let mut without = service_fn(answer::<Body>);
    let mut with = RequestScope::new().layer(service_fn(answer::<Body>));
    Rounds::of(BARE.len(), 300, |contender| {
        let took = match contender {
            0 => runtime.block_on(calls(&mut without, REQUESTS)),
            _ => runtime.block_on(calls(&mut with, REQUESTS)),
        };
        took / REQUESTS
    })
}

/// What `axum::serve` does, for a service that need not be axum's.
async fn serve_bare<S, B>(listener: TcpListener, service: S)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: http_body::Body<Data: Send, Error: std::error::Error + Send + Sync> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            drop(served.await); // the client hangs up in the end
        });
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// A server of each: of the routers, and of the services without axum.
fn serve(runtime: Runtime) -> [Vec<SocketAddr>; 2] {
    let (send, addresses) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let mut servers = JoinSet::new();
            let (mut axums, mut bare) = (Vec::new(), Vec::new());
            for router in routers() {
                let (listener, address) = listener().await;
                axums.push(address);
                servers.spawn(async move { axum::serve(listener, router).await.expect("served") });
            }
            let (one, address) = listener().await;
            bare.push(address);
            servers.spawn(serve_bare(one, service_fn(answer::<Incoming>)));
            let (one, address) = listener().await;
            bare.push(address);
            let layered = RequestScope::new().layer(service_fn(answer::<Incoming>));
            servers.spawn(serve_bare(one, layered));
            send.send([axums, bare]).expect("somebody listens");
            servers.join_all().await;
        });
    });
    addresses.recv().expect("servers")
}

/// A connection that stays open.
struct Client {
    stream: TcpStream,
    response: Vec<u8>,
}

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("set");
        let response = Vec::with_capacity(1024);
        Self { stream, response }
    }

    /// The body is empty: a response ends with its head.
    async fn requests(&mut self, requests: u32) {
        for _ in 0..requests {
            let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
            self.stream.write_all(request).await.expect("sent");
            self.response.clear();
            while !self.response.ends_with(b"\r\n\r\n") {
                let read = self.stream.read_buf(&mut self.response).await;
                assert!(read.expect("received") > 0, "the server hung up");
            }
            assert!(self.response.starts_with(b"HTTP/1.1 200"));
        }
    }
}

async fn clients(addresses: &[SocketAddr], count: u32) -> Vec<Vec<Client>> {
    let mut clients = Vec::new();
    for address in addresses {
        let mut of_one = Vec::new();
        for _ in 0..count {
            of_one.push(Client::connect(*address).await);
        }
        clients.push(of_one);
    }
    clients
}

/// All of them at once.
async fn storm(clients: &mut Vec<Client>, requests: u32) -> Duration {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for mut client in clients.drain(..) {
        tasks.spawn(async move {
            client.requests(requests).await;
            client
        });
    }
    *clients = tasks.join_all().await;
    start.elapsed()
}

/// By way of sockets.
fn over_loopback(addresses: &[SocketAddr]) -> Rounds {
    const CONNECTIONS: u32 = 8;
    const REQUESTS: u32 = 200;
    const ROUNDS: usize = 300;
    let runtime = runtime();
    let mut all = Vec::new();
    let mut turns = 0;
    Rounds::of(addresses.len(), ROUNDS, |contender| {
        if turns % (10 * addresses.len()) == 0 {
            all = runtime.block_on(clients(addresses, CONNECTIONS));
            for of_one in &mut all {
                runtime.block_on(storm(of_one, REQUESTS)); // warm now
            }
        }
        turns += 1;
        runtime.block_on(storm(&mut all[contender], REQUESTS)) / (CONNECTIONS * REQUESTS)
    })
}

/// A line for each contender.
fn show(names: &[&str], calls: &Rounds, [threads, thread]: [&Rounds; 2]) {
    for (contender, name) in names.iter().enumerate() {
        println!(
            "| {name} | {:.0} ns | {:.2} | {:.0} | {:.3} | {:.0} | {:.3} |",
            calls.time(contender) * 1e9,
            calls.ratio(contender, 0),
            1.0 / threads.time(contender),
            threads.ratio(0, contender), // the time the other way round
            1.0 / thread.time(contender),
            thread.ratio(0, contender),
        );
    }
}

fn main() {
    let threads = Builder::new_multi_thread().enable_all().build();
    let threads = serve(threads.expect("a runtime")).map(|addresses| over_loopback(&addresses));
    let thread = serve(runtime()).map(|addresses| over_loopback(&addresses));
    println!(
        "\n| layer | a call | / none | requests per second, a thread per core | / none | one thread | / none |\n\
         |---|---|---|---|---|---|---|"
    );
    show(&NAMES, &in_process(), [&threads[0], &thread[0]]);
    show(&BARE, &bare_in_process(), [&threads[1], &thread[1]]);
    for (requests, name) in [
        (&threads[0], "a thread per core"),
        (&thread[0], "one thread"),
    ] {
        println!(
            "\n{name}, axum: `RequestScope` has {:.3} of the requests per second of one that does \
             nothing, and {:.3} of one that wraps the body.",
            requests.ratio(NOTHING, SCOPE),
            requests.ratio(WRAPS, SCOPE)
        );
    }
}
