//! What ends the scope of a request: its body, errors, panics, and who drops it.

use std::convert::Infallible;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use axum::routing::get;
use diesel_identity_map::Scope;
use diesel_identity_map::web::RequestScope;
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::blog::all_different;
use crate::tower::{Streaming, app, request};
use crate::{Blog, keeping};

#[tokio::test]
async fn the_scope_ends_with_the_body() {
    let blog = Blog::new();
    let stream = {
        let blog = blog.clone();
        async move || {
            blog.watch();
            Response::new(Streaming::body(&blog, 2))
        }
    };
    let stream = app(keeping(), stream);

    let mut sent = stream.clone().oneshot(request()).await.unwrap();
    sent.body_mut().frame().await.unwrap().unwrap();
    sent.body_mut().frame().await.unwrap().unwrap();
    drop(blog.left());
    assert!(blog.is_kept(), "its last frame was not known to be so");
    assert!(sent.body_mut().frame().await.is_none());
    assert!(!blog.is_kept(), "sent, though not dropped yet");
    assert!(sent.body().is_end_stream());

    let mut dropped = stream.oneshot(request()).await.unwrap();
    dropped.body_mut().frame().await.unwrap().unwrap();
    drop(blog.left());
    assert!(blog.is_kept());
    drop(dropped);
    assert!(!blog.is_kept());

    let empty = {
        let blog = blog.clone();
        async move || {
            blog.watch();
            Response::new(Body::empty())
        }
    };
    let empty = app(keeping(), empty).oneshot(request()).await.unwrap();
    assert!(empty.body().is_end_stream());
    assert!(blog.is_kept());
    drop(empty);
    assert!(!blog.is_kept());
}

#[tokio::test]
async fn the_scope_ends_with_the_last_frame_where_it_is_known() {
    let blog = Blog::new();
    let service = keeping().layer(service_fn(async |_: Request<Body>| {
        blog.watch();
        let full = http_body_util::Full::new(Bytes::from_static(b"12345"));
        Ok::<_, Infallible>(Response::new(full))
    }));
    let mut response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(5));
    assert!(!response.body().is_end_stream());
    response.body_mut().frame().await.unwrap().unwrap();
    assert!(!blog.is_kept());
    assert!(response.body().is_end_stream());
}

#[tokio::test]
async fn an_error_ends_the_scope() {
    let blog = Blog::new();
    let mut service = keeping().layer(service_fn(async |_: Request<Body>| {
        blog.watch();
        tokio::task::yield_now().await;
        assert!(blog.is_kept());
        Err::<Response<Body>, _>("no")
    }));
    let mut response = pin!(service.call(request()));
    assert!(response.as_mut().await.is_err());
    assert!(!blog.is_kept(), "while the future is still there");
}

#[tokio::test]
async fn a_panic_ends_the_scope() {
    let blog = Blog::new();
    let held: Arc<Mutex<Option<Scope>>> = Arc::default();
    let handler = {
        let (blog, held) = (blog.clone(), held.clone());
        async move |scope: Scope| -> Response<Body> {
            *held.lock().unwrap() = Some(scope);
            blog.watch();
            panic!("on purpose");
        }
    };
    let app = Router::new().route("/", get(handler)).layer(keeping());
    let panicked = tokio::spawn(app.clone().oneshot(request())).await;
    assert!(panicked.unwrap_err().is_panic());
    assert!(!blog.is_kept());

    // Caught where the future is not dropped, as middleware that catches panics may do.
    let mut response = pin!(app.oneshot(request()));
    let mut context = Context::from_waker(Waker::noop());
    let poll = AssertUnwindSafe(|| response.as_mut().poll(&mut context).is_ready());
    assert!(catch_unwind(poll).is_err());
    assert!(!blog.is_kept(), "while the future is still there");
    assert_eq!(Scope::current(), None);
}

/// What is left of who panicked is in the ended scope: neither in an outer one nor in none.
#[test]
fn what_a_panic_leaves_behind() {
    struct Panics(Arc<Mutex<Option<Scope>>>);
    impl Future for Panics {
        type Output = Result<Response<Body>, Infallible>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            panic!("on purpose")
        }
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = Scope::current();
        }
    }

    let (blog, dropped_in) = (Blog::new(), Arc::default());
    let outer = Scope::new();
    let entered = outer.enter();
    let mut service = keeping().layer(service_fn(|_: Request<Body>| {
        Panics(Arc::clone(&dropped_in))
    }));
    let mut response = Box::pin(service.call(request()));
    let mut context = Context::from_waker(Waker::noop());
    let poll = AssertUnwindSafe(|| response.as_mut().poll(&mut context).is_ready());
    assert!(catch_unwind(poll).is_err());
    drop(response);
    drop(entered);
    let scope = dropped_in.lock().unwrap().take().expect("a scope");
    assert_ne!(scope, outer);
    scope.in_scope(|| (blog.leave(), blog.leave()));
    assert!(all_different(&blog.left()));
}

#[tokio::test]
async fn a_panic_in_the_body_ends_the_scope() {
    struct Panics;
    impl http_body::Body for Panics {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            panic!("on purpose");
        }
    }
    let blog = Blog::new();
    let service = keeping().layer(service_fn(async |_: Request<Body>| {
        blog.watch();
        Ok::<_, Infallible>(Response::new(Panics))
    }));
    let mut response = service.oneshot(request()).await.unwrap();
    assert!(blog.is_kept());
    let mut context = Context::from_waker(Waker::noop());
    let body = Pin::new(response.body_mut());
    let poll = AssertUnwindSafe(|| body.poll_frame(&mut context).is_ready());
    assert!(catch_unwind(poll).is_err());
    assert!(!blog.is_kept());
}

#[tokio::test]
async fn a_handler_that_is_dropped_ends_the_scope() {
    let blog = Blog::new();
    let handler = {
        let blog = blog.clone();
        async move || {
            blog.watch();
            pending::<Response<Body>>().await
        }
    };
    let mut response = Box::pin(app(keeping(), handler).oneshot(request()));
    let once = poll_fn(|context| Poll::Ready(response.as_mut().poll(context).is_pending()));
    assert!(once.await);
    assert!(blog.is_kept());
    drop(response);
    assert!(!blog.is_kept());
}

#[tokio::test]
async fn it_is_dropped_in_the_scope() {
    struct Tells(Arc<Mutex<Option<Scope>>>);
    impl Drop for Tells {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = Scope::current();
        }
    }
    let seen: Arc<Mutex<Option<Scope>>> = Arc::default();
    let tells = || Tells(seen.clone());
    let service = RequestScope::new().layer(service_fn(async |_: Request<Body>| {
        let _tells = tells();
        pending::<Result<Response<Body>, Infallible>>().await
    }));
    let mut response = Box::pin(service.oneshot(request()));
    let once = poll_fn(|context| Poll::Ready(response.as_mut().poll(context).is_pending()));
    assert!(once.await);
    drop(response);
    assert!(seen.lock().unwrap().take().is_some());
    assert_eq!(Scope::current(), None);
}

#[tokio::test]
async fn a_handle_that_outlives_the_request_is_to_an_ended_scope() {
    let blog = Blog::new();
    let held: Arc<Mutex<Option<Scope>>> = Arc::default();
    let handler = {
        let (blog, held) = (blog.clone(), held.clone());
        async move |scope: Scope| {
            assert_eq!(Scope::current(), Some(scope.clone()));
            blog.watch();
            *held.lock().unwrap() = Some(scope);
        }
    };
    let app = Router::new().route("/", get(handler)).layer(keeping());
    let response = app.oneshot(request()).await.unwrap();
    let scope = held.lock().unwrap().take().unwrap();
    scope.in_scope(|| blog.leave());
    assert!(blog.is_kept(), "the body is not sent yet");
    drop(response);
    scope.in_scope(|| (blog.leave(), blog.leave()));
    assert!(all_different(&blog.left()));
    assert_eq!(scope.stats().alive, 0);

    let first_used_late = Scope::new();
    first_used_late.end();
    first_used_late.in_scope(|| (blog.leave(), blog.leave()));
    assert!(all_different(&blog.left()));
}
