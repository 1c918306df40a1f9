//! Both preludes at once: plain Diesel's methods stay callable, and ours beside them.

use diesel::prelude::*;
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

fn plain(conn: &mut SqliteConnection) -> QueryResult<()> {
    let _: Vec<Post> = posts::table.load(conn)?;
    let _: Vec<Post> = posts::table.get_results(conn)?;
    let _: Post = posts::table.first(conn)?;
    let _: Post = posts::table.get_result(conn)?;
    let _: Post = posts::table.find(1).first(conn)?;
    for post in posts::table.load_iter::<Post, _>(conn)? {
        post?;
    }
    diesel::delete(posts::table.find(1)).execute(conn)?;
    let _: i64 = posts::table.count().get_result(conn)?;
    Ok(())
}

fn cached(conn: &mut SqliteConnection) -> QueryResult<()> {
    let _: Vec<Arc<Post>> = Post::cached().load(conn)?;
    let _: Vec<Arc<Post>> = Post::cached().get_results(conn)?;
    let _: Arc<Post> = Post::cached().first(conn)?;
    let _: Arc<Post> = Post::cached().get_result(conn)?;
    let _: Arc<Post> = Post::cached().find(1).one(conn)?;
    for post in Post::cached().load_iter(conn)? {
        let _: Arc<Post> = post?;
    }
    let _: Vec<i32> = Post::cached().select(posts::id).load(conn)?;
    let _: i64 = Post::cached().count().get_result(conn)?;
    Ok(())
}

fn main() {}
