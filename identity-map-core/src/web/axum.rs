//! [`Scope`] as an axum extractor: the scope of the request, from the innermost
//! [`RequestScope`](super::RequestScope).
//!
//! A handler does not need it to load: the scope is the current one anyway. It is for code that
//! names it, to carry it elsewhere or to look at its numbers.
//!
//! ```
//! # include!("../doctest_setup.rs");
//! use axum::{Router, routing::get};
//! use diesel_identity_map::web::RequestScope;
//!
//! async fn count(scope: Scope) -> String {
//! #   let mut conn = blog();
//!     let posts = Post::cached().load(&mut conn).unwrap();
//!     assert_eq!(scope.stats().alive, posts.len());
//!     posts.len().to_string()
//! }
//!
//! # fn main() {
//! let app: Router = Router::new().route("/", get(count)).layer(RequestScope::new());
//! # use tower::ServiceExt;
//! # let request = axum::http::Request::new(axum::body::Body::empty());
//! # let response = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(app.oneshot(request)).unwrap();
//! # assert_eq!(response.status(), 200);
//! # }
//! ```
//!
//! A clone that outlives the request is a handle to a scope that has ended. Where no scope
//! is current, as without the layer, the request is rejected with [`MissingRequestScope`];
//! `Option<Scope>` is an extractor too.

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use std::convert::Infallible;

use super::MissingRequestScope;
use crate::scope::Scope;

impl<S: Sync> FromRequestParts<S> for Scope {
    type Rejection = MissingRequestScope;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Self::current().ok_or(MissingRequestScope)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Scope {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(Self::current())
    }
}

impl IntoResponse for MissingRequestScope {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from("Internal Server Error"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(self);
        response
    }
}
