//! The header, as browsers read it.

use axum::Router;
use axum::http::HeaderValue;
use axum::response::IntoResponse;
use axum::routing::get;
use diesel_identity_map::web::RequestScope;
use tower::ServiceExt;

use crate::Blog;
use crate::tower::{Streaming, request};

/// `total;dur=<milliseconds>, db;dur=<milliseconds>, idmap;desc="<counts>"`, taken apart.
pub(crate) fn parts(header: &str) -> ([f64; 2], &str) {
    let [total, database, idmap] = *header.split(", ").collect::<Vec<_>>() else {
        panic!("{header}");
    };
    let total = total.strip_prefix("total;dur=").unwrap().parse();
    let database = database.strip_prefix("db;dur=").unwrap().parse();
    let counts = idmap.strip_prefix("idmap;desc=\"").unwrap();
    let counts = counts.strip_suffix('"').unwrap();
    ([total.unwrap(), database.unwrap()], counts)
}

fn app(layer: RequestScope) -> Router {
    let blog = Blog::new();
    let handler = async move || {
        let _held = (blog.posts(), blog.post());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        // What the body loads comes too late for the head.
        ([("server-timing", "cdn;dur=1")], Streaming::body(&blog, 2)).into_response()
    };
    Router::new().route("/", get(handler)).layer(layer)
}

#[tokio::test]
async fn it_is_added_to_the_one_that_is_there() {
    let app = app(RequestScope::new().server_timing(true));
    let response = app.oneshot(request()).await.unwrap();
    let headers: Vec<&HeaderValue> = response.headers().get_all("server-timing").iter().collect();
    assert_eq!(headers.len(), 2);
    assert_eq!(headers[0], "cdn;dur=1");
    let ([total, database], counts) = parts(headers[1].to_str().unwrap());
    assert!((20.0..10_000.0).contains(&total), "{total}");
    assert!(
        database > 0.0 && database < total - 20.0,
        "{database} of {total}"
    );
    assert_eq!(counts, "hits=1 misses=3 statements=1");
}

#[tokio::test]
async fn it_is_off_unless_asked_for() {
    let response = app(RequestScope::new()).oneshot(request()).await.unwrap();
    assert_eq!(response.headers()["server-timing"], "cdn;dur=1");
    assert_eq!(
        response.headers().get_all("server-timing").iter().count(),
        1
    );
}
