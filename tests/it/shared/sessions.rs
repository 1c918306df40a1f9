//! What belongs to a session as a whole while several statements use it: a transaction, a setting,
//! the scope that reports, hooks, and whether there is a map.

use std::sync::Arc;

use diesel::prelude::{ExpressionMethods, Queryable, Selectable};
use diesel::result::Error;
use diesel::sql_query;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::postgres::Db;
use crate::db::asynchronous::{mapped, run};
use crate::installed::nothing_installed;
use crate::models::*;
use crate::schema::*;

use super::setup::*;

/// G4: the statements of a transaction may overlap.
#[test]
fn inside_a_transaction() {
    test(async |_db, mut conn, _| {
        let held = of_author(&conn, 1).await.unwrap();
        let rolled_back = conn.transaction(async |conn| {
            let shared: &AsyncPgConnection = conn;
            let (mut one, mut two) = (shared, shared);
            let (first, second) = tokio::join!(
                Post::cached().update(&held[0], posts::title.eq("undone"), &mut one),
                Post::cached().update(&held[1], posts::title.eq("undone"), &mut two),
            );
            let (first, second) = (first?, second?);
            let again = of_author(shared, 1).await?;
            assert!(Arc::ptr_eq(&again[0], &first) && Arc::ptr_eq(&again[1], &second));
            assert_eq!(again[0].title, "undone");
            Err::<(), _>(Error::RollbackTransaction)
        });
        assert_eq!(rolled_back.await, Err(Error::RollbackTransaction));
        let again = of_author(&conn, 1).await.unwrap();
        assert_eq!((&*again[0].title, &*again[1].title), ("post 3", "post 6"));
        assert!(
            Arc::ptr_eq(&again[2], &held[2]),
            "what was not touched keeps its identity"
        );
    });
}

/// G5: what changes the rows that a session sees, while others use it.
#[test]
fn a_setting_that_overlaps() {
    test(async |db, conn, _| {
        let work = async {
            let mut other = mapped(db.connect().await, db.url()).0;
            let mut setter = &conn;
            let set = sql_query("SET search_path TO pg_catalog, public").execute(&mut setter);
            let meanwhile = of_author(&conn, 1).await.unwrap();
            let theirs = Post::cached().find(3).first(&mut other).await.unwrap();
            assert!(!Arc::ptr_eq(&theirs, &meanwhile[0]));
            set.await.unwrap();
            let after = of_author(&conn, 1).await.unwrap();
            assert!(!Arc::ptr_eq(&after[0], &theirs));
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// Each call's statements are told of where that call was, though they overlap.
#[test]
fn what_a_scope_reports() {
    test(async |_db, conn, _| {
        let scope = Scope::builder().track_statements(2).build();
        let (mut one, mut other) = (&conn, &conn);
        let ones = async {
            for key in 1..=4 {
                Post::cached().find(key).first(&mut one).await.unwrap();
            }
        };
        let others = async {
            for key in 5..=9 {
                Post::cached().find(key).first(&mut other).await.unwrap();
            }
        };
        async { tokio::join!(ones, others) }
            .in_identity_scope(scope.clone())
            .await;
        let report = scope.report();
        let mut times: Vec<_> = report.repeated().iter().map(|one| one.times).collect();
        times.sort_unstable();
        assert_eq!(times, [4, 5], "{report}");
    });
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Watched {
    id: i32,
    title: String,
}

impl<C> AsyncHooks<C> for Watched {}
impl<C> Hooks<C> for Watched {}

/// G7: hooks and their write are one transaction, which nobody may begin here.
#[test]
fn a_write_with_hooks_is_refused() {
    test(async |_db, mut conn, sent| {
        let mut shared = &conn;
        let held = Watched::cached().find(1).first(&mut shared).await.unwrap();
        sent.take();
        let write = Watched::cached().update(&held, posts::title.eq("new"), &mut shared);
        let error = write.await.unwrap_err();
        assert_eq!(
            IdentityMapError::of(&error),
            Some(&IdentityMapError::SharedConnection)
        );
        let error = Watched::cached()
            .delete(&held, &mut shared)
            .await
            .unwrap_err();
        assert_eq!(
            IdentityMapError::of(&error),
            Some(&IdentityMapError::SharedConnection)
        );
        assert_eq!(sent.take(), [""; 0]);
        let again = Watched::cached().find(1).first(&mut shared).await.unwrap();
        assert!(Arc::ptr_eq(&again, &held));
        let write = Watched::cached().update(&held, posts::title.eq("new"), &mut conn);
        assert_eq!(write.await.unwrap().title, "new");
    });
}

#[test]
#[allow(clippy::await_holding_lock)] // of a test whose runtime is its own
fn without_a_map() {
    run(async {
        let _nothing = nothing_installed();
        let db = Db::new();
        let conn = db.connect().await;
        let mut shared = &conn;
        let error = Post::cached().load(&mut shared).await.unwrap_err();
        assert!(
            matches!(
                IdentityMapError::of(&error),
                Some(IdentityMapError::NotEnabled)
            ),
            "{error}"
        );
        let own = Post::cached().uncached().load(&mut shared).await.unwrap();
        assert!(own.is_empty());
        let removed = diesel::delete(posts::table).execute(&mut shared).await;
        assert_eq!(removed.unwrap(), 0);
    });
}
