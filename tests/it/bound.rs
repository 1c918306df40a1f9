//! A function over any connection, with one short bound.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::write::{Changes, InsertRow};
use diesel_identity_map::{
    AnyConnection, CachedConnection, CachedModel, IdentityMapped, RelatedObject, RelatedObjects,
    UpdateFound,
};

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

/// Once for every model and every connection.
trait Crud: IdentityMapped {
    fn read<C: AnyConnection>(key: Self::Key, conn: &mut C) -> QueryResult<Arc<Self>>
    where
        Self: CachedModel<C>,
    {
        Self::cached().find(key).first(conn)
    }

    fn page<C: AnyConnection>(conn: &mut C) -> QueryResult<Vec<Arc<Self>>>
    where
        Self: CachedModel<C>,
    {
        Self::cached().limit(2).offset(1).load(conn)
    }

    fn create<C: AnyConnection, N>(new: N, conn: &mut C) -> QueryResult<Arc<Self>>
    where
        Self: CachedModel<C>,
        N: InsertRow<Self, C::Backend>,
    {
        Self::cached().insert(new, conn)
    }

    fn change<C: AnyConnection, U>(
        key: Self::Key,
        changes: U,
        conn: &mut C,
    ) -> QueryResult<Arc<Self>>
    where
        Self: CachedModel<C>,
        U: Changes<Self, C::Backend>,
    {
        Self::cached().find(key).update(changes, conn)
    }

    fn remove<C: AnyConnection>(key: Self::Key, conn: &mut C) -> QueryResult<()>
    where
        Self: CachedModel<C>,
    {
        let row = Self::cached().find(key).first(conn)?;
        Self::cached().delete(&row, conn)
    }
}

impl<M: IdentityMapped> Crud for M {}

each_database! {
    /// What is written once for all models does with each what its own methods do.
    fn every_model_of_any_connection(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let post = Post::read(2, conn).unwrap();
        assert!(Arc::ptr_eq(&post, &Post::cached().find(2).first(conn).unwrap()));
        assert_eq!(Post::page(conn).unwrap().len(), 2);
        let country = Country::create((countries::code.eq("de"), countries::name.eq("a")), conn).unwrap();
        let found = Country::read("de".to_owned(), conn).unwrap();
        assert!(Arc::ptr_eq(&found, &country));
        let changed = Country::change("de".to_owned(), countries::name.eq("b"), conn).unwrap();
        assert_eq!((&*changed.name, &*Country::read("de".to_owned(), conn).unwrap().name), ("b", "b"));
        let new = (translations::lang.eq("de"), translations::msg.eq("x"), translations::text.eq("y"));
        Translation::create(new, conn).unwrap();
        let key = || ("de".to_owned(), "x".to_owned());
        assert_eq!(Translation::read(key(), conn).unwrap().text, "y");
        Translation::remove(key(), conn).unwrap();
        assert_eq!(Translation::read(key(), conn).unwrap_err(), diesel::NotFound);
    }

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
