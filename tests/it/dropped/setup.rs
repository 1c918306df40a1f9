//! A future that is dropped, and a connection that may refuse to go on after it.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use diesel::QueryResult;
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use crate::models::Post;
use crate::schema::posts;

/// Polls a future so often and drops it then, unless it was ready before; says whether it was.
pub(crate) async fn drop_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let ready = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if ready {
            return true;
        }
        // What it waits for goes on meanwhile: the server, the blocking thread.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}

/// Whether the connection refuses to go on after a future of it was dropped.
pub(super) async fn was_interrupted<C, D>(conn: &mut C) -> bool
where
    D: diesel_identity_map::connection::Spoken,
    C: diesel_identity_map::query::Loads<Post, posts::table, D>,
    for<'c> D::Output<'c, Vec<Arc<Post>>>: Future<Output = QueryResult<Vec<Arc<Post>>>>,
{
    let error = Post::cached().load(conn).await.err();
    let error = error.as_ref().and_then(IdentityMapError::of);
    matches!(error, Some(IdentityMapError::Interrupted))
}
