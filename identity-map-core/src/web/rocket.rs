//! [`RequestScope`] as a Rocket fairing, [`Scope`] as a request guard, and [`in_request_scope`] for
//! routes.
//!
//! A fairing runs before and after the handler of a request, but cannot run it. So there are two parts:
//! the fairing opens the scope, enters it for the body and ends it; the routes are wrapped, so that the
//! scope is the current one in their handlers and guards.
//!
//! ```
//! # include!("../doctest_setup.rs");
//! use diesel_identity_map::web::{RequestScope, rocket::in_request_scope};
//! use rocket::{get, routes};
//!
//! #[get("/")]
//! async fn titles(scope: Scope) -> String {
//! #   let mut conn = blog();
//! #   let conn = &mut conn;
//!     let posts: Vec<Arc<Post>> = Post::cached().load(conn).unwrap();
//!     let again = Post::cached().find(1).first(conn).unwrap(); // sends nothing
//!     assert!(Arc::ptr_eq(&posts[0], &again));
//!
//!     // A blocking thread does not know the request: take the scope along.
//!     let length = rocket::tokio::task::spawn_blocking(Scope::carry(move || posts.len())).await;
//!     format!("{} in {}", length.unwrap(), scope.stats().statements)
//! }
//!
//! # fn main() {
//! # let rocket =
//! rocket::build()
//!     .attach(RequestScope::new())
//!     .mount("/", in_request_scope(routes![titles]))
//! # ;
//! # let client = rocket::local::blocking::Client::untracked(rocket).unwrap();
//! # assert_eq!(client.get("/").dispatch().into_string().unwrap(), "3 in 1");
//! # }
//! ```
//!
//! A handler whose route is not wrapped gets the scope by the guard, and enters it itself:
//! `scope.in_scope(|| ..)`, or around a future
//! [`in_identity_scope`](crate::InIdentityScope::in_identity_scope).
//!
//! The scope ends with the request, which Rocket drops once the body is sent, or could not be. Rocket
//! does not break off a handler whose client has gone away: its scope ends when it has returned.
//!
//! Without the fairing a wrapped route answers 500 and says why in the log, and a program whose
//! handlers ask for a `Scope` does not launch.

use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll};

use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::response::Body;
use rocket::route::{self, Handler, Route};
use rocket::tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use rocket::{Build, Data, Ignite, Request, Response, Rocket, Sentinel};

use super::request_end::RequestGuard;
use super::server_timing::SERVER_TIMING;
use super::{MissingRequestScope, RequestScope};
use crate::lock::lock;
use crate::scope::{InIdentityScope, Scope};

/// The guard in the cache of Rocket's request, which is dropped with the request after its response.
#[derive(Default)]
struct CachedGuard(Mutex<Option<RequestGuard>>);

impl CachedGuard {
    fn lock<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Option<RequestGuard>> {
        let Self(guard) = request.local_cache(Self::default);
        lock(guard)
    }

    fn scope(request: &Request<'_>) -> Option<Scope> {
        Self::lock(request).as_ref()?.scope().cloned()
    }
}

#[rocket::async_trait]
impl Fairing for RequestScope {
    fn info(&self) -> Info {
        Info {
            name: "a scope per request",
            kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        Ok(rocket.manage(FairingAttached))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        // A local client's clone of a request shares the cache of the original, but not its scope.
        let of_original = CachedGuard::lock(request).replace(self.open());
        drop(of_original);
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(scope) = CachedGuard::scope(request) else {
            return;
        };
        let timing = CachedGuard::lock(request)
            .as_ref()
            .and_then(RequestGuard::server_timing);
        if let Some(timing) = timing {
            response.adjoin_raw_header(SERVER_TIMING, timing);
        }
        if response.body().is_none() {
            return;
        }
        let body = response.body_mut();
        // Asked for now, since the size of a `ScopedBody` cannot be found out any more.
        let size = body.size().in_identity_scope(scope.clone()).await;
        let chunk = body.max_chunk_size();
        let scoped = ScopedBody {
            body: Some(body.take()),
            scope,
        };
        match size {
            Some(size) => response.set_sized_body(size, scoped),
            None => response.set_streamed_body(scoped),
        }
        response.set_max_chunk_size(chunk);
    }
}

/// Managed state that says to [`Sentinel`] that the fairing is attached.
struct FairingAttached;

impl Sentinel for Scope {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<FairingAttached>().is_none()
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Scope {
    type Error = MissingRequestScope;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        match CachedGuard::scope(request) {
            Some(scope) => Outcome::Success(scope),
            None => Outcome::Error((Status::InternalServerError, MissingRequestScope)),
        }
    }
}

/// Routes whose handlers and guards run in the scope of their request.
///
/// See the [module](self) for the program around it.
#[must_use]
pub fn in_request_scope(routes: impl Into<Vec<Route>>) -> Vec<Route> {
    let mut routes = routes.into();
    for route in &mut routes {
        route.handler = Box::new(InRequestScope(route.handler.clone()));
    }
    routes
}

#[derive(Clone)]
struct InRequestScope(Box<dyn Handler>);

#[rocket::async_trait]
impl Handler for InRequestScope {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        let Some(scope) = CachedGuard::scope(request) else {
            rocket::error!("{MissingRequestScope}");
            return route::Outcome::Error(Status::InternalServerError);
        };
        let handled = scope.in_scope(|| self.0.handle(request, data));
        handled.in_identity_scope(scope).await
    }
}

/// A body that is read, and dropped, in the scope of its request.
struct ScopedBody<'r> {
    body: Option<Body<'r>>,
    // Not borrowed from the request: Rocket's local client drops that before the response.
    scope: Scope,
}

impl AsyncRead for ScopedBody<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { body, scope } = &mut *self;
        match body {
            Some(body) => scope.in_scope(|| Pin::new(body).poll_read(context, into)),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// Rocket demands this of a body with a size. It seeks only to find the size out, which is given.
impl AsyncSeek for ScopedBody<'_> {
    fn start_seek(self: Pin<&mut Self>, _: io::SeekFrom) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
    }
}

impl Drop for ScopedBody<'_> {
    fn drop(&mut self) {
        let Self { body, scope } = self;
        scope.in_scope(|| *body = None);
    }
}
