//! A `post_load` that returns an error fails the load, and leaves the map as before.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, Retain, Scope, Strategy};

use crate::db::each_database;
use crate::schema::*;

use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn post_load_that_fails_leaves_the_map_as_before(db) {
        let (conn, _) = &mut noted(&db);
        let held = Noted::cached().find(2).first(conn).unwrap();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let query = || Noted::cached().strategy(strategy).order(posts::id);
            fail_once::<Conn>("post_load 3");
            assert!(is_refusal(&query().load(conn).unwrap_err()), "{strategy:?}");
            let map = conn.identity_map().unwrap();
            assert_eq!(map.len::<Noted>(), 1, "{strategy:?}");
            assert!(Arc::ptr_eq(&held, &map.get::<Noted>(&2).unwrap()));
            log();
            let all = query().load(conn).unwrap();
            assert_eq!((all.len(), log().len()), (4, 3), "{strategy:?}");
        }
        fail_once::<Conn>("post_load 3");
        assert!(Noted::cached().find_many([3, 2]).load(conn).is_err());
        assert!(conn.identity_map().unwrap().get::<Noted>(&3).is_none());
    }

    fn post_load_that_fails_gives_up_what_a_hook_holds(db) {
        let (conn, _) = &mut noted(&db);
        let seen: Rc<RefCell<Option<Arc<Noted>>>> = Rc::default();
        let see = Rc::clone(&seen);
        once("post_load 1", move |conn: &mut Conn| {
            *see.borrow_mut() = Some(Noted::cached().find(1).first(conn)?);
            Ok(())
        });
        fail_once::<Conn>("post_load 3");
        let posts = Noted::cached().strategy(Strategy::Rows).order(posts::id).load(conn);
        assert!(is_refusal(&posts.unwrap_err()));
        let held = seen.take().unwrap();
        assert!(conn.identity_map().unwrap().get::<Noted>(&1).is_none());
        assert!(!Arc::ptr_eq(&held, &Noted::cached().find(1).first(conn).unwrap()));
    }

    fn post_load_that_fails_keeps_nothing_in_a_scope_that_retains(db) {
        let (conn, _) = &mut noted(&db);
        let _entered = Scope::builder().retain(Retain::UntilScopeEnds).build().entered();
        fail_once::<Conn>("post_load 3");
        assert!(Noted::cached().order(posts::id).load(conn).is_err());
        assert_eq!(conn.identity_map().unwrap().len::<Noted>(), 0);
    }

    fn post_load_that_fails_after_a_fresh_load_leaves_the_map_as_before(db) {
        let (conn, _) = &mut noted(&db);
        let held = Noted::cached().filter(posts::id.le(2)).order(posts::id).load(conn).unwrap();
        fail_once::<Conn>("post_load 2");
        let fresh = Noted::cached().fresh().order(posts::id).load(conn);
        assert!(is_refusal(&fresh.unwrap_err()));
        let map = conn.identity_map().unwrap();
        for old in &held {
            let now = map.get::<Noted>(&old.id);
            assert!(now.is_some_and(|now| Arc::ptr_eq(old, &now)), "{}", old.id);
        }
        assert_eq!(map.len::<Noted>(), 2);
    }

    fn post_load_that_fails_after_a_refresh_leaves_the_map_as_before(db) {
        let (conn, _) = &mut noted(&db);
        let held = Noted::cached().find(2).first(conn).unwrap();
        fail_once::<Conn>("post_load 2");
        assert!(is_refusal(&Noted::cached().refresh(&held, conn).unwrap_err()));
        let now = conn.identity_map().unwrap().get::<Noted>(&2);
        assert!(now.is_some_and(|now| Arc::ptr_eq(&held, &now)));
    }
}
