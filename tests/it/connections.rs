//! The same on every kind of connection: blocking and awaited, on all databases, by one body each.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::prelude::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl,
    OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel::result::Error;
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use crate::db::each_connection;
use crate::installed::nothing_installed;
use crate::models::*;
use crate::schema::*;

const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

#[derive(Insertable, AsChangeset, Clone)]
#[diesel(table_name = posts)]
struct NewPost {
    user_id: i32,
    title: &'static str,
    body: &'static str,
}

const NEW: NewPost = NewPost {
    user_id: 1,
    title: "new",
    body: "",
};

#[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Clone, Debug)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Watched {
    id: i32,
    title: String,
    user_id: i32,
}

/// What both kinds of hooks say of a title.
fn judge(title: &str) -> QueryResult<()> {
    if title.contains("forbidden") {
        return Err(Error::RollbackTransaction);
    }
    Ok(())
}

impl<C: diesel::Connection> Hooks<C> for Watched {
    fn post_save(object: &Arc<Self>, _: bool, _: &mut C) -> QueryResult<()> {
        judge(&object.title)
    }

    fn pre_delete(object: &Arc<Self>, _: &mut C) -> QueryResult<()> {
        judge(&object.title)
    }

    fn post_load(object: &Arc<Self>, _: &mut C) -> QueryResult<()> {
        judge(&object.title)
    }
}

#[cfg(feature = "__async-tests")]
impl<C: diesel_async::AsyncConnection> AsyncHooks<C> for Watched {
    async fn post_save(object: &Arc<Self>, _: bool, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        judge(&object.title)
    }

    async fn pre_delete(object: &Arc<Self>, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        judge(&object.title)
    }

    async fn post_load(object: &Arc<Self>, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        judge(&object.title)
    }
}

each_connection! { shared
    /// G1.
    fn one_row_is_one_object(db) {
        db.fill(3, 9);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let map = conn.identity_map().unwrap();
        let conn = take!(conn);
        let held = wait!(Post::cached().find(4).first(conn)).unwrap();
        let is_it = |post: &Arc<Post>| Arc::ptr_eq(post, &held);
        for strategy in STRATEGIES {
            let posts = || Post::cached().strategy(strategy);
            let by_id = posts().filter(posts::id.eq(4));
            assert!(is_it(&wait!(by_id.clone().first(conn)).unwrap()));
            assert!(is_it(&wait!(by_id.clone().get_result(conn)).unwrap()));
            assert!(is_it(&wait!(by_id.clone().one(conn)).unwrap()));
            assert!(is_it(&wait!(by_id.load(conn)).unwrap()[0]));
            assert!(is_it(wait!(posts().find_many([9, 4]).load(conn)).unwrap()[1].as_ref().unwrap()));
            assert!(is_it(&wait!(posts().order(posts::id).load(conn)).unwrap()[3]));
            let title = String::from("post 4");
            let boxed = posts().into_boxed().filter(posts::title.eq(title.as_str()));
            assert!(is_it(&wait!(boxed.load(conn)).unwrap()[0]));
        }
        assert_eq!(map.len::<Post>(), 1, "G6");
    }

    /// G2.
    fn diesels_answer(db) {
        db.fill(3, 20);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = take!(conn);
        let _held = wait!(Post::cached().filter(posts::id.le(8)).load(conn)).unwrap();
        for strategy in STRATEGIES {
            for limit in [0, 3, 50] {
                let query = posts::table.filter(posts::score.ge(1)).order((posts::score, posts::id.desc())).limit(limit).offset(2);
                let plain: Vec<i32> = wait!(query.select(posts::id).load(conn)).unwrap();
                let cached = wait!(Cached::<Post, _>::from_query(query).strategy(strategy).load(conn)).unwrap();
                assert!(cached.iter().map(|post| post.id).eq(plain), "{strategy:?} {limit}");
            }
        }
        assert_eq!(wait!(Post::cached().find(99).first(conn)).unwrap_err(), diesel::NotFound);
        let error = wait!(Post::cached().one(conn)).unwrap_err();
        assert!(error.to_string().contains("20 rows"), "{error}");
    }

    fn statements_sent(db) {
        db.fill(3, 9);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let map = conn.identity_map().unwrap();
        let log = conn.record_statements().unwrap();
        let conn = take!(conn);
        let held = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        assert_eq!(sent.take().len(), 1);
        wait!(Post::cached().find(4).first(conn)).unwrap();
        wait!(Post::cached().find_many(1..=9).load(conn)).unwrap();
        assert_eq!(sent.take(), [""; 0], "all are held");
        wait!(Post::cached().order(posts::id).strategy(Strategy::KeysFirst).load(conn)).unwrap();
        assert_eq!(sent.take().len(), 1, "the keys");
        drop(held);
        wait!(Post::cached().order(posts::id).strategy(Strategy::KeysFirst).load(conn)).unwrap();
        assert_eq!(sent.take().len(), 2, "the keys, and one batch");
        wait!(Post::cached().find(4).first(conn)).unwrap();
        assert_eq!((map.stats().statements, log.len()), (5, 5));
    }

    fn related_objects(db) {
        db.fill(3, 9);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = take!(conn);
        let posts = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        sent.take();
        let users = wait!(posts.load_parents::<User>(conn)).unwrap();
        assert_eq!(sent.take().len(), 1);
        for (post, user) in posts.iter().zip(&users) {
            let user = user.as_ref().unwrap();
            assert_eq!(user.id, post.user_id);
            assert!(Arc::ptr_eq(user, &wait!(post.load_parent::<User>(conn)).unwrap().unwrap()));
        }
        assert_eq!(sent.take().len(), 0);
        drop(users);
        for post in &posts {
            wait!(post.load_parent::<User>(conn)).unwrap().unwrap();
        }
        assert_eq!(sent.take().len(), 1, "the lazy loop");
        let pairs: Vec<(Arc<Post>, Arc<User>)> = wait!(Post::cached().order(posts::id).with::<User>().load(conn)).unwrap();
        assert!(pairs.iter().zip(&posts).all(|((one, _), other)| Arc::ptr_eq(one, other)));
        let users = wait!(User::cached().order(users::id).load(conn)).unwrap();
        sent.take();
        let children = wait!(users.load_children::<Post>(conn)).unwrap();
        assert_eq!((sent.take().len(), children[0].len()), (1, 3));
        let newest = wait!(users[0].load_children_from(Post::cached().order(posts::id.desc()), conn)).unwrap();
        assert!(Arc::ptr_eq(&newest[0], &posts[8]));
        sent.take();
        let nested = wait!(User::cached().order(users::id).with::<(Children<Post>, User)>().load(conn)).unwrap();
        assert!(nested.iter().all(|(user, posts)| posts.iter().all(|(_, author)| Arc::ptr_eq(user, author))));
        let query = posts::table
            .inner_join(users::table.on(users::id.eq(posts::user_id)))
            .order(posts::id)
            .select((Post::as_select(), Option::<User>::as_select()));
        sent.take();
        let rows: Vec<(Arc<Post>, Option<Arc<User>>)> = wait!(query.mapped().load(conn)).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert!(Arc::ptr_eq(&rows[0].0, &posts[0]) && Arc::ptr_eq(rows[2].1.as_ref().unwrap(), &users[0]));
    }

    fn writes(db) {
        db.fill(3, 3);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = take!(conn);
        let made = wait!(Post::cached().insert(NEW, conn)).unwrap();
        assert_eq!((&*made.title, made.user_id), ("new", 1));
        let many = wait!(Post::cached().insert_many([NEW, NEW, NEW], conn)).unwrap();
        assert!(many.iter().map(|post| post.id).eq(made.id + 1..=made.id + 3));
        sent.take();
        assert!(Arc::ptr_eq(&made, &wait!(Post::cached().find(made.id).first(conn)).unwrap()));
        assert_eq!(sent.take().len(), 0, "what was written is in the map");
        let changed = wait!(Post::cached().update(&made, posts::title.eq("changed"), conn)).unwrap();
        assert_eq!((&*made.title, &*changed.title), ("new", "changed"));
        assert!(Arc::ptr_eq(&changed, &wait!(Post::cached().find(made.id).first(conn)).unwrap()));
        wait!(Post::cached().delete(&changed, conn)).unwrap();
        assert_eq!(wait!(Post::cached().find(made.id).first(conn)).optional().unwrap().map(|post| post.id), None);
        let rows = Post::cached().filter(posts::title.eq("new"));
        assert_eq!(wait!(rows.clone().update_all(posts::score.eq(9), conn)).unwrap(), 3);
        assert_eq!(wait!(Post::cached().find(many[0].id).first(conn)).unwrap().score, 9);
        assert_eq!(wait!(rows.delete_all(conn)).unwrap(), 3);
        assert_eq!(wait!(Post::cached().refresh(&many[0], conn)).unwrap_err(), diesel::NotFound);
        let count: i64 = wait!(posts::table.count().get_result(conn)).unwrap();
        assert_eq!(count, 3);
    }

    /// G3.
    fn never_stale_after_a_write_of_ones_own(db) {
        db.fill(3, 3);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = take!(conn);
        let old = wait!(Post::cached().find(1).first(conn)).unwrap();
        wait!(diesel::update(posts::table.find(1)).set(posts::title.eq("plain")).execute(conn)).unwrap();
        assert_eq!(wait!(Post::cached().find(1).first(conn)).unwrap().title, "plain");
        let held = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        wait!(conn.batch_execute("UPDATE posts SET title = 'raw' WHERE id = 1")).unwrap();
        assert_eq!(wait!(Post::cached().find(1).first(conn)).unwrap().title, "raw");
        assert_eq!((&*old.title, &*held[0].title), ("post 1", "plain"), "who holds an old one keeps it");
    }
}

/// Of which somebody needs the connection for himself.
mod alone {
    use super::*;

    each_connection! {
        fn saves_with_hooks(db) {
            db.fill(1, 1);
            let (mut conn, _) = mapped(wait!(db.connect()), db.url());
            let conn = &mut conn;
            let mut watched = Watched::clone(&*wait!(Watched::cached().find(1).first(conn)).unwrap());
            watched.title.push_str(" and saved");
            let saved = wait!(Watched::cached().save(watched, conn)).unwrap();
            assert_eq!(saved.title, "post 1 and saved");
            let read: String = wait!(posts::table.find(1).select(posts::title).first(conn)).unwrap();
            assert_eq!(read, "post 1 and saved");
        }

        /// G4.
        fn rolled_back_means_gone(db) {
            db.fill(3, 3);
            let (mut conn, _) = mapped(wait!(db.connect()), db.url());
            let conn = &mut conn;
            let held = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
            let rolled_back: Result<(), Error> = wait!(transaction!(conn, |conn| {
                let post = wait!(Post::cached().find(1).first(conn))?;
                let post = wait!(Post::cached().update(&post, posts::title.eq("undone"), conn))?;
                let inner: Result<(), Error> = wait!(transaction!(conn, |conn| {
                    wait!(Post::cached().update(&post, posts::title.eq("savepoint"), conn))?;
                    assert_eq!(wait!(Post::cached().find(1).first(conn))?.title, "savepoint");
                    Err(Error::RollbackTransaction)
                }));
                assert!(inner.is_err());
                assert_eq!(wait!(Post::cached().find(1).first(conn))?.title, "undone");
                wait!(Post::cached().insert(NEW, conn))?;
                Err(Error::RollbackTransaction)
            }));
            assert!(rolled_back.is_err());
            let again = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
            assert_eq!(again.len(), 3);
            assert_eq!(again[0].title, "post 1");
            assert!(Arc::ptr_eq(&held[1], &again[1]), "what was not touched keeps its identity");

            let committed: Result<Arc<Post>, Error> = wait!(transaction!(conn, |conn| {
                let post = wait!(Post::cached().find(1).first(conn))?;
                wait!(Post::cached().update(&post, posts::title.eq("kept"), conn))
            }));
            let kept = wait!(Post::cached().find(1).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&kept, &committed.unwrap()));
        }

        /// G7, and the hooks of either kind.
        fn a_hook_that_fails_leaves_it_whole(db) {
            db.fill(3, 3);
            let (mut conn, _) = mapped(wait!(db.connect()), db.url());
            let conn = &mut conn;
            let held = wait!(Watched::cached().find(1).first(conn)).unwrap();
            let error = wait!(Watched::cached().update(&held, posts::title.eq("forbidden"), conn));
            assert_eq!(error.unwrap_err(), Error::RollbackTransaction);
            assert!(Arc::ptr_eq(&held, &wait!(Watched::cached().find(1).first(conn)).unwrap()));
            let title: String = wait!(posts::table.find(1).select(posts::title).first(conn)).unwrap();
            assert_eq!(title, "post 1");
            let made = wait!(Watched::cached().insert((posts::user_id.eq(1), posts::title.eq("forbidden"), posts::body.eq("")), conn));
            assert!(made.is_err());
            wait!(diesel::update(posts::table.find(2)).set(posts::title.eq("forbidden")).execute(conn)).unwrap();
            assert!(wait!(Watched::cached().order(posts::id).load(conn)).is_err());
            let map = conn.identity_map().unwrap();
            assert!(map.get::<Watched>(&2).is_none());
            let rest = wait!(Watched::cached().filter(posts::id.ne(2).and(posts::id.gt(0))).order(posts::id).load(conn)).unwrap();
            assert_eq!(rest.len(), 2);
        }

        #[allow(clippy::await_holding_lock)] // of a test whose runtime is its own
        fn errors(db) {
            let _nothing = nothing_installed();
            db.fill(1, 1);
            let mut bare = wait!(db.connect());
            let error = wait!(Post::cached().load(&mut bare)).unwrap_err();
            assert!(matches!(IdentityMapError::of(&error), Some(IdentityMapError::NotEnabled)), "{error}");
            assert_eq!(wait!(Post::cached().uncached().load(&mut bare)).unwrap().len(), 1);
            let (mut conn, _) = mapped(bare, db.url());
            let conn = &mut conn;
            let held = wait!(Post::cached().load(conn)).unwrap();
            assert!(wait!(diesel::sql_query("SELECT nonsense FROM nowhere").execute(conn)).is_err());
            assert!(wait!(Post::cached().filter(diesel::dsl::sql::<diesel::sql_types::Bool>("nonsense")).load(conn)).is_err());
            assert!(Arc::ptr_eq(&held[0], &wait!(Post::cached().find(1).first(conn)).unwrap()));
        }
    }
}
