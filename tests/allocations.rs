//! G6 in bytes: what a live object costs beyond itself, and what an unused scope costs.
//!
//! A test binary of its own, because it counts every allocation of the process.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss)]

use std::mem::size_of;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

diesel::table! {
    points (id) {
        id -> BigInt,
        x -> BigInt,
    }
}

#[derive(Queryable, IdentityMapped)]
struct Point {
    id: i64,
    x: i64,
}

/// Bytes that `make` leaves allocated, and its result.
fn bytes_of<T>(make: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATED.current_usage();
    let result = make();
    (ALLOCATED.current_usage() - before, result)
}

/// One test: a second one would allocate meanwhile.
#[test]
fn bytes() {
    an_object_costs_64_bytes_at_most();
    an_unused_scope_is_one_small_allocation();
    #[cfg(feature = "tower")]
    the_scope_of_a_request_that_loads_nothing_is_no_allocation();
    what_was_held_is_given_back();
}

fn an_object_costs_64_bytes_at_most() {
    // Sizes just above the points where a hash table doubles are the worst.
    for count in [1_000, 3_700, 10_000, 29_000, 57_400, 100_000, 230_000] {
        let objects = usize::try_from(count).unwrap();
        let beyond = |bytes: usize| {
            let own = objects * (size_of::<Point>() + size_of::<Arc<Point>>());
            (bytes - own) as f64 / objects as f64
        };

        let map = IdentityMap::new();
        let mut held = Vec::with_capacity(objects);
        let (grown, ()) =
            bytes_of(|| held.extend((0..count).map(|id| map.adopt(Point { id, x: id }))));
        let adopted = beyond(grown + objects * size_of::<Arc<Point>>());
        assert!(adopted <= 64.0, "{count} adopted: {adopted:.1} bytes each");

        let mut conn = points(count);
        let (loaded, held) = bytes_of(|| {
            let mut held = Point::cached().load(&mut conn).unwrap();
            held.shrink_to_fit();
            held
        });
        let loaded = beyond(loaded);
        assert!(loaded <= 64.0, "{count} loaded: {loaded:.1} bytes each");
        assert_eq!(
            held.iter().map(|point| point.x).sum::<i64>(),
            (1..=count).sum::<i64>()
        );
        println!("{count:>7} objects: {adopted:.1} bytes each adopted, {loaded:.1} loaded");
    }
}

fn points(count: i64) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    conn.batch_execute(&format!(
        "CREATE TABLE points (id INTEGER PRIMARY KEY, x INTEGER NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO points SELECT i, i FROM n;"
    ))
    .unwrap();
    conn.enable_identity_map();
    // The statement and its cache are the connection's, not the map's.
    drop(Point::cached().load(&mut conn).unwrap());
    conn.identity_map().unwrap().clear();
    conn
}

fn an_unused_scope_is_one_small_allocation() {
    drop(Scope::new().entered()); // the thread's list of scopes is there from now on
    let (bytes, scope) = bytes_of(Scope::new);
    assert!(bytes <= 160, "{bytes} bytes");
    let (more, entered) = bytes_of(|| scope.enter());
    assert_eq!(more, 0);
    drop(entered);
    println!("an unused scope: {bytes} bytes");
}

#[cfg(feature = "tower")]
fn the_scope_of_a_request_that_loads_nothing_is_no_allocation() {
    use std::convert::Infallible;
    use std::future::ready;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use axum::http::{Request, Response};
    use diesel_identity_map::web::RequestScope;
    use tower::{Layer, Service, service_fn};

    let handler = |_: Request<()>| ready(Ok::<_, Infallible>(Response::new(String::new())));
    let mut service = RequestScope::new().layer(service_fn(handler));
    let request = Request::new(());
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let mut response = pin!(service.call(request));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = response.as_mut().poll(&mut context) else {
        panic!("it waits for nothing");
    };
    drop(response);
    assert_eq!(ALLOCATED.peak_usage() - before, 0);
}

fn what_was_held_is_given_back() {
    let map = IdentityMap::new();
    let held: Vec<Arc<Point>> = (0..100_000)
        .map(|id| map.adopt(Point { id, x: id }))
        .collect();
    drop(held);
    let before = ALLOCATED.current_usage();
    for id in 0..400_000 {
        drop(map.adopt(Point { id, x: id }));
    }
    let given_back = before - ALLOCATED.current_usage();
    assert!(
        given_back > 100_000 * (size_of::<Point>() + 16),
        "{given_back} bytes"
    );
}
