//! What another connection commits meanwhile: isolation levels, and snapshots that are older.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Scope};

use crate::db::Database;
use crate::models::*;
use crate::schema::*;
use crate::{mapped, seeded};

/// Two connections. A transaction of the second one keeps to its snapshot, as it does by default on
/// SQLite, MySQL and MariaDB.
fn with_snapshots<D: Database>(db: &D) -> (D::Conn, D::Conn) {
    let (one, _) = seeded(db, 1, 3);
    let (mut other, _) = mapped(db.connect(), db.url());
    let set = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    let _ = other.batch_execute(set); // The others refuse it, and do not need it.
    (one, other)
}

/// A snapshot that is older than a commit does not hide it from others.
macro_rules! old_snapshot {
    ($name:ident, $database:ident) => {
        #[test]
        fn $name() {
            let db = crate::db::$database::Db::new();
            let (mut one, mut other) = with_snapshots(&db);
            let _entered = Scope::new().entered();
            other
                .transaction(|other| {
                    let _: i64 = posts::table.count().get_result(other)?;
                    let post = Post::cached().find(1).first(&mut one)?;
                    drop(Post::cached().update(&post, posts::title.eq("new"), &mut one)?);
                    drop(post);
                    let old = Post::cached().find(1).first(other)?;
                    assert_eq!(old.title, "post 1", "by its snapshot");
                    assert!(Arc::ptr_eq(&old, &Post::cached().find(1).first(other)?));
                    assert_eq!(Post::cached().find(1).first(&mut one)?.title, "new");
                    QueryResult::Ok(())
                })
                .unwrap();
            assert_eq!(
                Post::cached().find(1).first(&mut other).unwrap().title,
                "new"
            );
        }
    };
}

old_snapshot!(an_old_snapshot_on_sqlite, sqlite);

#[cfg(feature = "postgres")]
old_snapshot!(an_old_snapshot_on_postgres, postgres);

#[cfg(feature = "mysql")]
old_snapshot!(an_old_snapshot_on_mysql, mysql);

/// A transaction whose statement may have touched every row, while somebody else commits one.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! others_commit_meanwhile {
    ($name:ident, $database:ident) => {
        #[test]
        fn $name() {
            let db = crate::db::$database::Db::new();
            let (mut one, mut other) = with_snapshots(&db);
            let _entered = Scope::new().entered();
            let old = other
                .transaction(|other| {
                    diesel::sql_query("UPDATE posts SET score = 80 WHERE id = 1").execute(other)?;
                    let old = Post::cached().find(2).first(other)?;
                    let post = Post::cached().find(2).first(&mut one)?;
                    drop(Post::cached().update(&post, posts::title.eq("new"), &mut one)?);
                    QueryResult::Ok(old)
                })
                .unwrap();
            assert_eq!(old.title, "post 2");
            assert_eq!(Post::cached().find(2).first(&mut one).unwrap().title, "new");
            assert_eq!(Post::cached().find(1).first(&mut one).unwrap().score, 80);
        }
    };
}

#[cfg(feature = "postgres")]
others_commit_meanwhile!(others_commit_meanwhile_on_postgres, postgres);

#[cfg(feature = "mysql")]
others_commit_meanwhile!(others_commit_meanwhile_on_mysql, mysql);

#[cfg(feature = "postgres")]
mod postgres_only {
    use super::*;
    use crate::db::postgres::Db;
    use crate::world::World;

    #[test]
    fn isolation_levels_and_retries() {
        let db = Db::new();
        let (mut one, _) = seeded(&db, 1, 3);
        let (mut other, _) = mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        let mut tries = 0;
        let last = loop {
            tries += 1;
            let end = one.build_transaction().serializable().run(|one| {
                let post = Post::cached().find(1).first(one)?;
                let sum: Option<i64> = posts::table
                    .select(diesel::dsl::sum(posts::score))
                    .first(one)?;
                if tries == 1 {
                    // A write that cannot be put in an order with this one.
                    other.build_transaction().serializable().run(|other| {
                        let _: Vec<i32> = posts::table.select(posts::score).load(other)?;
                        let post = Post::cached().find(2).first(other)?;
                        Post::cached().update(&post, posts::score.eq(1000), other)
                    })?;
                }
                let sum = i32::try_from(sum.unwrap_or_default()).unwrap();
                Post::cached().update(&post, posts::score.eq(sum), one)
            });
            one.check().unwrap();
            other.check().unwrap();
            match end {
                Ok(post) => break post,
                Err(_) => assert!(tries < 5),
            }
        };
        assert_eq!(tries, 2, "the first try conflicts");
        assert!(Arc::ptr_eq(
            &last,
            &Post::cached().find(1).first(&mut other).unwrap()
        ));
    }
}

/// A model that nobody had used when a statement named its table.
#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = posts)]
struct LateComer {
    #[allow(dead_code)]
    id: i32,
    title: String,
}

#[test]
fn a_model_that_is_first_used_after_the_statement_that_touched_it() {
    let db = crate::db::sqlite::Db::new();
    let (mut one, _) = seeded(&db, 1, 3);
    let (mut other, _) = mapped(db.connect(), db.url());
    let _entered = Scope::new().entered();
    one.transaction(|one| {
        diesel::update(posts::table)
            .set(posts::title.eq("new"))
            .execute(one)?;
        let held = LateComer::cached().find(1).first(&mut other)?;
        assert_eq!(held.title, "post 1");
        assert_eq!(LateComer::cached().find(1).first(one)?.title, "new");
        QueryResult::Ok(())
    })
    .unwrap();
}
