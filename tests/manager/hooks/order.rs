//! When hooks run, in which order, and how often.

use diesel::prelude::*;
use diesel_identity_map::{IdentityMapError, IdentityMapped, Retain, Scope};

use crate::db::each_database;
use crate::models::seed;
use crate::schema::*;

use super::held::*;
use super::log::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn the_order_of_the_hooks(db) {
        let (conn, _) = &mut noted(&db);
        let made = Noted::cached().insert(new(50), conn).unwrap();
        assert_eq!(log(), ["pre_save insert", "post_save created 50", "after_commit Created 50"]);

        let made = Noted::cached().update(&made, posts::title.eq("x"), conn).unwrap();
        assert_eq!(
            log(),
            ["pre_save update 50", "post_save updated 50", "after_commit Updated 50"]
        );

        let made = Noted::cached().save(&*made, conn).unwrap();
        assert_eq!(log(), ["pre_save save 50", "post_save updated 50", "after_commit Updated 50"]);

        Noted::cached().delete(&made, conn).unwrap();
        assert_eq!(log(), ["pre_delete 50", "post_delete 50", "after_commit Deleted 50"]);
    }

    fn the_hooks_of_insert_many_run_for_each_row(db) {
        let (conn, _) = &mut noted(&db);
        Noted::cached().insert_many([new(52), new(50), new(51)], conn).unwrap();
        assert_eq!(
            log(),
            [
                "pre_save insert",
                "pre_save insert",
                "pre_save insert",
                "post_save created 52",
                "post_save created 50",
                "post_save created 51",
                "after_commit Created 52",
                "after_commit Created 50",
                "after_commit Created 51",
            ]
        );
        let none: [New; 0] = [];
        Noted::cached().insert_many(none, conn).unwrap();
        assert_eq!(log(), [""; 0]);
    }

    fn a_hook_runs_once_where_the_write_is_uncached_or_in_a_scope(db) {
        let (conn, _) = &mut noted(&db);
        let created = |id| {
            [
                "pre_save insert".to_owned(),
                format!("post_save created {id}"),
                format!("after_commit Created {id}"),
            ]
        };
        Noted::cached().uncached().insert(new(50), conn).unwrap();
        assert_eq!(log(), created(50));
        let map = diesel_identity_map::IdentityMap::new();
        Noted::cached().in_map(&map).insert(new(51), conn).unwrap();
        assert_eq!(log(), created(51));
        let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
        scope.in_scope(|| Noted::cached().insert(new(52), conn).map(drop)).unwrap();
        assert_eq!(log(), created(52));
    }

    fn bulk_writes_and_plain_ones_run_no_hooks(db) {
        let (conn, _) = &mut noted(&db);
        Noted::cached().update_all(posts::score.eq(1), conn).unwrap();
        Noted::cached().filter(posts::id.eq(1)).delete_all(conn).unwrap();
        diesel::delete(posts::table.find(2)).execute(conn).unwrap();
        assert_eq!(log(), [""; 0]);
    }

    fn saving_tells_what_is_about_to_be_written(db) {
        let (conn, _) = &mut noted(&db);
        let held = hold!(conn);
        let id = held.noted[1].id;
        once(&format!("pre_save save {id}"), |conn: &mut Conn| {
            let now = Noted::cached().find(2).first(conn)?;
            assert_eq!(now.title, "post 2");
            Ok(())
        });
        let changed = Noted { title: "saved".to_owned(), ..Noted::clone(&held.noted[1]) };
        let saved = Noted::cached().save(changed, conn).unwrap();
        assert_eq!(saved.title, "saved");
        assert!(nothing_left_to_do());
    }

    fn a_model_with_hooks_is_not_written_where_no_commit_is_seen(db) {
        let _nothing = crate::installed::nothing_installed();
        let conn = &mut db.connect();
        seed(conn, 1, 1);
        let error = Noted::cached().uncached().insert(new(50), conn).unwrap_err();
        assert_eq!(IdentityMapError::of(&error), Some(&IdentityMapError::NotEnabled));
        assert_eq!(posts::table.count().get_result::<i64>(conn), Ok(1));
    }
}
