//! When the scope of a request ends: with its body, an error, a panic, or the client.

use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::rt::time::sleep;
use actix_web::rt::{System, spawn};
use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
use actix_web::{App, HttpResponse, HttpServer, error, web};
use diesel_identity_map::Scope;

use crate::blog::{all_different, all_same};
use crate::socket::{ask, ended, read_until};
use crate::{Blog, keeping};

use super::setup::*;

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
