//! A write that the database refuses, or whose row is gone, runs no later hook.

use diesel::prelude::*;
use diesel::result::DatabaseErrorKind::{ForeignKeyViolation, UniqueViolation};
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapError, IdentityMapped};

use crate::db::each_database;
use crate::documents::{create_documents, documents};
use crate::schema::*;

use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn a_statement_that_fails_leaves_the_map_as_before(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        let error = Noted::cached().insert(new(2), conn).unwrap_err();
        assert!(matches!(error, Error::DatabaseError(UniqueViolation, _)), "{error}");
        assert_eq!(log(), ["pre_save insert"]);
        held.assert_still("insert", conn);
        let orphan = posts::user_id.eq(99);
        let error = Noted::cached().update(&held.noted[0], orphan, conn).unwrap_err();
        assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
        assert_eq!(log(), ["pre_save update 1"]);
        held.assert_still("update", conn);
        Noted::cached().insert(new(50), conn).unwrap();
    }

    fn a_row_that_is_gone_runs_no_later_hook(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        diesel::delete(posts::table.find(2)).execute(&mut db.connect()).unwrap();
        let update = Noted::cached().update(&held.noted[1], posts::score.eq(1), conn);
        assert_eq!(update.unwrap_err(), Error::NotFound);
        assert_eq!(log(), ["pre_save update 2"]);
        assert!(conn.identity_map().unwrap().get::<Noted>(&2).is_none());
        let held_again = Noted::cached().order(posts::id).load(conn).unwrap();
        assert_eq!(held_again.len(), 3);
        assert_eq!(Noted::cached().delete(&held.noted[1], conn).unwrap_err(), Error::NotFound);
        assert_eq!(log(), ["pre_delete 2"]);
        held.assert_others_still(2, "delete", conn);
    }

    fn a_version_conflict_runs_no_later_hook_and_shows_the_winner(db) {
        let (conn, _) = &mut noted(&db);
        create_documents(conn);
        let new = (documents::id.eq(1), documents::text.eq("a"));
        let old = Document::cached().insert(new, conn).unwrap();
        let old = Document::cached().update(&old, documents::text.eq("b"), conn).unwrap();
        assert_eq!(old.lock_version, 1);
        diesel::update(documents::table)
            .set((documents::text.eq("theirs"), documents::lock_version.eq(2)))
            .execute(&mut db.connect())
            .unwrap();
        log();
        let error = Document::cached().update(&old, documents::text.eq("lost"), conn).unwrap_err();
        let expected = IdentityMapError::VersionConflict { model: "Document" };
        assert_eq!(IdentityMapError::of(&error), Some(&expected));
        assert_eq!(log(), ["document pre_save update 1"]);
        let winner = Document::cached().find(1).first(conn).unwrap();
        assert_eq!((&*winner.text, winner.lock_version), ("theirs", 2));
    }
}
