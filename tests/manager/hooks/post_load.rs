//! `post_load` runs once for each object that comes into a map.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Strategy};

use crate::db::each_database;
use crate::schema::*;

use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn post_load_runs_once_per_object(db) {
        let (conn, _) = &mut noted(&db);
        let all = ["post_load 1", "post_load 2", "post_load 3", "post_load 4"];
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let query = || Noted::cached().strategy(strategy).order(posts::id);
            let one = Noted::cached().strategy(strategy).find(2).first(conn).unwrap();
            assert_eq!(log(), ["post_load 2"], "{strategy:?}");
            let posts = query().load(conn).unwrap();
            assert_eq!(sorted_log(), [all[0], all[2], all[3]], "{strategy:?}");
            query().load(conn).unwrap();
            Noted::cached().find(2).first(conn).unwrap();
            Noted::cached().find_many([1, 2]).load(conn).unwrap();
            query().limit(1).get_result(conn).unwrap();
            query().limit(1).one(conn).unwrap();
            let joined = query().inner_join(comments::table).load(conn).unwrap();
            assert_eq!(joined.len(), 8);
            assert_eq!(log(), [""; 0], "{strategy:?}");

            drop((one, posts, joined));
            let joined = query().inner_join(comments::table).load(conn).unwrap();
            assert_eq!(joined.len(), 8);
            assert_eq!(sorted_log(), all, "{strategy:?}, rows that repeat");
        }
    }

    fn post_load_of_find_many_fresh_and_uncached(db) {
        let (conn, _) = &mut noted(&db);
        let held = Noted::cached().find(2).first(conn).unwrap();
        log();
        let many = Noted::cached().find_many([1, 2, 99, 1]).load(conn).unwrap();
        assert_eq!(log(), ["post_load 1"]);
        Noted::cached().fresh().filter(posts::id.le(2)).load(conn).unwrap();
        assert_eq!(sorted_log(), ["post_load 1", "post_load 2"]);
        Noted::cached().uncached().filter(posts::id.le(2)).load(conn).unwrap();
        assert_eq!(sorted_log(), ["post_load 1", "post_load 2"]);
        let again = Noted::cached().refresh(&held, conn).unwrap();
        assert_eq!(log(), ["post_load 2"]);
        Noted::cached().expire(&again, conn).unwrap();
        Noted::cached().find(2).first(conn).unwrap();
        assert_eq!(log(), ["post_load 2"]);
        drop(many);
    }

    fn post_load_in_a_transaction_that_has_written(db) {
        let (conn, _) = &mut noted(&db);
        conn.transaction(|conn| {
            let two = Noted::cached().find(2).first(conn)?;
            let two = Noted::cached().update(&two, posts::title.eq("mine"), conn)?;
            log();
            let all = Noted::cached().order(posts::id).load(conn)?;
            assert!(Arc::ptr_eq(&two, &all[1]));
            assert_eq!(sorted_log(), ["post_load 1", "post_load 3", "post_load 4"]);
            Noted::cached().order(posts::id).load(conn)?;
            assert_eq!(log(), [""; 0]);
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn post_load_may_load_its_own_row(db) {
        let (conn, _) = &mut noted(&db);
        let seen: Rc<RefCell<Option<Arc<Noted>>>> = Rc::default();
        let see = Rc::clone(&seen);
        once("post_load 2", move |conn: &mut Conn| {
            *see.borrow_mut() = Some(Noted::cached().find(2).first(conn)?);
            Noted::cached().order(posts::id).load(conn).map(drop)
        });
        let two = Noted::cached().find(2).first(conn).unwrap();
        assert!(Arc::ptr_eq(&two, seen.borrow().as_ref().unwrap()));
        assert_eq!(sorted_log(), ["post_load 1", "post_load 2", "post_load 3", "post_load 4"]);
    }
}
