//! A hook that panics leaves a map and a connection that work on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped};

use crate::db::each_database;
use crate::schema::*;

use super::cases::*;
use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn a_hook_that_panics_leaves_map_and_connection_usable(db) {
        let (conn, _) = &mut noted(&db);
        for Case { what, write, hook } in cases(hooked_writes!()) {
            let held = hold!(conn);
            let before = rows(conn);
            panic_once::<Conn>(hook);
            let panicked = catch_unwind(AssertUnwindSafe(|| write(&held, conn)));
            assert!(panicked.is_err(), "{what}");
            roll_back(conn);
            assert_eq!(commits(), [""; 0], "{what}");
            assert_eq!(rows(conn), before, "{what}");
            held.assert_others_still(2, &what, conn);
            assert_eq!(Noted::cached().find(2).first(conn).unwrap(), held.noted[1], "{what}");
            let again = Noted::cached().find(2).first(conn).unwrap();
            let new = Noted::cached().update(&again, posts::title.eq(&what), conn).unwrap();
            assert!(Arc::ptr_eq(&new, &Noted::cached().find(2).first(conn).unwrap()));
            assert_eq!(log().last().unwrap(), "after_commit Updated 2", "{what}");
        }
    }

    fn post_load_that_panics_leaves_the_map_as_before(db) {
        let (conn, _) = &mut noted(&db);
        let held = Noted::cached().find(2).first(conn).unwrap();
        panic_once::<Conn>("post_load 3");
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            Noted::cached().order(posts::id).load(conn).map(drop)
        }));
        assert!(panicked.is_err());
        let map = conn.identity_map().unwrap();
        assert!(Arc::ptr_eq(&held, &map.get::<Noted>(&2).unwrap()));
        assert_eq!(map.len::<Noted>(), 1);
        log();
        assert_eq!(Noted::cached().load(conn).unwrap().len(), 4);
        assert_eq!(log().len(), 3);
    }

    fn after_commit_that_panics_breaks_nothing(db) {
        let (conn, _) = &mut noted(&db);
        panic_once::<()>("after_commit Created 50");
        let made = conn.transaction(|conn| {
            let made = Noted::cached().insert(new(50), conn)?;
            Noted::cached().insert(new(51), conn)?;
            QueryResult::Ok(made)
        });
        let made = made.unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 51"]);
        assert!(Arc::ptr_eq(&made, &Noted::cached().find(50).first(conn).unwrap()));
        panic_once::<()>("after_commit Created 52");
        Noted::cached().insert(new(52), conn).unwrap();
        conn.transaction(|conn| Noted::cached().insert(new(53), conn)).unwrap();
        assert_eq!(log().last().unwrap(), "after_commit Created 53");
        assert_eq!(rows(&mut db.connect()).len(), 8);
    }
}
