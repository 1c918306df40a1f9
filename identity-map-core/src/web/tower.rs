//! [`RequestScope`] as a `tower::Layer`: for axum, tonic, and whatever else is made of tower's
//! services and `http`'s requests.
//!
//! ```
//! # include!("../doctest_setup.rs");
//! use axum::{Router, routing::get};
//! use diesel_identity_map::web::RequestScope;
//!
//! async fn titles() -> String {
//! #   let mut conn = blog();
//!     let conn = &mut conn; // from your pool
//!     let posts: Vec<Arc<Post>> = Post::cached().load(conn).unwrap();
//!     let again = Post::cached().find(1).first(conn).unwrap(); // sends nothing
//!     assert!(Arc::ptr_eq(&posts[0], &again));
//!     posts.iter().map(|post| format!("{}\n", post.title)).collect()
//! }
//!
//! # fn main() {
//! let app: Router = Router::new()
//!     .route("/", get(titles))
//!     .layer(RequestScope::new().server_timing(true)); // after the routes that it is to cover
//! # use tower::ServiceExt;
//! # let request = axum::http::Request::new(axum::body::Body::empty());
//! # let response = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(app.oneshot(request)).unwrap();
//! # assert!(response.headers()["server-timing"].to_str().unwrap().contains("hits=1 misses=3 statements=1"));
//! # }
//! ```
//!
//! In tonic it is `Server::builder().layer(RequestScope::new())`. A handler that wants a handle has it
//! by [`Scope::current`](crate::Scope::current).
//!
//! A request that does not use its scope does not make one: the layer allocates nothing for it, but
//! what `Server-Timing` takes.
//!
//! Blocking code in a `spawn_blocking` needs [`Scope::carry`](crate::Scope::carry). Put this layer inside
//! one that spawns a task for each request: outside, the task would have no scope, as axum's extractor says.
//! (tower's `Buffer` spawns none for a request. It calls the service in a task of its own, so what runs in
//! `call` itself, as an interceptor of tonic does, has no scope there; what that returns has.)

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::RequestScope;
use super::poll_in_scope::PolledInScope;
use super::request_end::RequestGuard;
use super::request_start::RequestOpener;
use super::server_timing::SERVER_TIMING;

impl<S> Layer<S> for RequestScope {
    type Service = ScopeService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ScopeService {
            inner,
            opener: self.opener(),
        }
    }
}

/// A service that handles each request in a scope of its own; see [`RequestScope`].
#[derive(Debug, Clone)]
pub struct ScopeService<S> {
    inner: S,
    opener: RequestOpener,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ScopeService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Body,
{
    type Response = Response<ScopeBody<ResBody>>;
    type Error = S::Error;
    type Future = ScopeFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
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
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ScopeBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut scoped = self.project().scoped;
        let poll = |future: Pin<&mut F>| {
            let polled = future.poll(context);
            polled.map_ok(|response| response.map(ScopeBody::of))
        };
        let is_done = |polled: &Poll<_>, _: &F| polled.is_ready();
        let mut polled = scoped.as_mut().poll(Poll::Pending, poll, is_done);
        if polled.is_ready() {
            let guard = scoped.finish();
            if let Poll::Ready(Ok(response)) = &mut polled {
                let timing = guard.as_ref().and_then(RequestGuard::server_timing);
                if let Some(Ok(value)) = timing.map(HeaderValue::try_from) {
                    response.headers_mut().append(SERVER_TIMING, value);
                }
                response.body_mut().scoped.set_guard(guard);
            }
        }
        polled
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

impl<B: Body> ScopeBody<B> {
    /// Is called in the scope, and drops a body there of which nothing will be read.
    fn of(body: B) -> Self {
        let unread = (!body.is_end_stream()).then_some(body);
        Self {
            scoped: PolledInScope::new(unread, None),
        }
    }
}

impl<B: Body> Body for ScopeBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut scoped = self.project().scoped;
        let poll = |body: Pin<&mut B>| body.poll_frame(context);
        // After the last frame hyper may keep the body until the connection takes more.
        let is_done = |polled: &Poll<Option<_>>, body: &B| match polled {
            Poll::Ready(frame) => frame.is_none() || body.is_end_stream(),
            Poll::Pending => false,
        };
        let polled = scoped.as_mut().poll(Poll::Ready(None), poll, is_done);
        if scoped.inner().is_none() {
            drop(scoped.finish());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.scoped.inner().is_none_or(B::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let done = || SizeHint::with_exact(0);
        self.scoped.inner().map_or_else(done, B::size_hint)
    }
}

impl<B: Default> Default for ScopeBody<B> {
    /// A body in no scope, for middleware that answers by itself.
    fn default() -> Self {
        Self {
            scoped: PolledInScope::new(Some(B::default()), None),
        }
    }
}
