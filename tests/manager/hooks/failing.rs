//! A hook that returns an error undoes its write, and nothing besides.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::Post;
use crate::schema::*;

use super::cases::*;
use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn a_hook_that_fails_undoes_the_write(db) {
        let (conn, _) = &mut noted(&db);
        let moves_the_key = cases([write_that_moves_the_key!()]);
        for Case { what, write, hook } in cases(hooked_writes!()).chain(moves_the_key) {
            let held = hold!(conn);
            let before = rows(conn);
            fail_once::<Conn>(hook);
            let error = conn.transaction(|conn| write(&held, conn)).unwrap_err();
            assert!(is_refusal(&error), "{what}: {error}");
            assert!(nothing_left_to_do());
            assert_eq!(commits(), [""; 0], "{what}");
            assert_eq!(rows(conn), before, "{what}");
            held.assert_others_still(2, &what, conn);
        }
    }

    fn a_hook_that_fails_leaves_the_map_as_before(db) {
        let (conn, _) = &mut noted(&db);
        for Case { what, write, hook } in cases(hooked_writes!()) {
            let held = hold!(conn);
            let before = rows(conn);
            fail_once::<Conn>(hook);
            let error = write(&held, conn).unwrap_err();
            assert!(is_refusal(&error), "{what}: {error}");
            assert!(nothing_left_to_do());
            assert_eq!(commits(), [""; 0], "{what}");
            assert_eq!(rows(conn), before, "{what}");
            held.assert_still(&what, conn);
            for id in [50, 51] {
                assert_eq!(Noted::cached().find(id).first(conn).unwrap_err(), Error::NotFound);
            }
        }
        Noted::cached().insert(new(50), conn).unwrap();
    }

    fn a_hook_that_fails_inside_a_transaction_undoes_its_write_alone(db) {
        let (conn, _) = &mut noted(&db);
        for Case { what, write, hook } in cases(hooked_writes!()) {
            let mut held = hold!(conn);
            conn.transaction(|conn| {
                let title = format!("kept {what}");
                let kept = Noted::cached().update(&held.noted[1], posts::title.eq(title), conn)?;
                held.noted[1] = Arc::clone(&kept);
                held.posts = Post::cached().order(posts::id).load(conn)?;
                fail_once::<Conn>(hook);
                let error = write(&held, conn).unwrap_err();
                assert!(is_refusal(&error), "{what}: {error}");
                for old in &held.noted {
                    let now = Noted::cached().find(old.id).first(conn)?;
                    assert!(Arc::ptr_eq(old, &now), "{what}: noted {}", old.id);
                }
                for old in &held.posts {
                    let now = Post::cached().find(old.id).first(conn)?;
                    assert!(Arc::ptr_eq(old, &now), "{what}: post {}", old.id);
                }
                QueryResult::Ok(())
            })
            .unwrap();
            held.assert_still(&what, conn);
            let row = &rows(conn)[1];
            assert_eq!((row.0, &row.1), (2, &format!("kept {what}")));
            assert_eq!(commits(), ["after_commit Updated 2"], "{what}");
        }
    }
}
