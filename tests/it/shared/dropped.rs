//! Statements that are dropped half-way on a connection that others use.

use std::sync::Arc;

use diesel::prelude::ExpressionMethods;
use diesel::result::Error;
use diesel::{QueryResult, sql_query};
use diesel_async::{AsyncConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::mapped;
use crate::dropped::drop_after;
use crate::models::*;
use crate::schema::*;

use super::setup::*;

/// G4: what was dropped before a transaction does not hide it.
#[test]
fn a_transaction_after_a_plain_write_that_was_dropped() {
    test(async |db, mut conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            for polls in 0..4 {
                let write = sql_query("UPDATE posts SET score = score + 1");
                drop_after(polls, write.execute(&mut conn)).await;
                let before = titles(&other).await;
                let rolled_back = conn.transaction(async |conn| {
                    let post = Post::cached().find(1).first(conn).await?;
                    Post::cached()
                        .update(&post, posts::title.eq("undone"), conn)
                        .await?;
                    assert_eq!(cached_titles(&other).await, before, "after {polls} polls");
                    Err::<(), _>(Error::RollbackTransaction)
                });
                assert_eq!(rolled_back.await, Err(Error::RollbackTransaction));
                assert_eq!(cached_titles(&other).await, before);
                assert_eq!(cached_titles(&conn).await, before);
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G4: nor does one that could not be sent, of which Diesel never says how it ended.
#[test]
fn a_transaction_after_a_plain_write_that_was_not_sent() {
    use diesel::Connection;

    let db = crate::db::postgres::Db::new();
    db.fill(3, 9);
    let (mut conn, _) = crate::mapped(db.connect(), db.url());
    let (mut other, _) = crate::mapped(db.connect(), db.url());
    let _entered = Scope::new().entered();
    let insert = diesel::insert_into(users::table).values(users::name.eq(Unsendable));
    let insert = insert.returning(users::id);
    let error: QueryResult<i32> = diesel::RunQueryDsl::get_result(insert, &mut conn);
    assert!(error.unwrap_err().to_string().contains("unsendable"));
    let rolled_back = conn.transaction(|conn| {
        let post = Post::cached().find(1).first(conn)?;
        Post::cached().update(&post, posts::title.eq("undone"), conn)?;
        assert_eq!(Post::cached().find(1).first(&mut other)?.title, "post 1");
        Err::<(), _>(Error::RollbackTransaction)
    });
    assert_eq!(rolled_back, Err(Error::RollbackTransaction));
    assert_eq!(
        Post::cached().find(1).first(&mut other).unwrap().title,
        "post 1"
    );
    let user = User::cached().find(1).first(&mut conn).unwrap();
    let same = User::cached().find(1).first(&mut conn).unwrap();
    assert!(Arc::ptr_eq(&user, &same));
}

#[derive(Debug, diesel::expression::AsExpression)]
#[diesel(sql_type = diesel::sql_types::Text)]
struct Unsendable;

impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for Unsendable {
    fn to_sql<'b>(
        &'b self,
        _: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
    ) -> diesel::serialize::Result {
        Err("unsendable".into())
    }
}

/// G3 and G7: a plain write that is dropped has happened, or not.
#[test]
fn a_plain_write_that_is_dropped() {
    test(async |db, conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            let mut held = &conn;
            let _held = Post::cached().load(&mut held).await.unwrap();
            for polls in 0.. {
                let title = format!("after {polls}");
                let mut writer = &conn;
                let write = diesel::update(posts::table).set(posts::title.eq(&title));
                let done = drop_after(polls, write.execute(&mut writer)).await;
                for _ in 0..2 {
                    let now = titles(&conn).await;
                    assert_eq!(cached_titles(&conn).await, now, "after {polls} polls");
                    assert_eq!(cached_titles(&other).await, now, "after {polls} polls");
                }
                if done {
                    assert!(polls > 0);
                    break;
                }
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G3 and G7, for the manager's writes.
#[test]
fn a_write_that_is_dropped() {
    test(async |db, conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            for polls in 0.. {
                let mut reader = &conn;
                let held = Post::cached().find(1).first(&mut reader).await.unwrap();
                let title = format!("after {polls}");
                let mut writer = &conn;
                let write = Post::cached().update(&held, posts::title.eq(&title), &mut writer);
                let done = drop_after(polls, write).await;
                // A load that is not that write's.
                let by_another = of_author(&conn, 2).await.unwrap();
                assert_eq!(by_another.len(), 3);
                let now = titles(&conn).await;
                assert_eq!(cached_titles(&conn).await, now, "after {polls} polls");
                assert_eq!(cached_titles(&other).await, now, "after {polls} polls");
                if done {
                    assert!(polls > 0 && now[0] == title);
                    break;
                }
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}
