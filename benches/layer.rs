//! What the layer costs an empty axum handler: nanoseconds of a call, and requests per second over
//! loopback.
//!
//! `cargo xtask bench` runs this; it prints a table. The same router without a layer, with one that
//! does nothing, with one that puts the response's body into another (which axum boxes), with
//! `RequestScope`, and with its `Server-Timing`: in short rounds, in each of which all of them have their
//! turn, and a ratio is the median of those of the rounds. "none, again" is the first one once more: what
//! it differs by is noise.
//!
//! Over loopback the server has one thread, and the client another: a few connections that stay open,
//! each of which sends its next request when it has read the response. The client does less than the
//! server, so that it is the server that is measured. Anew every few rounds: where connections lie in
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
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tower::layer::util::Identity;
use tower::util::MapResponseLayer;
use tower::{Layer, Service, service_fn};

const NAMES: [&str; 6] = [
    "none",
    "none, again",
    "one that does nothing",
    "one that wraps the body",
    "`RequestScope`",
    "`RequestScope`, `Server-Timing`",
];
const CONTENDERS: usize = NAMES.len();
const NOTHING: usize = 2;
const WRAPS: usize = 3;
const SCOPE: usize = 4;

fn routers() -> [Router; CONTENDERS] {
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

/// The seconds that each contender took, round by round.
type Rounds = Vec<[f64; CONTENDERS]>;

/// Calls `round` with each contender, in an order that goes round too.
fn take_turns(rounds: &mut Rounds, mut round: impl FnMut(usize) -> Duration) {
    let mut took = [0.0; CONTENDERS];
    for turn in 0..CONTENDERS {
        let contender = (turn + rounds.len()) % CONTENDERS;
        took[contender] = round(contender).as_secs_f64();
    }
    rounds.push(took);
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The median of the ratios of one contender to another.
fn ratio(rounds: &Rounds, of: usize, to: usize) -> f64 {
    median(rounds.iter().map(|took| took[of] / took[to]))
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
    let mut routers = routers();
    let mut rounds = Rounds::new();
    for round in 0..620 {
        take_turns(&mut rounds, |contender| {
            runtime.block_on(calls(&mut routers[contender], REQUESTS)) / REQUESTS
        });
        if round == 19 {
            rounds.clear(); // warm now
        }
    }
    rounds
}

/// The layer around a service that is no router.
fn bare() -> (f64, f64) {
    const REQUESTS: u32 = 5_000;
    let runtime = runtime();
    let answer = async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty()));
    let mut without = service_fn(answer);
    let mut with = RequestScope::new().layer(service_fn(answer));
    let mut rounds = Vec::new();
    for _ in 0..300 {
        let took = [
            runtime.block_on(calls(&mut without, REQUESTS)),
            runtime.block_on(calls(&mut with, REQUESTS)),
        ];
        rounds.push(took.map(|took| took.as_secs_f64() / f64::from(REQUESTS)));
    }
    let nanoseconds = |of: usize| median(rounds.iter().map(|took| took[of])) * 1e9;
    (nanoseconds(0), nanoseconds(1))
}

/// A server of each router, on one thread.
fn serve() -> [SocketAddr; CONTENDERS] {
    let (send, addresses) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let mut servers = JoinSet::new();
            for router in routers() {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let address = listener.local_addr().expect("an address");
                servers.spawn(async move { axum::serve(listener, router).await });
                send.send(address).expect("somebody listens");
            }
            servers.join_all().await;
        });
    });
    [(); CONTENDERS].map(|()| addresses.recv().expect("a server"))
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

async fn clients(addresses: [SocketAddr; CONTENDERS], count: u32) -> Vec<Vec<Client>> {
    let mut clients = Vec::new();
    for address in addresses {
        let mut of_one = Vec::new();
        for _ in 0..count {
            of_one.push(Client::connect(address).await);
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
fn over_loopback() -> Rounds {
    const CONNECTIONS: u32 = 8;
    const REQUESTS: u32 = 200;
    let addresses = serve();
    let runtime = runtime();
    let mut rounds = Rounds::new();
    for _ in 0..30 {
        let mut clients = runtime.block_on(clients(addresses, CONNECTIONS));
        for of_one in &mut clients {
            runtime.block_on(storm(of_one, REQUESTS)); // warm now
        }
        for _ in 0..10 {
            take_turns(&mut rounds, |contender| {
                runtime.block_on(storm(&mut clients[contender], REQUESTS))
                    / (CONNECTIONS * REQUESTS)
            });
        }
    }
    rounds
}

fn main() {
    let calls = in_process();
    let requests = over_loopback();
    println!("\n| layer | a call | / none | requests per second | / none |\n|---|---|---|---|---|");
    for (contender, name) in NAMES.iter().enumerate() {
        let took = |rounds: &Rounds| median(rounds.iter().map(|took| took[contender]));
        println!(
            "| {name} | {:.0} ns | {:.2} | {:.0} | {:.3} |",
            took(&calls) * 1e9,
            ratio(&calls, contender, 0),
            1.0 / took(&requests),
            ratio(&requests, 0, contender), // the time the other way round
        );
    }
    let (without, with) = bare();
    println!(
        "\nOver loopback, `RequestScope` / one that does nothing: {:.3} of the requests per second, \
         / one that wraps the body: {:.3}. A call of a service that is no router: {without:.0} ns, with `RequestScope` {with:.0} ns.",
        ratio(&requests, NOTHING, SCOPE),
        ratio(&requests, WRAPS, SCOPE)
    );
}
