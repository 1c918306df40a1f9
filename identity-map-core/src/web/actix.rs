//! [`RequestScope`] as an actix-web middleware, and [`Scope`] as an extractor.
//!
//! ```
//! # include!("../doctest_setup.rs");
//! use actix_web::{App, HttpResponse, Responder, web};
//! use diesel_identity_map::web::RequestScope;
//!
//! async fn titles(scope: Scope) -> impl Responder {
//! #   let mut conn = blog();
//! #   let conn = &mut conn;
//!     let posts: Vec<Arc<Post>> = Post::cached().load(conn).unwrap();
//!     let again = Post::cached().find(1).first(conn).unwrap(); // sends nothing
//!     assert!(Arc::ptr_eq(&posts[0], &again));
//!     assert_eq!(scope.stats().statements, 1);
//!
//!     // A blocking thread does not know the request: take the scope along.
//!     let length = web::block(Scope::carry(move || posts.len())).await;
//!     HttpResponse::Ok().body(length.unwrap().to_string())
//! }
//!
//! # fn main() {
//! # let app =
//! App::new()
//!     .wrap(RequestScope::new())
//!     .route("/", web::get().to(titles))
//! # ;
//! # actix_web::rt::System::new().block_on(async {
//! #     use actix_web::test::{TestRequest, call_and_read_body, init_service};
//! #     let app = init_service(app).await;
//! #     assert_eq!(call_and_read_body(&app, TestRequest::get().to_request()).await, "3");
//! # });
//! # }
//! ```
//!
//! If the client goes away, the scope ends when actix-web notices that: by default at the next write to
//! the connection, with `HttpServer::h1_allow_half_closed(false)` at once.
//!
//! The extractor gives the scope that is current, so the one of the innermost middleware. A clone
//! that outlives the request is a handle to a scope that has ended.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use pin_project_lite::pin_project;

use super::poll_in_scope::PolledInScope;
use super::request_end::RequestGuard;
use super::request_start::RequestOpener;
use super::server_timing::SERVER_TIMING;
use super::{MissingRequestScope, RequestScope};
use crate::scope::Scope;

impl<S, B> Transform<S, ServiceRequest> for RequestScope
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    type Response = ServiceResponse<ScopeBody<B>>;
    type Error = S::Error;
    type Transform = ScopeService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(ScopeService {
            inner,
            opener: self.opener(),
        }))
    }
}

/// A service that handles each request in a scope of its own; see [`RequestScope`].
#[derive(Debug)]
pub struct ScopeService<S> {
    inner: S,
    opener: RequestOpener,
}

impl<S, B> Service<ServiceRequest> for ScopeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    type Response = ServiceResponse<ScopeBody<B>>;
    type Error = S::Error;
    type Future = ScopeFuture<S::Future>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let mut guard = self.opener.open();
        let entered = guard.enter();
        let future = self.inner.call(request);
        entered.leave();
        ScopeFuture {
            scoped: PolledInScope::new(Some(future), Some(guard)),
        }
    }
}

pin_project! {
    /// The response of a [`ScopeService`] to come.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ScopeFuture<F> {
        #[pin]
        scoped: PolledInScope<F>,
    }
}

impl<F, B, E> Future for ScopeFuture<F>
where
    F: Future<Output = Result<ServiceResponse<B>, E>>,
{
    type Output = Result<ServiceResponse<ScopeBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut scoped = self.project().scoped;
        let poll = |future: Pin<&mut F>| future.poll(context);
        let is_done = |polled: &Poll<_>, _: &F| polled.is_ready();
        let output = ready!(scoped.as_mut().poll(Poll::Pending, poll, is_done));
        let guard = scoped.finish();
        let mut response = output?;
        let timing = guard.as_ref().and_then(RequestGuard::server_timing);
        if let Some(Ok(value)) = timing.map(HeaderValue::try_from) {
            let name = HeaderName::from_static(SERVER_TIMING);
            response.headers_mut().append(name, value);
        }
        Poll::Ready(Ok(response.map_body(|_, body| ScopeBody {
            scoped: PolledInScope::new(Some(body), guard),
        })))
    }
}

pin_project! {
    /// A response's body that is polled in the scope of its request, and ends it.
    #[derive(Debug)]
    pub struct ScopeBody<B> {
        #[pin]
        scoped: PolledInScope<B>,
    }
}

impl<B: MessageBody> MessageBody for ScopeBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.scoped.inner().map_or(BodySize::None, B::size)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let mut scoped = self.project().scoped;
        let poll = |body: Pin<&mut B>| body.poll_next(context);
        let is_done = |polled: &Poll<Option<_>>, _: &B| matches!(polled, Poll::Ready(None));
        let polled = scoped.as_mut().poll(Poll::Ready(None), poll, is_done);
        let chunk = ready!(polled);
        if chunk.is_none() {
            drop(scoped.finish());
        }
        Poll::Ready(chunk)
    }

    fn try_into_bytes(mut self) -> Result<Bytes, Self> {
        let Some(body) = self.scoped.inner_mut().take() else {
            return Ok(Bytes::new());
        };
        body.try_into_bytes().map_err(|body| {
            *self.scoped.inner_mut() = Some(body);
            self
        })
    }
}

impl FromRequest for Scope {
    type Error = MissingRequestScope;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::current().ok_or(MissingRequestScope))
    }
}

impl ResponseError for MissingRequestScope {
    fn error_response(&self) -> HttpResponse {
        HttpResponse::InternalServerError().body("Internal Server Error")
    }
}
