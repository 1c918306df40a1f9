//! The layer around axum handlers and bare services.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use diesel_identity_map::web::{MissingRequestScope, RequestScope};
use diesel_identity_map::{Peers, Scope};
use http_body::Frame;
use http_body_util::BodyExt;
use tower::buffer::Buffer;
use tower::{Layer, ServiceExt, service_fn};

use crate::blog::all_same;
use crate::{Blog, keeping};

pub(crate) fn request() -> Request<Body> {
    Request::new(Body::empty())
}

/// A body of `frames` which loads while it is sent, and is not ready every other time.
pub(crate) struct Streaming {
    pub(crate) blog: Blog,
    pub(crate) frames: usize,
    pub(crate) ready: bool,
}

impl http_body::Body for Streaming {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.ready = !self.ready;
        if !self.ready {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.frames == 0 {
            return Poll::Ready(None);
        }
        self.frames -= 1;
        self.blog.leave();
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"a post\n")))))
    }
}

impl Streaming {
    pub(crate) fn body(blog: &Blog, frames: usize) -> Body {
        Body::new(Self {
            blog: blog.clone(),
            frames,
            ready: true,
        })
    }
}

/// An application of one handler.
pub(crate) fn app<F, Fut>(layer: RequestScope, handler: F) -> Router
where
    F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Body>> + Send,
{
    Router::new().route("/", get(handler)).layer(layer)
}

#[tokio::test]
async fn one_request_shares_and_two_never_do() {
    let blog = Blog::new();
    let handler = {
        let blog = blog.clone();
        async move || {
            blog.leave();
            tokio::task::yield_now().await;
            blog.leave();
            Response::new(Body::from("done"))
        }
    };
    let app = app(RequestScope::new(), handler);
    app.clone().oneshot(request()).await.unwrap();
    let first = blog.left();
    app.oneshot(request()).await.unwrap();
    let second = blog.left();
    assert!(all_same(&first) && all_same(&second));
    assert!(!Arc::ptr_eq(&first[0], &second[0]));
}

#[tokio::test]
async fn two_requests_at_once_keep_apart_on_one_thread() {
    let blog = Blog::new();
    let handler = {
        let blog = blog.clone();
        async move || {
            for _ in 0..3 {
                blog.leave();
                tokio::task::yield_now().await;
            }
            Response::new(Body::empty())
        }
    };
    let app = app(RequestScope::new(), handler);
    let (one, two) = tokio::join!(
        app.clone().oneshot(request()),
        app.clone().oneshot(request())
    );
    drop((one.unwrap(), two.unwrap()));
    let left = blog.left();
    let (one, two): (Vec<_>, Vec<_>) = left.iter().partition(|post| Arc::ptr_eq(post, &left[0]));
    assert_eq!((one.len(), two.len()), (3, 3));
    assert!(two.iter().all(|post| Arc::ptr_eq(post, two[0])));
    // They were polled in turns, or this would show nothing.
    assert!(!all_same(&left[..3]));
}

#[tokio::test]
async fn a_body_that_loads_while_it_streams_is_in_the_scope() {
    let blog = Blog::new();
    let handler = {
        let blog = blog.clone();
        async move || {
            blog.leave();
            Response::new(Streaming::body(&blog, 3))
        }
    };
    let response = app(RequestScope::new(), handler).oneshot(request()).await;
    let body = response.unwrap().into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes().len(), 3 * 7);
    let left = blog.left();
    assert_eq!(left.len(), 4);
    assert!(all_same(&left));
    assert_eq!(Scope::current(), None);
}

#[tokio::test]
async fn the_extractor_without_the_layer() {
    let app = Router::new()
        .route("/", get(async |_: Scope| "never"))
        .route(
            "/optional",
            get(async |scope: Option<Scope>| scope.is_some().to_string()),
        );
    let response = app.clone().oneshot(request()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let mut request = request();
    *request.uri_mut() = "/optional".parse().unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "false"
    );
}

/// tower's `Buffer` calls a service in a task of its own, but polls what comes of it in the request's.
#[tokio::test]
async fn the_extractor_behind_a_buffer() {
    let handler = async |scope: Scope| assert_eq!(Scope::current(), Some(scope));
    let app = Router::new().route("/", get(handler));
    let service = RequestScope::new().layer(Buffer::new(app, 1));
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

/// A layer in between that spawns a task for each request: loads would be in no scope.
#[tokio::test]
async fn the_extractor_in_a_task_of_its_own() {
    let app = Router::new().route("/", get(async |_: Scope| "never"));
    let spawns = service_fn(async |request: Request<Body>| {
        tokio::spawn(app.clone().oneshot(request)).await.unwrap()
    });
    let service = RequestScope::new().layer(spawns);
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let missing = response.extensions().get::<MissingRequestScope>();
    assert!(missing.is_some());
}

/// A request's scope is made when it is first used, and is the same from then on.
#[tokio::test]
async fn the_first_use_is_not_the_first_poll() {
    let blog = Blog::new();
    let handler = {
        let blog = blog.clone();
        async move || {
            tokio::task::yield_now().await;
            let scope = Scope::current();
            blog.leave();
            tokio::task::yield_now().await;
            assert_eq!(Scope::current(), scope);
            Response::new(Streaming::body(&blog, 2))
        }
    };
    let response = app(RequestScope::new(), handler).oneshot(request()).await;
    let body = response.unwrap().into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes().len(), 2 * 7);
    let left = blog.left();
    assert_eq!(left.len(), 3);
    assert!(all_same(&left));
}

/// A body may be the first who uses it.
#[tokio::test]
async fn the_first_use_is_while_the_body_streams() {
    let blog = Blog::new();
    let handler = {
        let blog = blog.clone();
        async move || Response::new(Streaming::body(&blog, 3))
    };
    let response = app(RequestScope::new(), handler).oneshot(request()).await;
    drop(response.unwrap().into_body().collect().await.unwrap());
    let left = blog.left();
    assert_eq!(left.len(), 3);
    assert!(all_same(&left));
}

#[tokio::test]
async fn options_reach_the_scope() {
    let seen = Mutex::new(String::new());
    let see = async |_: Request<Body>| {
        *seen.lock().unwrap() = format!("{:?}", Scope::current().unwrap());
        Ok::<_, Infallible>(Response::new(Body::empty()))
    };
    let builder = Scope::builder().peers(Peers::Forbidden);
    keeping()
        .layer(service_fn(see))
        .oneshot(request())
        .await
        .unwrap();
    assert!(seen.lock().unwrap().contains("UntilScopeEnds"));
    let replaced = keeping().scope(builder);
    replaced
        .layer(service_fn(see))
        .oneshot(request())
        .await
        .unwrap();
    assert!(seen.lock().unwrap().contains("WhileHeld"));
}

#[tokio::test]
async fn what_a_service_does_before_its_future_is_in_the_scope() {
    let service = RequestScope::new().layer(service_fn(|_: Request<Body>| {
        let called = Scope::current();
        async move {
            assert!(called.is_some());
            assert_eq!(Scope::current(), called);
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    }));
    service.oneshot(request()).await.unwrap();
}
