//! A foreign key that the database checks at the commit: a commit that fails has written nothing.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::dsl::Eq;
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind::ForeignKeyViolation;
use diesel::result::Error;
use diesel_identity_map::IdentityMapped;

use crate::db::{Database, each_database};
use crate::schema::*;

use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

/// A connection to leaves, whose users are looked for when the transaction commits.
fn leaves<D: Database>(db: &D) -> D::Conn {
    let (mut conn, _) = noted(db);
    conn.batch_execute(
        "CREATE TABLE leaves (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT NULL \
         REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    .unwrap();
    conn
}

fn leaf(id: i32, user: i32) -> (Eq<leaves::id, i32>, Eq<leaves::user_id, i32>) {
    (leaves::id.eq(id), leaves::user_id.eq(user))
}

each_database! {
    except mysql

    fn after_commit_never_follows_a_commit_that_fails(db) {
        let conn = &mut leaves(&db);
        let held = hold!(conn);
        let failed = conn.transaction(|conn| {
            Leaf::cached().insert(leaf(1, 99), conn)?;
            Noted::cached().update(&held.noted[0], posts::title.eq("lost"), conn)
        });
        let error = failed.unwrap_err();
        assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
        assert_eq!(commits(), [""; 0]);
        assert_eq!(Leaf::cached().find(1).first(conn).unwrap_err(), Error::NotFound);
        assert_eq!(Noted::cached().find(1).first(conn).unwrap().title, "post 1");
        held.assert_others_still(1, "a failed commit", conn);

        log();
        let made = conn.transaction(|conn| Leaf::cached().insert(leaf(1, 2), conn)).unwrap();
        assert_eq!(log().last().unwrap(), "leaf after_commit Created 1");
        assert!(Arc::ptr_eq(&made, &Leaf::cached().find(1).first(conn).unwrap()));
    }

    fn the_commit_of_the_write_itself_may_fail(db) {
        let conn = &mut leaves(&db);
        let held = hold!(conn);
        let error = Leaf::cached().insert(leaf(1, 99), conn).unwrap_err();
        assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
        assert_eq!(log(), ["leaf pre_save insert", "leaf post_save created 1"]);
        assert_eq!(Leaf::cached().find(1).first(conn).unwrap_err(), Error::NotFound);
        held.assert_still("a failed commit", conn);
        log();
        let made = Leaf::cached().insert(leaf(1, 2), conn).unwrap();
        assert_eq!(log().last().unwrap(), "leaf after_commit Created 1");
        let error = Leaf::cached().update(&made, leaves::user_id.eq(99), conn).unwrap_err();
        assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
        assert_eq!(Leaf::cached().find(1).first(conn).unwrap(), made);
    }

    fn a_savepoint_s_release_is_no_commit(db) {
        let conn = &mut leaves(&db);
        let mended = conn.transaction(|conn| {
            let wrong = conn.transaction(|conn| Leaf::cached().insert(leaf(1, 99), conn))?;
            assert_eq!(commits(), [""; 0]);
            Leaf::cached().update(&wrong, leaves::user_id.eq(2), conn)
        });
        assert_eq!(mended.unwrap().user_id, 2);
        assert_eq!(commits(), ["leaf after_commit Created 1", "leaf after_commit Updated 1"]);
    }
}
