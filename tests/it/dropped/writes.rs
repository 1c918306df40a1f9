//! Every write of the manager, with hooks and without, dropped at each of its await points.

use std::sync::Arc;
use std::time::Duration;

use diesel::QueryResult;
use diesel::dsl::sql;
use diesel::prelude::{
    AsChangeset, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel::sql_types::BigInt;
use diesel_identity_map::prelude::*;

use crate::db::each_awaited;
use crate::schema::*;

use super::setup::*;

/// A post whose writes are one statement, or two where the database returns nothing.
#[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Clone, Debug, PartialEq)]
#[diesel(table_name = posts)]
struct Draft {
    id: i32,
    title: String,
}

/// A post whose writes are transactions, which wait for their hooks as well.
#[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Clone, Debug, PartialEq)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Watched {
    id: i32,
    title: String,
}

impl<C: diesel_async::AsyncConnection> AsyncHooks<C> for Watched {
    async fn pre_save(_: Saving<'_, Self>, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn post_save(_: &Arc<Self>, _: bool, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn pre_delete(_: &Arc<Self>, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn post_delete(_: &Arc<Self>, _: &mut C) -> QueryResult<()> {
        tokio::task::yield_now().await;
        Ok(())
    }
}

#[derive(Insertable, Clone)]
#[diesel(table_name = posts)]
struct NewPost {
    user_id: i32,
    title: String,
    body: &'static str,
    /// Where there is none SQLite gets another statement, so that the rows are a transaction.
    score: Option<i32>,
}

fn new(title: &str, score: Option<i32>) -> NewPost {
    NewPost {
        user_id: 1,
        title: title.to_owned(),
        body: "",
        score,
    }
}

/// A change of the title by `save`.
macro_rules! renamed {
    ($object:expr, $title:expr) => {{
        let mut changed = (*$object).clone();
        changed.title.clone_from($title);
        changed
    }};
}

/// Whether cached queries on a connection answer as plain Diesel does there, with one object per
/// row; asked for the rows that are held, and for all.
macro_rules! agrees {
    ($Model:ident, $held:ident, $conn:expr) => {{
        let conn = &mut $conn;
        let keys: Vec<i32> = $held.iter().map(|object| object.id).collect();
        // First, since what is held, or is thought to be, is not asked of the database.
        let one = $Model::cached()
            .find(keys[0])
            .first(conn)
            .await
            .optional()
            .unwrap();
        let many = $Model::cached()
            .find_many(keys.clone())
            .load(conn)
            .await
            .unwrap();
        let all = || $Model::cached().order(posts::id);
        let by_key = all()
            .strategy(Strategy::KeysFirst)
            .load(conn)
            .await
            .unwrap();
        let rows = all().strategy(Strategy::Rows).load(conn).await.unwrap();
        let plain = posts::table.order(posts::id).select($Model::as_select());
        let plain: Vec<$Model> = plain.load(conn).await.unwrap();
        let of = |key: &i32| rows.iter().find(|row| row.id == *key).map(Arc::as_ptr);
        let many: Vec<_> = many
            .iter()
            .map(|found| found.as_ref().map(Arc::as_ptr))
            .collect();
        one.as_ref().map(Arc::as_ptr) == of(&keys[0])
            && many == keys.iter().map(of).collect::<Vec<_>>()
            && by_key
                .iter()
                .map(Arc::as_ptr)
                .eq(rows.iter().map(Arc::as_ptr))
            && rows.iter().map(|row| &**row).eq(&plain)
    }};
}

/// Drops a write after no poll, one, two and so on, until it is done. `$held` is every row, held.
///
/// The connection is used further, or goes away with the write; another one of the same scope is
/// there throughout. A scope that keeps its objects shows what should not have come into it.
macro_rules! whole_wherever_it_is_dropped {
    ($db:ident, $Model:ident, |$held:ident, $title:ident, $conn:ident| $write:expr) => {{
        $db.fill(3, 150);
        let mut clerk = $db.connect().await;
        for (retain, used_further) in [
            (Retain::WhileHeld, true),
            (Retain::WhileHeld, false),
            (Retain::UntilScopeEnds, true),
            (Retain::UntilScopeEnds, false),
        ] {
            let work = async {
                let (mut other, _) = mapped($db.connect().await, $db.url());
                let mut polls = 0;
                loop {
                    let when = format!("{polls} polls, {retain:?}, used further: {used_further}");
                    let (mut writer, _) = mapped($db.connect().await, $db.url());
                    let $held = $Model::cached()
                        .order(posts::id)
                        .load(&mut writer)
                        .await
                        .unwrap();
                    let $title = &when;
                    let $conn = &mut writer;
                    let done = drop_after(polls, $write).await;
                    if done || used_further {
                        let refuses = !Db::SURVIVES_A_DROP && was_interrupted(&mut writer).await;
                        assert!(!(refuses && (done || polls == 0)), "{when}");
                        assert!(refuses || agrees!($Model, $held, writer), "{when}");
                    }
                    drop(writer);
                    // What it was told may still be under way.
                    let sessions = || diesel::select(sql::<BigInt>(Db::SESSIONS));
                    while sessions().get_result::<i64>(&mut clerk).await.unwrap() > 2 {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                    assert!(agrees!($Model, $held, other), "another connection, {when}");
                    let all = $Model::cached()
                        .order(posts::id)
                        .load(&mut other)
                        .await
                        .unwrap();
                    let known = other.identity_map().unwrap().len::<$Model>();
                    assert_eq!(known, all.len(), "no row that is not there, {when}");
                    drop(all);
                    drop($held);
                    let alive = Scope::current().unwrap().stats().alive;
                    assert!(
                        alive == 0 || retain != Retain::WhileHeld,
                        "no placeholder, {when}"
                    );
                    if done {
                        assert!(polls > 0, "it was dropped at its await points");
                        break;
                    }
                    // A server that is slow is not asked more often than there are rows.
                    polls += 1 + polls / 16;
                }
            };
            work.in_identity_scope(Scope::builder().retain(retain).build())
                .await;
        }
    }};
}

each_awaited! {
    /// G3 and G7.
    fn a_save_that_is_dropped(db) {
        whole_wherever_it_is_dropped!(db, Draft, |held, title, conn| {
            Draft::cached().save(renamed!(held[0], title), conn)
        });
    }

    /// G3, G4 and G7.
    fn a_save_with_hooks_that_is_dropped(db) {
        whole_wherever_it_is_dropped!(db, Watched, |held, title, conn| {
            Watched::cached().save(renamed!(held[0], title), conn)
        });
    }

    /// G3 and G7: the object of a row that was deleted is not handed out.
    fn a_delete_that_is_dropped(db) {
        whole_wherever_it_is_dropped!(db, Draft, |held, _title, conn| {
            Draft::cached().delete(&held[0], conn)
        });
    }

    /// G3, G4 and G7.
    fn a_delete_with_hooks_that_is_dropped(db) {
        whole_wherever_it_is_dropped!(db, Watched, |held, _title, conn| {
            Watched::cached().delete(&held[0], conn)
        });
    }

    /// G3 and G7.
    fn an_insert_that_is_dropped(db) {
        whole_wherever_it_is_dropped!(db, Draft, |held, title, conn| {
            Draft::cached().insert(new(title, None), conn)
        });
    }

    /// G3, G4 and G7.
    fn an_insert_with_hooks_that_is_dropped(db) {
        whole_wherever_it_is_dropped!(db, Watched, |held, title, conn| {
            Watched::cached().insert(new(title, None), conn)
        });
    }

    /// G3 and G7.
    fn many_inserts_that_are_dropped(db) {
        whole_wherever_it_is_dropped!(db, Draft, |held, title, conn| {
            Draft::cached().insert_many([new(title, Some(1)), new(title, None)], conn)
        });
    }

    /// G3, G4 and G7.
    fn many_inserts_with_hooks_that_are_dropped(db) {
        whole_wherever_it_is_dropped!(db, Watched, |held, title, conn| {
            Watched::cached().insert_many([new(title, Some(1)), new(title, None)], conn)
        });
    }
}
