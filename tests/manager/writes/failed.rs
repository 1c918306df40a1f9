//! A write that fails: the next load reads what it has left, and a write of several statements leaves
//! nothing.

use diesel::connection::SimpleConnection;
use diesel::deserialize::Queryable;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, MapOptions, Scope};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::setup::*;

/// A title that does not decode if it is bad.
#[derive(Debug)]
struct Title;

impl<DB> Queryable<Text, DB> for Title
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<Text, DB>,
{
    type Row = String;

    fn build(text: String) -> diesel::deserialize::Result<Self> {
        if text == "bad" {
            return Err("a bad title".into());
        }
        Ok(Self)
    }
}

#[derive(Queryable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
struct Titled {
    id: i32,
    #[allow(dead_code)] // it is there to fail
    title: Title,
}

each_database! {
    /// G7: nothing is left of it where it takes several statements. One statement is done, and read again.
    fn a_row_that_is_written_and_does_not_decode(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let held = Titled::cached().find(1).first(conn).unwrap();
        let error = Titled::cached().update(&held, posts::title.eq("bad"), conn).unwrap_err();
        assert!(error.to_string().contains("a bad title"), "{error}");
        let row: String = posts::table.find(1).select(posts::title).first(conn).unwrap();
        if Conn::RETURNING {
            assert_eq!(row, "bad");
            assert!(Titled::cached().find(1).first(conn).is_err());
            return;
        }
        assert_eq!(row, "post 1");
        assert_held!(held, Titled, 1, conn, sent);
        let new = (posts::user_id.eq(1), posts::title.eq("bad"), posts::body.eq(""));
        Titled::cached().insert(new, conn).unwrap_err();
        Titled::cached().insert_many([new, new], conn).unwrap_err();
        assert_eq!(posts::table.count().get_result::<i64>(conn), Ok(1));
        assert_held!(held, Titled, 1, conn, sent);
    }

    fn a_row_that_does_not_decode_inside_a_transaction(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).build();
        let held = Titled::cached().find(1).first(conn).unwrap();
        conn.transaction(|conn| {
            diesel::update(posts::table.find(2)).set(posts::score.eq(77)).execute(conn)?;
            Titled::cached().update(&held, posts::title.eq("bad"), conn).unwrap_err();
            QueryResult::Ok(())
        })
        .unwrap();
        let row: String = posts::table.find(1).select(posts::title).first(conn).unwrap();
        assert_eq!(row, if Conn::RETURNING { "bad" } else { "post 1" });
        assert_eq!(Titled::cached().find(1).first(conn).is_err(), Conn::RETURNING);
        assert_eq!(Post::cached().find(2).first(conn).unwrap().score, 77);
        sent.take();
    }

    fn an_update_in_a_transaction_takes_two_statements_more_on_mysql(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let post = Post::cached().find(1).first(conn).unwrap();
        conn.transaction(|conn| {
            sent.take();
            Post::cached().update(&post, posts::score.eq(8), conn)?;
            assert_eq!(sent.take().len(), Conn::UPDATE);
            QueryResult::Ok(())
        })
        .unwrap();
    }

    /// A `BEGIN` of the manager's would commit it on MySQL.
    fn a_transaction_that_nobody_watches_is_not_committed(db) {
        let _nothing = crate::installed::nothing_installed();
        let (conn, _) = &mut Fixture::on(db.connect()).posts(2).build();
        let posts = || Post::cached().uncached();
        let post = posts().find(1).first(conn).unwrap();
        conn.batch_execute("BEGIN").unwrap();
        posts().update(&post, posts::title.eq("never"), conn).unwrap();
        conn.batch_execute("ROLLBACK").unwrap();
        assert_eq!(posts().find(1).first(conn).unwrap().title, "post 1");

        let options = MapOptions::new().database(db.url()).watch(false);
        conn.enable_identity_map_with(options);
        conn.batch_execute("BEGIN").unwrap();
        posts().update(&post, posts::title.eq("never"), conn).unwrap();
        posts().update(&post, posts::title.eq("nor this"), conn).unwrap();
        conn.batch_execute("ROLLBACK").unwrap();
        assert_eq!(posts().find(1).first(conn).unwrap().title, "post 1");
        posts().update(&post, posts::title.eq("kept"), conn).unwrap();
        assert_eq!(posts().find(1).first(&mut mapped(db.connect(), db.url()).0).unwrap().title, "kept");
    }

    /// Nobody can say whether the write was done, and the scope has other connections.
    fn a_connection_that_closes_during_a_write(db) {
        let Some(trigger) = Conn::CLOSING_TRIGGER else {
            return;
        };
        let (conn, _) = &mut Fixture::new(&db).posts(2).build();
        let (mut other, sent) = mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        let held = Post::cached().order(posts::id).load(&mut other).unwrap();
        Post::cached().find(1).first(conn).unwrap();
        other.batch_execute(trigger).unwrap();
        drop(held);
        let held = Post::cached().order(posts::id).load(&mut other).unwrap();
        Post::cached().update(&held[0], posts::title.eq("perhaps"), conn).unwrap_err();
        sent.take();
        let read = Post::cached().find(1).first(&mut other).unwrap();
        assert_eq!(sent.take().len(), 1, "it is read again");
        let row: String = posts::table.find(1).select(posts::title).first(&mut other).unwrap();
        assert_eq!(read.title, row);
        assert_held!(held[1], Post, 2, &mut other, sent);
    }
}

/// `RAISE(FAIL)` keeps what the statement has written so far.
#[test]
fn a_statement_that_fails_and_is_kept() {
    let db = crate::db::sqlite::Db::new();
    let (conn, _) = &mut Fixture::new(&db).posts(3).build();
    let post = Post::cached().find(1).first(conn).unwrap();
    let other = Post::cached().find(3).first(conn).unwrap();
    conn.batch_execute(
        "CREATE TRIGGER kept_update AFTER UPDATE ON posts BEGIN SELECT RAISE(FAIL, 'kept'); END;
         CREATE TRIGGER kept_delete AFTER DELETE ON posts BEGIN SELECT RAISE(FAIL, 'kept'); END;",
    )
    .unwrap();
    let post = Post::cached().refresh(&post, conn).unwrap();
    Post::cached()
        .update(&post, posts::title.eq("written"), conn)
        .unwrap_err();
    let row: String = posts::table
        .find(1)
        .select(posts::title)
        .first(conn)
        .unwrap();
    assert_eq!(row, "written");
    let read = Post::cached().find(1).first(conn).unwrap();
    assert_eq!(read.title, row);

    Post::cached()
        .filter(posts::id.eq(1))
        .update_all(posts::title.eq("again"), conn)
        .unwrap_err();
    let read = Post::cached().find(1).first(conn).unwrap();
    assert_eq!(read.title, "again");

    Post::cached().delete(&other, conn).unwrap_err();
    assert_gone!(Post, 3, conn);
}
