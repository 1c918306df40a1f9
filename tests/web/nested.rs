//! A layer inside a layer.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use diesel_identity_map::Scope;
use diesel_identity_map::web::RequestScope;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::tower::request;
use crate::{Blog, keeping};

type Scopes = Arc<Mutex<Vec<Scope>>>;

#[tokio::test]
async fn the_inner_scope_shadows_and_leaving_it_brings_the_outer_one_back() {
    let blog = Blog::new();
    let seen: Scopes = Arc::default();
    let see = {
        let seen = seen.clone();
        move |scope: Option<Scope>| seen.lock().unwrap().push(scope.unwrap())
    };
    let handler = {
        let (see, blog) = (see.clone(), blog.clone());
        async move |scope: Scope| {
            see(Some(scope));
            see(Scope::current());
            blog.leave();
        }
    };
    let between = {
        let (see, blog) = (see.clone(), blog.clone());
        move |request: Request, next: Next| {
            let (see, blog) = (see.clone(), blog.clone());
            async move {
                see(Scope::current());
                blog.leave();
                let response = next.run(request).await;
                see(Scope::current());
                blog.leave();
                let response = response.into_body().collect().await.unwrap();
                blog.leave();
                Body::from(response.to_bytes())
            }
        }
    };
    let app = Router::new()
        .route("/", get(handler))
        .layer(RequestScope::new())
        .layer(from_fn(between))
        .layer(keeping());
    app.oneshot(request()).await.unwrap();

    let seen = seen.lock().unwrap();
    let [before, extracted, inner, after] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert!(before == after && extracted == inner && before != inner);
    let left = blog.left();
    let [before, inner, after, emptied] = &left[..] else {
        panic!("{left:?}")
    };
    assert!(Arc::ptr_eq(before, after) && !Arc::ptr_eq(before, inner));
    assert!(
        Arc::ptr_eq(after, emptied),
        "the end of the inner one leaves the outer one whole"
    );
}
