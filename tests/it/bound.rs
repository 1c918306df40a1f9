//! A function over any connection, with one short bound.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{CachedConnection, IdentityMapped, RelatedObject, RelatedObjects};

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

fn with_author<C>(conn: &mut C) -> QueryResult<Vec<(Arc<Post>, Arc<User>)>>
where
    C: CachedConnection<Post> + CachedConnection<User>,
{
    let posts = Post::cached().order(posts::id).load(conn)?;
    let authors = posts.load_parents::<User>(conn)?;
    let lazy = posts[0].load_parent::<User>(conn)?;
    assert!(Arc::ptr_eq(&lazy.unwrap(), authors[0].as_ref().unwrap()));
    Post::cached().order(posts::id).with::<User>().load(conn)
}

each_database! {
    fn parents_of_any_connection(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 2, 4);
        sent.take();
        let pairs = with_author(&mut conn).unwrap();
        assert_eq!(pairs.len(), 4);
        assert!(Arc::ptr_eq(&pairs[0].1, &pairs[2].1));
    }

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
