//! A connection that a test shares, and what it reads by plain Diesel and by cached loads.

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::mapped;
use crate::db::asynchronous::postgres::Db;
use crate::db::{Recorder, asynchronous};
use crate::models::*;
use crate::schema::*;

/// Runs a test on a database of three users and nine posts, with a connection to it.
pub(super) fn test<F: Future>(
    test: impl FnOnce(Db, AsyncPgConnection, Recorder) -> F,
) -> F::Output {
    asynchronous::run(async {
        let db = Db::new();
        db.fill(3, 9);
        let (conn, sent) = mapped(db.connect().await, db.url());
        test(db, conn, sent).await
    })
}

/// What plain Diesel reads, in the order of the keys.
pub(super) async fn titles(mut conn: &AsyncPgConnection) -> Vec<String> {
    let titles = posts::table.select(posts::title).order(posts::id);
    titles.load(&mut conn).await.unwrap()
}

/// What a cached load says of the same.
pub(super) async fn cached_titles(mut conn: &AsyncPgConnection) -> Vec<String> {
    let all = Post::cached().order(posts::id).load(&mut conn).await;
    all.unwrap().iter().map(|post| post.title.clone()).collect()
}

pub(super) async fn of_author(
    mut conn: &AsyncPgConnection,
    author: i32,
) -> QueryResult<Vec<Arc<Post>>> {
    let posts = Post::cached().filter(posts::user_id.eq(author));
    posts.order(posts::id).load(&mut conn).await
}
