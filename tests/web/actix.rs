//! The middleware of actix-web.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::rt::time::{Sleep, sleep};
use actix_web::rt::{System, spawn};
use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer, error};
use diesel_identity_map::Scope;
use diesel_identity_map::web::RequestScope;

use crate::blog::{all_different, all_same};
use crate::server_timing::parts;
use crate::socket::{ask, ended, read_until};
use crate::{Blog, keeping};

/// A service of one handler.
macro_rules! serve {
    ($layer:expr, $handler:expr) => {
        init_service(App::new().wrap($layer).route("/", web::get().to($handler))).await
    };
}

macro_rules! request {
    () => {
        TestRequest::get().to_request()
    };
}

struct Streaming {
    blog: Blog,
    chunks: usize,
    then: Then,
}

/// What follows the chunks that load.
enum Then {
    Ends,
    Stalls,
    /// More chunks, as long as they are taken.
    GoesOn(Pin<Box<Sleep>>),
}

impl Streaming {
    fn of(blog: Blog, chunks: usize) -> Self {
        Self {
            blog,
            chunks,
            then: Then::Ends,
        }
    }
}

impl MessageBody for Streaming {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let chunk = Bytes::from_static(b"a post\n");
        if self.chunks > 0 {
            self.chunks -= 1;
            self.blog.leave();
            return Poll::Ready(Some(Ok(chunk)));
        }
        match &mut self.then {
            Then::Ends => Poll::Ready(None),
            Then::Stalls => Poll::Pending,
            Then::GoesOn(pause) => {
                ready!(pause.as_mut().poll(context));
                pause.set(sleep(Duration::from_millis(1)));
                Poll::Ready(Some(Ok(chunk)))
            }
        }
    }
}

async fn next<B: MessageBody + Unpin>(body: &mut B) -> Option<Bytes> {
    let chunk = poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await;
    chunk.map(|chunk| chunk.ok().unwrap())
}

#[test]
fn one_request_shares_and_two_never_do() {
    System::new().block_on(async {
        let blog = Blog::new();
        let handler = {
            let blog = blog.clone();
            move || {
                let blog = blog.clone();
                async move {
                    blog.leave();
                    tokio::task::yield_now().await;
                    blog.leave();
                    HttpResponse::Ok().body("done")
                }
            }
        };
        let app = serve!(RequestScope::new(), handler);
        let response = call_service(&app, request!()).await;
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), "done");
        let first = blog.left();
        call_service(&app, request!()).await;
        let second = blog.left();
        assert!(all_same(&first) && all_same(&second));
        assert!(!Arc::ptr_eq(&first[0], &second[0]));
    });
}

#[test]
fn a_body_that_loads_while_it_streams_is_in_the_scope_and_ends_it() {
    System::new().block_on(async {
        let blog = Blog::new();
        let handler = {
            let blog = blog.clone();
            move || {
                blog.leave();
                blog.watch();
                let blog = blog.clone();
                async move { HttpResponse::Ok().body(Streaming::of(blog, 2)) }
            }
        };
        let app = serve!(keeping(), handler);
        let mut body = Box::pin(call_service(&app, request!()).await.into_body());
        while next(&mut body).await.is_some() {
            assert!(blog.is_kept());
        }
        let left = blog.left();
        assert_eq!(left.len(), 3);
        assert!(all_same(&left));
        drop(left);
        assert!(!blog.is_kept(), "sent, though not dropped yet");

        // The client goes away in the middle.
        let mut body = Box::pin(call_service(&app, request!()).await.into_body());
        assert!(next(&mut body).await.is_some());
        blog.left();
        assert!(blog.is_kept());
        drop(body);
        assert!(!blog.is_kept());
    });
}

/// actix-web takes such a body out as a whole and never polls it.
#[test]
fn a_body_that_is_there_at_once_ends_the_scope() {
    System::new().block_on(async {
        let blog = Blog::new();
        let handler = {
            let blog = blog.clone();
            move || {
                blog.watch();
                async { HttpResponse::Ok().body("12345") }
            }
        };
        let app = serve!(keeping(), handler);
        let body = call_service(&app, request!()).await.into_body();
        assert_eq!(body.size(), BodySize::Sized(5));
        assert!(blog.is_kept());
        assert_eq!(body.try_into_bytes().ok().unwrap(), "12345");
        assert!(!blog.is_kept());

        let streaming = {
            let blog = blog.clone();
            move || {
                let blog = blog.clone();
                async move { HttpResponse::Ok().body(Streaming::of(blog, 1)) }
            }
        };
        let app = serve!(keeping(), streaming);
        let body = call_service(&app, request!()).await.into_body();
        let mut body = Box::pin(body.try_into_bytes().err().unwrap());
        assert_eq!(next(&mut body).await.unwrap(), "a post\n");
    });
}

#[test]
fn errors_panics_and_disconnects_end_the_scope() {
    System::new().block_on(async {
        let blog = Blog::new();
        let failing = App::new()
            .wrap_fn({
                let blog = blog.clone();
                move |_, _| {
                    blog.watch();
                    async { Err::<ServiceResponse, _>(error::ErrorImATeapot("no")) }
                }
            })
            .wrap(keeping());
        let app = init_service(failing.route("/", web::get().to(HttpResponse::Ok))).await;
        let _error = try_call_service(&app, request!()).await.unwrap_err();
        assert!(!blog.is_kept());

        let panics = {
            let blog = blog.clone();
            move || {
                blog.watch();
                async { panic!("on purpose") as HttpResponse }
            }
        };
        let app = serve!(keeping(), panics);
        let panicked = spawn(app.call(request!())).await;
        assert!(panicked.unwrap_err().is_panic());
        assert!(!blog.is_kept());

        let slow = {
            let blog = blog.clone();
            move || {
                blog.watch();
                pending::<HttpResponse>()
            }
        };
        let app = serve!(keeping(), slow);
        let mut response = Box::pin(app.call(request!()));
        let once = poll_fn(|context| Poll::Ready(response.as_mut().poll(context).is_pending()));
        assert!(once.await);
        assert!(blog.is_kept());
        drop(response);
        assert!(!blog.is_kept());
        assert_eq!(Scope::current(), None);
    });
}

/// Over TCP. Unless it is told otherwise, actix-web learns of it as it writes.
#[test]
fn a_client_that_leaves_in_the_middle_of_the_body() {
    leaves(true, || Then::GoesOn(Box::pin(sleep(Duration::ZERO))));
    leaves(false, || Then::Stalls);
}

fn leaves(half_closed: bool, then: fn() -> Then) {
    System::new().block_on(async {
        let blog = Blog::new();
        let held: Arc<Mutex<Vec<Scope>>> = Arc::default();
        let handler = {
            let (blog, held) = (blog.clone(), held.clone());
            move |scope: Scope| {
                held.lock().unwrap().push(scope);
                blog.watch();
                let body = Streaming {
                    then: then(),
                    ..Streaming::of(blog.clone(), 1)
                };
                async { HttpResponse::Ok().body(body) }
            }
        };
        let app = move || {
            let handler = handler.clone();
            App::new()
                .wrap(keeping())
                .route("/", web::get().to(handler))
        };
        let server = HttpServer::new(app)
            .workers(1)
            .disable_signals()
            .h1_allow_half_closed(half_closed)
            .bind(("127.0.0.1", 0))
            .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        spawn(server);
        let mut client = ask(address, "/").await;
        read_until(&mut client, "a post").await;
        drop(blog.left());
        assert!(blog.is_kept());
        drop(client);
        ended(&blog, &held).await;
        handle.stop(false).await;
    });
}

#[test]
fn a_handle_that_outlives_the_request_is_to_an_ended_scope() {
    System::new().block_on(async {
        let blog = Blog::new();
        let held: Arc<Mutex<Option<Scope>>> = Arc::default();
        let handler = {
            let (blog, held) = (blog.clone(), held.clone());
            move |scope: Scope| {
                blog.leave();
                *held.lock().unwrap() = Some(scope);
                async { HttpResponse::Ok().finish() }
            }
        };
        let app = serve!(keeping(), handler);
        drop(call_service(&app, request!()).await);
        let scope = held.lock().unwrap().take().unwrap();
        scope.in_scope(|| (blog.leave(), blog.leave()));
        let left = blog.left();
        assert_eq!(left.len(), 3);
        assert!(all_different(&left));

        let bare = App::new().route("/", web::get().to(async |_: Scope| "never"));
        let response = call_service(&init_service(bare).await, request!()).await;
        assert_eq!(response.status(), 500);
    });
}

#[test]
fn nested_middleware() {
    System::new().block_on(async {
        let seen: Arc<Mutex<Vec<Scope>>> = Arc::default();
        let see = {
            let seen = seen.clone();
            move || seen.lock().unwrap().push(Scope::current().unwrap())
        };
        let handler = {
            let see = see.clone();
            move |scope: Scope| {
                see();
                assert_eq!(Scope::current(), Some(scope));
                async { HttpResponse::Ok().finish() }
            }
        };
        let app = App::new()
            .wrap(RequestScope::new())
            .wrap_fn(move |request, inner| {
                see();
                let response = inner.call(request);
                let see = see.clone();
                async move {
                    let response = response.await;
                    see();
                    response
                }
            })
            .wrap(RequestScope::new())
            .route("/", web::get().to(handler));
        call_service(&init_service(app).await, request!()).await;
        let seen = seen.lock().unwrap();
        let [before, inner, after] = &seen[..] else {
            panic!("{seen:?}")
        };
        assert!(before == after && before != inner);
    });
}

#[test]
fn server_timing_is_added() {
    System::new().block_on(async {
        let blog = Blog::new();
        let handler = move || {
            let _held = (blog.posts(), blog.post());
            async {
                HttpResponse::Ok()
                    .insert_header(("server-timing", "cdn;dur=1"))
                    .finish()
            }
        };
        let app = serve!(RequestScope::new().server_timing(true), handler.clone());
        let response = call_service(&app, request!()).await;
        let mut headers = response.headers().get_all("server-timing");
        assert_eq!(headers.next().unwrap(), "cdn;dur=1");
        let (_, counts) = parts(headers.next().unwrap().to_str().unwrap());
        assert_eq!(counts, "hits=1 misses=3 statements=1");

        let app = serve!(RequestScope::new(), handler);
        let response = call_service(&app, request!()).await;
        assert_eq!(response.headers().get_all("server-timing").count(), 1);
    });
}

#[test]
fn blocking_code_and_spawned_tasks() {
    System::new().block_on(async {
        let handler = || async {
            let here = Scope::current();
            assert!(here.is_some());
            assert_eq!(spawn(async { Scope::current() }).await.unwrap(), None);
            assert_eq!(web::block(Scope::current).await.unwrap(), None);
            let carried = web::block(Scope::carry(Scope::current)).await.unwrap();
            assert_eq!(carried, here);
            HttpResponse::Ok().finish()
        };
        let app = serve!(RequestScope::new(), handler);
        assert_eq!(call_service(&app, request!()).await.status(), 200);
    });
}
