//! `insert_model`: a whole model, which `pre_save` sees.

use std::cell::RefCell;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error::{NotFound, QueryBuilderError};
use diesel_identity_map::AsyncHooks;
use diesel_identity_map::prelude::*;

use crate::db::each_connection;
use crate::models::User;
use crate::schema::*;

use super::asserts::*;

thread_local! {
    /// What the hooks were called for.
    static CALLS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[derive(Queryable, Selectable, Insertable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = users)]
#[identity_map(hooks)]
struct Member {
    id: i32,
    name: String,
}

impl<C: 'static> Hooks<C> for Member {
    fn pre_save(saving: Saving<'_, Self>, _: &mut C) -> QueryResult<()> {
        CALLS.with_borrow_mut(|calls| calls.push(format!("{saving:?}")));
        match saving {
            Saving::Save(member) if member.name.is_empty() => {
                Err(QueryBuilderError("no name".into()))
            }
            _ => Ok(()),
        }
    }

    fn post_save(object: &Arc<Self>, created: bool, _: &mut C) -> QueryResult<()> {
        CALLS.with_borrow_mut(|calls| calls.push(format!("{} {created}", object.name)));
        Ok(())
    }
}

impl<C: Send + 'static> AsyncHooks<C> for Member {
    async fn pre_save(saving: Saving<'_, Self>, conn: &mut C) -> QueryResult<()> {
        <Self as Hooks<C>>::pre_save(saving, conn)
    }

    async fn post_save(object: &Arc<Self>, created: bool, conn: &mut C) -> QueryResult<()> {
        <Self as Hooks<C>>::post_save(object, created, conn)
    }
}

fn member(id: i32, name: &str) -> Member {
    let name = name.to_owned();
    Member { id, name }
}

each_connection! {
    /// G1: the row is what was inserted, and the object that loads find; the hooks see both.
    fn the_hook_sees_the_model(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let new = wait!(Member::cached().insert_model(member(7, "Ann"), conn)).unwrap();
        assert_eq!(*new, member(7, "Ann"));
        assert_eq!(CALLS.take(), ["Save(Member { id: 7, name: \"Ann\" })", "Ann true"]);
        sent.take();
        let same = wait!(Member::cached().find(7).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&same, &new));
        assert_eq!(sent.take(), Vec::<String>::new());
        let row: User = wait!(users::table.find(7).first(conn)).unwrap();
        assert_eq!((row.id, &*row.name), (7, "Ann"));
        // Of values it shows nothing.
        wait!(Member::cached().insert(member(8, "Ben"), conn)).unwrap();
        assert_eq!(CALLS.take(), ["Insert", "Ben true"]);
    }

    /// G7: what the hook refuses, and what the database refuses, is not there.
    fn a_refused_model_is_not_inserted(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let error = wait!(Member::cached().insert_model(member(7, ""), conn)).unwrap_err();
        assert!(matches!(error, QueryBuilderError(_)), "{error}");
        assert_eq!(wait!(Member::cached().find(7).first(conn)).unwrap_err(), NotFound);
        let held = wait!(Member::cached().insert_model(member(7, "Ann"), conn)).unwrap();
        let error = wait!(Member::cached().insert_model(member(7, "Ben"), conn)).unwrap_err();
        assert!(is_unique_violation(&error), "{error}");
        let found = wait!(Member::cached().find(7).first(conn)).unwrap();
        assert_eq!(*found, *held);
    }
}
