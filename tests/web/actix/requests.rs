//! What shares the scope of a request, what does not, and what is reported of it.

use std::sync::{Arc, Mutex};

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::rt::{System, spawn};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use diesel_identity_map::Scope;
use diesel_identity_map::web::RequestScope;

use crate::Blog;
use crate::blog::all_same;
use crate::server_timing::parts;

use super::setup::*;

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
