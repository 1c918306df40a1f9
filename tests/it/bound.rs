//! A function over any connection, with one short bound.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{CachedConnection, IdentityMapped};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

fn recent<C: CachedConnection<Post>>(conn: &mut C, by: &str) -> QueryResult<Vec<Arc<Post>>> {
    Post::cached()
        .inner_join(users::table)
        .filter(users::name.eq(by).and(posts::published.eq(true)))
        .filter(posts::score.between(0, 100).or(posts::title.like("post%")))
        .order(posts::id.desc())
        .limit(2)
        .load(conn)
}

fn by_key<C>(conn: &mut C, id: i32) -> QueryResult<(Arc<Post>, Vec<Option<Arc<Translation>>>)>
where
    C: CachedConnection<Post> + CachedConnection<Translation>,
{
    let translations = Translation::cached().find_many([("de", "x")]).load(conn)?;
    Ok((Post::cached().find(id).first(conn)?, translations))
}

each_database! {
    fn runs_on_every_connection(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 9);
        let posts = recent(&mut conn, "user 1").unwrap();
        assert_eq!(posts.iter().map(|post| post.id).collect::<Vec<_>>(), [8, 6]);
        let (post, none) = by_key(&mut conn, 6).unwrap();
        assert!(Arc::ptr_eq(&post, &posts[1]));
        assert_eq!(none.len(), 1);
    }
}
