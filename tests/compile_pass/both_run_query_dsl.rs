//! Diesel's `RunQueryDsl` and that of diesel-async in one file: what `mapped()` gives has methods of its own.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as _;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
struct Post {
    id: i32,
    title: String,
}

fn blocking(conn: &mut SqliteConnection) -> QueryResult<()> {
    let query = || posts::table.select(Post::as_select());
    let _: Arc<Post> = query().mapped().get_result(conn)?;
    let _: Arc<Post> = query().mapped().first(conn)?;
    let _: Vec<Arc<Post>> = query().mapped().load(conn)?;
    let change = || diesel::update(posts::table.find(1)).set(posts::title.eq("Rust"));
    let _: Arc<Post> = change().returning(Post::as_returning()).mapped().get_result(conn)?;
    let _: Arc<Post> = Post::cached().find(1).get_result(conn)?;
    Ok(())
}

async fn awaited(conn: &mut SyncConnectionWrapper<SqliteConnection>) -> QueryResult<()> {
    let query = || posts::table.select(Post::as_select());
    let _: Arc<Post> = query().mapped().get_result(conn).await?;
    let _: Arc<Post> = query().mapped().first(conn).await?;
    let _: Vec<Arc<Post>> = query().mapped().load(conn).await?;
    let _: Arc<Post> = Post::cached().find(1).get_result(conn).await?;
    Ok(())
}

fn main() {}
