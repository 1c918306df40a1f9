//! `after_commit` runs once what was written is committed, and never if it is not.

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, MapOptions};

use crate::db::each_database;
use crate::schema::*;

use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

struct Silent;

impl Instrumentation for Silent {
    fn on_connection_event(&mut self, _: InstrumentationEvent<'_>) {}
}

each_database! {
    fn after_commit_waits_for_the_outermost_commit(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            conn.transaction(|conn| {
                Noted::cached().update(&held.noted[0], posts::score.eq(9), conn)?;
                conn.transaction(|conn| Noted::cached().insert(new(51), conn))
            })?;
            Noted::cached().delete(&held.noted[1], conn)?;
            assert_eq!(commits(), [""; 0]);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(
            log(),
            [
                "after_commit Created 50",
                "after_commit Updated 1",
                "after_commit Created 51",
                "after_commit Deleted 2",
            ]
        );
        conn.transaction(|_| QueryResult::Ok(())).unwrap();
        assert_eq!(log(), [""; 0]);
    }

    fn after_commit_never_follows_a_rollback(db) {
        let (conn, _) = &mut noted(&db);
        let rolled_back: QueryResult<()> = conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            conn.transaction(|conn| Noted::cached().insert(new(51), conn))?;
            Err(Error::RollbackTransaction)
        });
        assert_eq!(rolled_back.unwrap_err(), Error::RollbackTransaction);
        conn.transaction(|_| QueryResult::Ok(())).unwrap();
        assert_eq!(commits(), [""; 0]);

        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            let inner: QueryResult<()> = conn.transaction(|conn| {
                Noted::cached().insert(new(51), conn)?;
                conn.transaction(|conn| Noted::cached().insert(new(52), conn))?;
                Err(Error::RollbackTransaction)
            });
            assert!(inner.is_err());
            conn.transaction(|conn| Noted::cached().insert(new(53), conn))?;
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 53"]);
    }

    fn after_commit_never_follows_a_test_transaction(db) {
        let (conn, _) = &mut noted(&db);
        conn.begin_test_transaction().unwrap();
        Noted::cached().insert(new(50), conn).unwrap();
        conn.transaction(|conn| Noted::cached().insert(new(51), conn)).unwrap();
        assert_eq!(commits(), [""; 0]);
        roll_back(conn);
        assert_eq!(log(), [""; 0]);
        assert_eq!(Noted::cached().find(50).first(conn).unwrap_err(), Error::NotFound);
    }

    fn after_commit_in_the_transaction_of_an_inner_hook_error(db) {
        let (conn, _) = &mut noted(&db);
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            fail_once::<Conn>("post_save created 51");
            assert!(is_refusal(&Noted::cached().insert(new(51), conn).unwrap_err()));
            Noted::cached().insert(new(52), conn)?;
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 52"]);
    }

    fn after_commit_of_savepoints_that_are_driven_by_sql(db) {
        let (conn, _) = &mut noted(&db);
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            conn.batch_execute("SAVEPOINT a")?;
            Noted::cached().insert(new(51), conn)?;
            conn.batch_execute("ROLLBACK TO SAVEPOINT a")?;
            assert_eq!(Noted::cached().find(51).first(conn).unwrap_err(), Error::NotFound);
            Noted::cached().insert(new(52), conn)?;
            conn.batch_execute("RELEASE SAVEPOINT a")?;
            assert_eq!(commits(), [""; 0]);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 52"]);
    }

    /// No recorder here: Diesel cannot show such a statement.
    fn after_commit_follows_a_transaction_in_which_nothing_was_to_change(db) {
        let (conn, _) = &mut noted(&db);
        conn.enable_identity_map_with(MapOptions::new().instrumentation(Silent));
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            let nothing = None::<diesel::dsl::Eq<posts::score, i32>>;
            assert!(diesel::update(posts::table).set(nothing).execute(conn).is_err());
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50"]);
    }

    fn after_commit_finds_the_object_in_the_map(db) {
        let (conn, _) = &mut noted(&db);
        let map = conn.identity_map().unwrap();
        once("after_commit Created 50", move |(): &mut ()| {
            assert_eq!(map.get::<Noted>(&50).unwrap().title, "new");
            Ok(())
        });
        let made = conn.transaction(|conn| Noted::cached().insert(new(50), conn)).unwrap();
        assert!(nothing_left_to_do());
        assert_eq!(made.id, 50);
    }
}
