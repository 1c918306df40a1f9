//! The slot on every kind of connection, and the instrumentation behind it.

use std::sync::{Arc, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_identity_map::connection::{MapCustomizer, MapManager};
use diesel_identity_map::{
    IdentityMapConnection, IdentityMapError, IdentityMapped, MapOptions, Scope, install,
    install_with,
};

use crate::db::{Recorder, each_database};
use crate::installed::{Installed, nothing_installed};
use crate::models::*;
use crate::schema::posts;

thread_local! {
    /// What the default instrumentation saw on this thread: other tests connect meanwhile.
    static SEEN: Mutex<Vec<String>> = const { Mutex::new(Vec::new()) };
}

fn seen() -> Vec<String> {
    SEEN.with(|seen| std::mem::take(&mut *seen.lock().unwrap()))
}

fn notes() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        SEEN.with(|seen| note(&event, seen))
    }))
}

fn note(event: &InstrumentationEvent<'_>, seen: &Mutex<Vec<String>>) {
    let name = format!("{event:?}");
    let name = name.split([' ', '{']).next().unwrap().to_owned();
    seen.lock().unwrap().push(name);
}

each_database! {
    fn installed_connections_of_one_url_are_one_database(db) {
        let _installed = Installed::new(install);
        let other = Db::new();
        let connect = |db: &Db| Conn::establish(db.url()).unwrap();
        let (mut one, mut two, mut three) = (connect(&db), connect(&db), connect(&other));
        seed(&mut one, 1, 1);
        seed(&mut three, 1, 1);
        let _entered = Scope::new().entered();
        let a = Post::cached().find(1).first(&mut one).unwrap();
        let b = Post::cached().find(1).first(&mut two).unwrap();
        let c = Post::cached().find(1).first(&mut three).unwrap();
        assert!(Arc::ptr_eq(&a, &b));
        assert!(!Arc::ptr_eq(&a, &c));
    }

    fn the_program_s_default_keeps_getting_every_event(db) {
        let plain = {
            let turn = nothing_installed();
            diesel::connection::set_default_instrumentation(notes).unwrap();
            assert_eq!(
                IdentityMapError::of(&install().unwrap_err()),
                Some(&IdentityMapError::DefaultInstrumentationSet)
            );
            seen();
            let mut conn = Conn::establish(db.url()).unwrap();
            conn.transaction(select_two).unwrap();
            let seen = seen();
            diesel::connection::set_default_instrumentation(|| None).unwrap();
            drop(turn);
            seen
        };
        let _installed = Installed::new(|| install_with(notes));
        install().unwrap(); // again, and without a function of its own: nothing changes
        seen();
        let mut conn = Conn::establish(db.url()).unwrap();
        conn.transaction(select_two).unwrap();
        assert!(conn.identity_map().is_ok());
        assert_eq!(seen(), plain);
        assert!(plain.len() >= 8, "{plain:?}");
    }

    fn an_instrumentation_of_the_connection_s_own(db) {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut conn = db.connect();
        let own = Arc::clone(&seen);
        conn.enable_identity_map_with(
            MapOptions::new().instrumentation(move |event: InstrumentationEvent<'_>| note(&event, &own)),
        );
        conn.transaction(select_two).unwrap();
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        assert_eq!(seen.first().map(String::as_str), Some("BeginTransaction"));
        assert!(seen.contains(&"CommitTransaction".to_owned()), "{seen:?}");

        conn.enable_identity_map(); // is enabled: nothing changes
        assert!(conn.identity_map().is_ok());
        conn.set_instrumentation(Recorder::default());
        assert!(conn.identity_map().is_err(), "it was replaced, and says so");
    }

    fn a_pooled_connection_serves_nothing_of_its_earlier_user(db) {
        let pool = Pool::builder()
            .max_size(1)
            .connection_customizer(Box::new(MapCustomizer::new(db.url())))
            .build(ConnectionManager::<Conn>::new(db.url()))
            .unwrap();
        let mut conn = pool.get().unwrap();
        seed(&mut conn, 1, 3);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        assert!(Arc::ptr_eq(&held, &Post::cached().find(1).first(&mut conn).unwrap()));
        drop(conn);
        let mut conn = pool.get().unwrap();
        let mine = Post::cached().find(1).first(&mut conn).unwrap();
        assert!(!Arc::ptr_eq(&held, &mine));

        // A transaction on a pooled connection.
        let end = conn.transaction(|conn| {
            let post = Post::cached().update(&mine, posts::title.eq("never"), conn)?;
            assert!(Arc::ptr_eq(&post, &Post::cached().find(1).first(conn)?));
            QueryResult::<()>::Err(diesel::result::Error::RollbackTransaction)
        });
        assert!(end.is_err());
        assert_eq!(Post::cached().find(1).first(&mut conn).unwrap().title, "post 1");
        let mine = Post::cached().find(1).first(&mut conn).unwrap();
        diesel::update(posts::table).set(posts::title.eq("new")).execute(&mut conn).unwrap();
        assert_eq!(Post::cached().find(1).first(&mut conn).unwrap().title, "new");
        drop(mine);

        // Inside a scope the connections of the pool share, whoever had them.
        let _entered = Scope::new().entered();
        let a = Post::cached().find(2).first(&mut conn).unwrap();
        drop(conn);
        let b = Post::cached().find(2).first(&mut pool.get().unwrap()).unwrap();
        assert!(Arc::ptr_eq(&a, &b));
    }

    fn a_pool_that_marks_its_check_outs(db) {
        let manager = MapManager::<Conn>::new(db.url(), db.url());
        let pool = Pool::builder().max_size(1).build(manager).unwrap();
        let mut conn = pool.get().unwrap();
        seed(&mut conn, 1, 3);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        diesel::sql_query("SELECT 1").execute(&mut conn).unwrap();
        let again = Post::cached().find(1).first(&mut conn).unwrap();
        assert!(Arc::ptr_eq(&held, &again), "it is the program's own statement");
        drop(conn);
        let mut conn = pool.get().unwrap();
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 0);
        let mine = Post::cached().find(1).first(&mut conn).unwrap();
        assert!(!Arc::ptr_eq(&held, &mine), "it took nothing with it");
    }

    fn an_installed_pool_serves_nothing_of_its_earlier_user(db) {
        let _installed = Installed::new(install);
        let pool = Pool::builder().max_size(1).build(ConnectionManager::<Conn>::new(db.url())).unwrap();
        let mut conn = pool.get().unwrap();
        seed(&mut conn, 1, 3);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        drop(conn);
        let mine = Post::cached().find(1).first(&mut pool.get().unwrap()).unwrap();
        assert!(!Arc::ptr_eq(&held, &mine));
    }
}

fn select_two<C>(conn: &mut C) -> QueryResult<()>
where
    C: Connection + diesel::connection::SimpleConnection,
{
    conn.batch_execute("SELECT 2")
}

/// One enum for all three databases.
#[cfg(all(feature = "postgres", feature = "mysql"))]
mod multi {
    use super::*;
    use crate::db::{mysql, postgres, sqlite};
    use crate::schema::*;
    use diesel_identity_map::Strategy;

    #[derive(diesel::MultiConnection)]
    pub(crate) enum AnyConnection {
        Pg(PgConnection),
        My(MysqlConnection),
        Lite(SqliteConnection),
    }

    fn loads(mut conn: AnyConnection) {
        let conn = &mut conn;
        assert!(Post::cached().load(conn).is_err());
        seed(conn, 2, 40);
        conn.enable_identity_map();
        diesel::connection::SimpleConnection::batch_execute(
            conn,
            "INSERT INTO tags (id, name) VALUES (1, 'a');
             INSERT INTO post_tags (post_id, tag_id) SELECT id, 1 FROM posts;",
        )
        .unwrap();
        for strategy in [Strategy::KeysFirst, Strategy::Rows, Strategy::Auto] {
            let posts = Post::cached()
                .strategy(strategy)
                .filter(posts::title.like("post%"))
                .order(posts::id.desc())
                .load(conn)
                .unwrap();
            assert_eq!(posts.len(), 40);
            let post = Post::cached().find(40).first(conn).unwrap();
            assert!(Arc::ptr_eq(&posts[0], &post));
            let pairs = PostTag::cached()
                .strategy(strategy)
                .order(post_tags::post_id)
                .load(conn);
            assert_eq!(pairs.unwrap().len(), 40);
        }
        assert_eq!(Post::cached().load_iter(conn).unwrap().count(), 40);
        writes(conn);
    }

    /// G7: MySQL does not say here which key the row has then.
    fn a_moved_key_undoes_the_update(post: &Arc<Post>, conn: &mut AnyConnection) {
        let error = Post::cached().update(post, posts::id.eq(101), conn);
        assert!(matches!(
            IdentityMapError::of(&error.unwrap_err()),
            Some(IdentityMapError::KeyNotReturned { .. })
        ));
        let row = posts::table.find(100).select(posts::title);
        assert_eq!(row.first(conn), Ok(post.title.clone()));
        let held = Post::cached().find(100).first(conn).unwrap();
        assert!(Arc::ptr_eq(post, &held));
    }

    /// The server is asked what it is, and refuses all questions but one.
    fn the_first_write_may_be_in_a_transaction(mut conn: AnyConnection) {
        seed(&mut conn, 1, 1);
        conn.enable_identity_map();
        let conn = &mut conn;
        let post = Post::cached().find(1).first(conn).unwrap();
        let post = conn.transaction(|conn| Post::cached().update(&post, posts::score.eq(7), conn));
        let held = Post::cached().find(1).first(conn).unwrap();
        assert!(Arc::ptr_eq(&post.unwrap(), &held));
    }

    fn writes(conn: &mut AnyConnection) {
        let new = |id: i32| {
            (
                posts::id.eq(id),
                posts::user_id.eq(1),
                posts::title.eq("new"),
                posts::body.eq(""),
            )
        };
        if matches!(conn, AnyConnection::My(_)) {
            let error = Post::cached().insert(new(100), conn).unwrap_err();
            assert!(matches!(
                IdentityMapError::of(&error),
                Some(IdentityMapError::KeyNotReturned { .. })
            ));
            diesel::insert_into(posts::table)
                .values(new(100))
                .execute(conn)
                .unwrap();
            let post = Post::cached().find(100).first(conn).unwrap();
            let post = Post::cached()
                .update(&post, posts::title.eq("newer"), conn)
                .unwrap();
            a_moved_key_undoes_the_update(&post, conn);
            Post::cached().delete(&post, conn).unwrap();
            assert!(Post::cached().find(100).first(conn).is_err());
            return;
        }
        let post = Post::cached().insert(new(100), conn).unwrap();
        let posts = Post::cached()
            .insert_many([101, 102].map(new), conn)
            .unwrap();
        assert_eq!((post.id, posts[0].id, posts[1].id), (100, 101, 102));
        let user = User::cached()
            .insert((users::id.eq(77), users::name.eq("x")), conn)
            .unwrap();
        assert!(Arc::ptr_eq(
            &user,
            &User::cached().find(77).first(conn).unwrap()
        ));
        let post = Post::cached()
            .update(&post, posts::title.eq("newer"), conn)
            .unwrap();
        assert_eq!(post.title, "newer");
        assert!(Arc::ptr_eq(
            &post,
            &Post::cached().find(100).first(conn).unwrap()
        ));

        let end = conn.transaction(|conn| {
            Post::cached().update(&post, posts::title.eq("never"), conn)?;
            diesel::delete(posts::table.find(101)).execute(conn)?;
            assert_eq!(Post::cached().find(100).first(conn)?.title, "never");
            QueryResult::<()>::Err(diesel::result::Error::RollbackTransaction)
        });
        assert!(end.is_err());
        assert_eq!(Post::cached().find(100).first(conn).unwrap().title, "newer");
        assert!(Post::cached().find(101).first(conn).is_ok());
        Post::cached().delete(&post, conn).unwrap();
        assert!(Post::cached().find(100).first(conn).is_err());
        assert_eq!(
            Post::cached()
                .filter(posts::id.gt(100))
                .delete_all(conn)
                .unwrap(),
            2
        );
        diesel::update(posts::table)
            .set(posts::score.eq(7))
            .execute(conn)
            .unwrap();
        assert_eq!(Post::cached().find(1).first(conn).unwrap().score, 7);
    }

    #[test]
    fn a_multi_connection_of_each_kind() {
        let _nothing = nothing_installed();
        let (lite, pg, my) = (sqlite::Db::new(), postgres::Db::new(), mysql::Db::new());
        loads(AnyConnection::Lite(lite.connect()));
        loads(AnyConnection::Pg(pg.connect()));
        loads(AnyConnection::My(my.connect()));
    }

    #[test]
    fn a_first_write_in_a_transaction() {
        let _nothing = nothing_installed();
        let (lite, pg, my) = (sqlite::Db::new(), postgres::Db::new(), mysql::Db::new());
        the_first_write_may_be_in_a_transaction(AnyConnection::Lite(lite.connect()));
        the_first_write_may_be_in_a_transaction(AnyConnection::Pg(pg.connect()));
        the_first_write_may_be_in_a_transaction(AnyConnection::My(my.connect()));
    }
}

/// The address says nothing of a database in memory: each connection is one of its own.
#[test]
fn databases_in_memory_are_apart() {
    let _installed = Installed::new(install);
    let connect = || {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        diesel::connection::SimpleConnection::batch_execute(
            &mut conn,
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
             INSERT INTO users VALUES (1, 'a', NULL)",
        )
        .unwrap();
        conn
    };
    let (mut one, mut two) = (connect(), connect());
    let _entered = Scope::new().entered();
    let a = User::cached().find(1).first(&mut one).unwrap();
    let b = User::cached().find(1).first(&mut two).unwrap();
    assert!(!Arc::ptr_eq(&a, &b));
}
