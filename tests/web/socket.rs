//! Over TCP: a client that reads to the end, and clients that go away.

use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Response;
use axum::routing::get;
use diesel_identity_map::Scope;
use http_body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::blog::all_different;
use crate::tower::Streaming;
use crate::{Blog, keeping};

/// A first frame, and then nothing for ever.
struct Stalls(bool);

impl http_body::Body for Stalls {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"first")))))
    }
}

/// Serves on a port of its own, and keeps a handle to the scope of each request.
async fn serve(blog: &Blog) -> (SocketAddr, Arc<Mutex<Vec<Scope>>>) {
    let held: Arc<Mutex<Vec<Scope>>> = Arc::default();
    let route = |body: fn(&Blog) -> Body| {
        let (blog, held) = (blog.clone(), held.clone());
        get(async move |scope: Scope| {
            held.lock().unwrap().push(scope);
            blog.watch();
            Response::new(body(&blog))
        })
    };
    let slow = {
        let (blog, held) = (blog.clone(), held.clone());
        async move |scope: Scope| {
            held.lock().unwrap().push(scope);
            blog.watch();
            pending::<()>().await;
        }
    };
    let app = Router::new()
        .route("/whole", route(|_| Body::from("whole")))
        .route("/stream", route(|blog| Streaming::body(blog, 3)))
        .route("/stalls", route(|_| Body::new(Stalls(false))))
        .route("/slow", get(slow))
        .layer(keeping());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, held)
}

pub(crate) async fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut client = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    client
}

/// Reads until the response shows `text`.
pub(crate) async fn read_until(client: &mut TcpStream, text: &str) {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        let more = tokio::time::timeout(Duration::from_secs(5), client.read_buf(&mut read)).await;
        assert!(more.is_ok_and(|more| more.unwrap() > 0), "{read:?}");
    }
}

/// Waits for the server to get to it.
pub(crate) async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not after five seconds: {what}");
}

/// The scope of the last request is empty and closed, whoever holds it.
pub(crate) async fn ended(blog: &Blog, held: &Mutex<Vec<Scope>>) {
    until("the scope ends", || {
        drop(blog.left());
        !blog.is_kept()
    })
    .await;
    let scope = held.lock().unwrap().last().unwrap().clone();
    scope.in_scope(|| (blog.leave(), blog.leave()));
    assert!(all_different(&blog.left()));
}

#[tokio::test]
async fn a_body_that_was_sent() {
    let blog = Blog::new();
    let (address, held) = serve(&blog).await;
    // The connection stays open: it is not what ends the scope.
    let mut client = ask(address, "/whole").await;
    read_until(&mut client, "whole").await;
    ended(&blog, &held).await;

    let mut client = ask(address, "/stream").await;
    read_until(&mut client, "\r\n0\r\n").await;
    ended(&blog, &held).await;
}

/// hyper answers with the head alone, and never polls the body.
#[tokio::test]
async fn a_body_that_nobody_asked_for() {
    let blog = Blog::new();
    let (address, held) = serve(&blog).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let request = b"HEAD /whole HTTP/1.1\r\nhost: localhost\r\n\r\n";
    client.write_all(request).await.unwrap();
    read_until(&mut client, "content-length: 5").await;
    ended(&blog, &held).await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_the_body() {
    let blog = Blog::new();
    let (address, held) = serve(&blog).await;
    let mut client = ask(address, "/stalls").await;
    read_until(&mut client, "first").await;
    assert!(blog.is_kept());
    drop(client);
    ended(&blog, &held).await;
}

#[tokio::test]
async fn a_client_that_leaves_before_there_is_an_answer() {
    let blog = Blog::new();
    let (address, held) = serve(&blog).await;
    let client = ask(address, "/slow").await;
    until("the handler runs", || !held.lock().unwrap().is_empty()).await;
    until("it loads", || blog.is_kept()).await;
    drop(client);
    ended(&blog, &held).await;
}
