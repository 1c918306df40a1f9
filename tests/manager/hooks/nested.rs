//! What a hook sees that loads rows itself, and what becomes of the rows that it writes.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::{Post, User};
use crate::schema::*;

use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn post_save_sees_the_new_version_of_its_own_row(db) {
        let (conn, sent) = &mut noted(&db);
        let held = hold!(conn);
        let seen: Rc<RefCell<Option<Arc<Noted>>>> = Rc::default();
        let (see, count) = (Rc::clone(&seen), sent.clone());
        once("post_save updated 2", move |conn: &mut Conn| {
            count.take();
            let own = Noted::cached().find(2).first(conn)?;
            assert_eq!(count.count(), 0);
            let all = Noted::cached().order(posts::id).load(conn)?;
            assert!(Arc::ptr_eq(&own, &all[1]));
            assert_eq!(Post::cached().find(2).first(conn)?.title, "mine");
            *see.borrow_mut() = Some(own);
            Ok(())
        });
        let new = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert!(Arc::ptr_eq(&new, seen.borrow().as_ref().unwrap()));
        assert_eq!(new.title, "mine");
        let now = Noted::cached().find(2).first(conn).unwrap();
        assert!(Arc::ptr_eq(&new, &now));
        assert_eq!(log(), ["pre_save update 2", "post_save updated 2", "after_commit Updated 2"]);
    }

    fn post_delete_does_not_see_its_row(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        once("post_delete 2", |conn: &mut Conn| {
            assert_eq!(Noted::cached().find(2).first(conn).unwrap_err(), Error::NotFound);
            assert_eq!(Post::cached().find(2).first(conn).unwrap_err(), Error::NotFound);
            assert!(Answer::cached().filter(comments::post_id.eq(2)).load(conn)?.is_empty());
            Ok(())
        });
        Noted::cached().delete(&held.noted[1], conn).unwrap();
        assert!(nothing_left_to_do());
    }

    fn a_hook_writes_and_deletes_others(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            let user = User::cached().find(1).first(conn)?;
            User::cached().update(&user, users::name.eq("of a hook"), conn)?;
            let other = Noted::cached().find(3).first(conn)?;
            Noted::cached().delete(&other, conn)?;
            Noted::cached().insert(new(50), conn).map(drop)
        });
        Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert_eq!(
            log(),
            [
                "pre_save update 2",
                "post_save updated 2",
                "pre_delete 3",
                "post_delete 3",
                "pre_save insert",
                "post_save created 50",
                "after_commit Deleted 3",
                "after_commit Created 50",
                "after_commit Updated 2",
            ]
        );
        assert_eq!(User::cached().find(1).first(conn).unwrap().name, "of a hook");
        assert_eq!(Noted::cached().find(3).first(conn).unwrap_err(), Error::NotFound);
        assert_eq!(Noted::cached().find(50).first(conn).unwrap().title, "new");
        let now = Noted::cached().find(1).first(conn).unwrap();
        assert!(Arc::ptr_eq(&held.noted[0], &now));
    }

    fn what_a_hook_wrote_is_undone_with_its_write(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        let before = rows(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            let user = User::cached().find(1).first(conn)?;
            User::cached().update(&user, users::name.eq("of a hook"), conn)?;
            let other = Noted::cached().find(3).first(conn)?;
            Noted::cached().delete(&other, conn)?;
            Noted::cached().insert(new(50), conn)?;
            diesel::update(posts::table.find(4)).set(posts::title.eq("plain")).execute(conn)?;
            assert_eq!(Noted::cached().find(4).first(conn)?.title, "plain");
            Err(refusal())
        });
        let failed = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn);
        let error = failed.unwrap_err();
        assert!(is_refusal(&error), "{error}");
        assert_eq!(commits(), [""; 0]);
        assert_eq!(rows(conn), before);
        held.assert_still("a hook that wrote and failed", conn);
        assert_eq!(Noted::cached().find(50).first(conn).unwrap_err(), Error::NotFound);
    }

    fn a_nested_write_that_fails_may_be_caught_by_the_hook(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            let other = Noted::cached().find(3).first(conn)?;
            fail_once::<Conn>("post_save updated 3");
            assert!(Noted::cached().update(&other, posts::title.eq("no"), conn).is_err());
            assert!(Arc::ptr_eq(&other, &Noted::cached().find(3).first(conn)?));
            assert!(Noted::cached().insert(new(1), conn).is_err());
            Ok(())
        });
        let new = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert_eq!(log().last().unwrap(), "after_commit Updated 2");
        assert_eq!(rows(conn)[1].1, "mine");
        assert_eq!(rows(conn)[2].1, "post 3");
        assert!(Arc::ptr_eq(&new, &Noted::cached().find(2).first(conn).unwrap()));
        held.assert_others_still(2, "caught", conn);
    }

    fn pre_delete_deletes_the_children(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        let children = || Answer::cached().filter(comments::post_id.eq(2)).order(comments::id);
        let ids: Vec<i64> = children().load(conn).unwrap().iter().map(|answer| answer.id).collect();
        once("pre_delete 2", move |conn: &mut Conn| {
            for child in children().load(conn)? {
                Answer::cached().delete(&child, conn)?;
            }
            Ok(())
        });
        log();
        Noted::cached().delete(&held.noted[1], conn).unwrap();
        let mut expected = vec!["pre_delete 2".to_owned()];
        for id in &ids {
            expected.push(format!("answer pre_delete {id}"));
            expected.push(format!("answer post_delete {id}"));
        }
        expected.push("post_delete 2".to_owned());
        expected.extend(ids.iter().map(|id| format!("answer after_commit Deleted {id}")));
        expected.push("after_commit Deleted 2".to_owned());
        assert_eq!(log(), expected);
        for id in ids {
            assert_eq!(Answer::cached().find(id).first(conn).unwrap_err(), Error::NotFound);
        }
        held.assert_others_still(2, "delete", conn);
    }

    fn pre_save_may_change_its_own_row_first(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        once("pre_save update 2", |conn: &mut Conn| {
            let own = Noted::cached().find(2).first(conn)?;
            Noted::cached().update(&own, posts::score.eq(77), conn).map(drop)
        });
        let new = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert_eq!((&*new.title, new.score), ("mine", 77));
        assert!(Arc::ptr_eq(&new, &Noted::cached().find(2).first(conn).unwrap()));
    }
}
