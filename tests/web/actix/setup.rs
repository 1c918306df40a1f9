//! A service of one handler, and a body that loads while it streams.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;

use crate::Blog;

/// A service of one handler.
macro_rules! serve {
    ($layer:expr, $handler:expr) => {
        init_service(App::new().wrap($layer).route("/", web::get().to($handler))).await
    };
}
pub(super) use serve;

/// A request for the one page that there is.
macro_rules! request {
    () => {
        TestRequest::get().to_request()
    };
}
pub(super) use request;

/// A body whose chunks load a post each.
pub(super) struct Streaming {
    pub(super) blog: Blog,
    pub(super) chunks: usize,
    pub(super) then: Then,
}

/// What follows the chunks that load.
pub(super) enum Then {
    Ends,
    Stalls,
    /// More chunks, as long as they are taken.
    GoesOn(Pin<Box<Sleep>>),
}

impl Streaming {
    pub(super) fn of(blog: Blog, chunks: usize) -> Self {
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

pub(super) async fn next<B: MessageBody + Unpin>(body: &mut B) -> Option<Bytes> {
    let chunk = poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await;
    chunk.map(|chunk| chunk.ok().unwrap())
}
