//! A scope per web request: [`RequestScope`], for axum and tonic (feature `tower`), actix-web
//! (feature `actix-web`) and Rocket (feature `rocket`).
//!
//! While a request is handled, and while the body of its response is sent, one row is one object;
//! two requests never share one. It is no transaction and no cache: it neither begins anything nor
//! carries anything to the next request.
//!
//! The scope is the current one each time the handler or the body is polled, on whichever thread
//! that is. It [ends](crate::Scope::end), whoever else has a handle to it, when the body has been
//! sent or dropped, when the handler fails or panics, and when the client goes away.
//!
//! What leaves the request's task leaves its scope too: see [`Scope::carry`](crate::Scope::carry)
//! for `spawn_blocking` and its like. A spawned background job has no scope unless it is given one.
//!
//! The modules `web::tower`, `web::axum`, `web::actix` and `web::rocket` say how to use it with each
//! framework, by a whole program.

#[cfg(feature = "actix-web")]
pub mod actix;
#[cfg(feature = "axum")]
pub mod axum;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod poll_in_scope;
mod request_end;
mod request_scope;
mod request_start;
#[cfg(feature = "rocket")]
pub mod rocket;
mod server_timing;
#[cfg(feature = "tower")]
pub mod tower;

use std::error::Error;
use std::fmt;

pub use request_scope::RequestScope;

/// The rejection of the extractors: the request has no scope.
///
/// The client is told no more than "500 Internal Server Error"; the text is for the program's
/// author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingRequestScope;

impl fmt::Display for MissingRequestScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this request has no scope: add `RequestScope::new()` by `.layer(..)` in axum, after the \
             routes and inside whatever spawns a task for each request, by `.wrap(..)` in \
             actix-web, by `.attach(..)` in Rocket",
        )
    }
}

impl Error for MissingRequestScope {}
