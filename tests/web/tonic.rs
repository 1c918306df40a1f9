//! The layer around a gRPC service of tonic, over TCP.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::http;
use axum::http::uri::PathAndQuery;
use bytes::{Buf, BufMut};
use diesel_identity_map::Scope;
use diesel_identity_map::web::RequestScope;
use futures_core::Stream;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::NamedService;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Response, Status, Streaming};
use tower::{Service, service_fn};

use crate::blog::all_same;
use crate::socket::{ended, until};
use crate::{Blog, keeping};

/// Messages that are text, and no protobuf.
#[derive(Clone, Copy, Default)]
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, text: String, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(text.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = from.copy_to_bytes(from.remaining());
        let text = String::from_utf8(bytes.to_vec());
        text.map(Some).map_err(|_| Status::internal("no text"))
    }
}

/// Messages that load while they are sent; after the last one it stalls if it is told to.
struct Messages {
    blog: Blog,
    left: usize,
    stalls: bool,
}

impl Stream for Messages {
    type Item = Result<String, Status>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left > 0 {
            self.left -= 1;
            self.blog.leave();
            return Poll::Ready(Some(Ok("a post".to_owned())));
        }
        if self.stalls {
            return Poll::Pending;
        }
        Poll::Ready(None)
    }
}

/// A service as tonic's compiler would write it.
#[derive(Clone)]
struct Posts {
    blog: Blog,
    held: Arc<Mutex<Vec<Scope>>>,
}

impl Posts {
    /// What each method begins with.
    fn called(&self) {
        let scope = Scope::current().expect("a scope");
        self.held.lock().unwrap().push(scope);
        self.blog.leave();
        self.blog.watch();
    }

    async fn twice(self, request: Request<String>) -> Result<Response<String>, Status> {
        self.called();
        tokio::task::yield_now().await;
        self.blog.leave();
        Ok(Response::new(request.into_inner()))
    }

    async fn fails(self, _: Request<String>) -> Result<Response<String>, Status> {
        self.called();
        Err(Status::not_found("no"))
    }

    async fn stream(self, request: Request<String>) -> Result<Response<Messages>, Status> {
        self.called();
        Ok(Response::new(Messages {
            blog: self.blog,
            left: 3,
            stalls: request.get_ref() == "stalls",
        }))
    }
}

impl NamedService for Posts {
    const NAME: &'static str = "blog.Posts";
}

impl Service<http::Request<Body>> for Posts {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let posts = self.clone();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(Text);
            let response = match request.uri().path() {
                "/blog.Posts/Twice" => {
                    let twice = service_fn(move |request| posts.clone().twice(request));
                    grpc.unary(twice, request).await
                }
                "/blog.Posts/Fails" => {
                    let fails = service_fn(move |request| posts.clone().fails(request));
                    grpc.unary(fails, request).await
                }
                _ => {
                    let stream = service_fn(move |request| posts.clone().stream(request));
                    grpc.server_streaming(stream, request).await
                }
            };
            Ok(response)
        })
    }
}

/// A client of a server on a port of its own.
struct Client(tonic::client::Grpc<Channel>);

impl Client {
    async fn of(layer: RequestScope, posts: &Posts) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder().layer(layer).add_service(posts.clone());
        let incoming = TcpIncoming::from(listener);
        tokio::spawn(server.serve_with_incoming(incoming));
        let channel = Channel::from_shared(format!("http://{address}")).unwrap();
        Self(tonic::client::Grpc::new(channel.connect().await.unwrap()))
    }

    async fn unary(&mut self, path: &'static str) -> Result<String, Status> {
        self.0.ready().await.unwrap();
        let request = Request::new("hello".to_owned());
        let path = PathAndQuery::from_static(path);
        let response = self.0.unary(request, path, Text).await;
        response.map(Response::into_inner)
    }

    async fn stream(&mut self, request: &str) -> Streaming<String> {
        self.0.ready().await.unwrap();
        let request = Request::new(request.to_owned());
        let path = PathAndQuery::from_static("/blog.Posts/Stream");
        let response = self.0.server_streaming(request, path, Text).await;
        response.unwrap().into_inner()
    }
}

fn posts() -> Posts {
    Posts {
        blog: Blog::new(),
        held: Arc::default(),
    }
}

/// All calls over one connection.
#[tokio::test]
async fn one_call_shares_and_two_never_do() {
    let posts = posts();
    let mut client = Client::of(RequestScope::new(), &posts).await;
    assert_eq!(client.unary("/blog.Posts/Twice").await.unwrap(), "hello");
    let first = posts.blog.left();
    client.unary("/blog.Posts/Twice").await.unwrap();
    let second = posts.blog.left();
    assert_eq!((first.len(), second.len()), (2, 2));
    assert!(all_same(&first) && all_same(&second));
    assert!(!Arc::ptr_eq(&first[0], &second[0]));
    let held = posts.held.lock().unwrap();
    assert!(held.len() == 2 && held[0] != held[1]);
}

#[tokio::test]
async fn a_stream_is_in_the_scope_of_its_call_and_ends_it() {
    let posts = posts();
    let mut client = Client::of(keeping(), &posts).await;
    let mut messages = client.stream("").await;
    while let Some(message) = messages.message().await.unwrap() {
        assert_eq!(message, "a post");
    }
    let left = posts.blog.left();
    assert_eq!(left.len(), 4);
    assert!(all_same(&left));
    drop(left);
    ended(&posts.blog, &posts.held).await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_stream() {
    let posts = posts();
    let mut client = Client::of(keeping(), &posts).await;
    let mut messages = client.stream("stalls").await;
    for _ in 0..3 {
        messages.message().await.unwrap().unwrap();
    }
    drop(posts.blog.left());
    assert!(posts.blog.is_kept());
    // The connection stays.
    drop(messages);
    ended(&posts.blog, &posts.held).await;
    client.unary("/blog.Posts/Twice").await.unwrap();
}

#[tokio::test]
async fn an_answer_and_an_error_end_the_scope() {
    let posts = posts();
    let mut client = Client::of(keeping(), &posts).await;
    client.unary("/blog.Posts/Twice").await.unwrap();
    ended(&posts.blog, &posts.held).await;
    let error = client.unary("/blog.Posts/Fails").await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    until("both were called", || posts.held.lock().unwrap().len() == 2).await;
    ended(&posts.blog, &posts.held).await;
}
