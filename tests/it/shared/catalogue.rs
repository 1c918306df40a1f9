//! G3: a connection that several futures share reads the catalogue by itself.

use std::sync::Arc;

use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_identity_map::prelude::*;

use super::setup::*;
use crate::models::*;
use crate::schema::*;

const TRIGGER: &str = "
    CREATE FUNCTION rename_posts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE posts SET title = NEW.name WHERE user_id = NEW.id; RETURN NULL; END $$;
    CREATE TRIGGER renames AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION rename_posts();";

#[test]
fn it_reads_the_catalogue() {
    test(|db, conn, sent| async move {
        let mut stranger = db.connect().await;
        stranger.batch_execute(TRIGGER).await.unwrap();
        let shared = &conn;
        let _held = Post::cached().load(&mut &conn).await.unwrap();
        let before = cached_titles(shared).await;
        let log = (&conn).record_statements().unwrap();
        sent.take();
        let would = (&conn).would_expire("UPDATE users SET name = 'x'").unwrap();
        for table in ["posts", "users"] {
            assert!(would.tables.iter().any(|known| known == table), "{would}");
        }
        let rename = || diesel::update(users::table.find(1)).set(users::name.eq("renamed"));
        rename().execute(&mut &conn).await.unwrap();
        assert_eq!(log.len(), 1);
        assert_eq!(cached_titles(shared).await, titles(shared).await);
        assert_ne!(cached_titles(shared).await, before);
        assert!(sent.take().iter().all(|sql| !sql.contains("catalogue")));
    });
}

/// It reads no catalogue inside a transaction, and knows that it has changed the schema there.
#[test]
fn what_it_has_made_in_a_transaction() {
    for loads_before in [false, true] {
        test(|db, conn, _| async move {
            let _db = db;
            if loads_before {
                cached_titles(&conn).await;
            }
            let begin = format!("BEGIN; {TRIGGER}");
            (&conn).batch_execute(&begin).await.unwrap();
            let _held = Post::cached().load(&mut &conn).await.unwrap();
            let rename = diesel::update(users::table).set(users::name.eq("renamed"));
            rename.execute(&mut &conn).await.unwrap();
            assert_eq!(cached_titles(&conn).await, titles(&conn).await);
            (&conn).batch_execute("COMMIT").await.unwrap();
            let _held = Post::cached().load(&mut &conn).await.unwrap();
            let rename = diesel::update(users::table).set(users::name.eq("again"));
            rename.execute(&mut &conn).await.unwrap();
            assert_eq!(cached_titles(&conn).await, titles(&conn).await);
        });
    }
}

/// Several futures at once, before it was read.
#[test]
fn several_read_it_at_once() {
    test(|db, conn, sent| async move {
        let mut stranger = db.connect().await;
        stranger.batch_execute(TRIGGER).await.unwrap();
        sent.take();
        let first = futures_util::future::join3(
            cached_titles(&conn),
            cached_titles(&conn),
            cached_titles(&conn),
        )
        .await;
        assert_eq!(sent.take().len(), 3);
        let _held = Post::cached().load(&mut &conn).await.unwrap();
        diesel::update(users::table)
            .set(users::name.eq("renamed"))
            .execute(&mut &conn)
            .await
            .unwrap();
        assert_ne!(cached_titles(&conn).await, first.0);
        assert_eq!(cached_titles(&conn).await, titles(&conn).await);
    });
}

/// The map of a shared connection is at hand, and forgets.
#[test]
fn its_map_is_at_hand() {
    test(|db, conn, _| async move {
        let _db = db;
        let held = Post::cached().find(1).first(&mut &conn).await.unwrap();
        let shared = &conn;
        let map = shared.identity_map().unwrap();
        assert_eq!((map.len::<Post>(), map.stats().without_catalogue), (1, 0));
        map.expire::<Post>(&1);
        let again = Post::cached().find(1).first(&mut &conn).await.unwrap();
        assert!(!Arc::ptr_eq(&held, &again));
        Post::cached().expire(&again, &mut &conn).unwrap();
        map.expire_all::<Post>();
        let scope = Scope::new();
        let work = async {
            let held = Post::cached().find(1).first(&mut &conn).await.unwrap();
            assert!(!(&conn).identity_map().unwrap().is_empty::<Post>());
            scope.expire::<Post>(&1);
            let again = Post::cached().find(1).first(&mut &conn).await.unwrap();
            assert!(!Arc::ptr_eq(&held, &again));
            scope.expire_all::<Post>();
            assert!(scope.stats().alive < 2);
        };
        work.in_identity_scope(scope.clone()).await;
    });
}
