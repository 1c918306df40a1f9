//! Every query method that `Cached` takes, as far as a test by guarantee does not use it.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{Cached, IdentityMapped};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

each_database! {
    /// Such a query is not `Send`, and need not be on a connection that blocks.
    fn a_condition_in_a_box(db) {
        use diesel::expression::BoxableExpression;
        use diesel::sql_types::Bool;
        type Condition = Box<dyn BoxableExpression<posts::table, <Conn as diesel::Connection>::Backend, SqlType = Bool>>;

        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 9);
        let condition = |above: bool| -> Condition {
            if above { Box::new(posts::id.gt(7)) } else { Box::new(posts::title.eq("post 3")) }
        };
        assert_eq!(Post::cached().filter(condition(false)).one(conn).unwrap().id, 3);
        let above = Post::cached().filter(condition(true)).order(posts::id).load(conn).unwrap();
        assert!(above.iter().map(|post| post.id).eq(8..=9));
        let pairs = Post::cached().filter(condition(true)).with::<User>().load(conn).unwrap();
        assert_eq!(pairs.len(), 2);
        assert_eq!(Post::cached().filter(condition(true)).update_all(posts::score.eq(9), conn).unwrap(), 2);
        assert_eq!(Post::cached().find(8).first(conn).unwrap().score, 9);
        assert_eq!(Post::cached().filter(condition(false)).delete_all(conn).unwrap(), 1);
    }

    fn an_association_enters_by_from_query(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 3, 9);
        let user = User::cached().find(2).first(&mut conn).unwrap();
        let posts = Cached::<Post, _>::from_query(Post::belonging_to(&*user).order(posts::id))
            .load(&mut conn)
            .unwrap();
        assert_eq!(posts.iter().map(|post| post.id).collect::<Vec<_>>(), [1, 4, 7]);
        let again = Post::cached().find(4).first(&mut conn).unwrap();
        assert!(Arc::ptr_eq(&posts[1], &again));
    }

    fn a_query_can_be_cloned_and_refined(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 6);
        let published = Post::cached().filter(posts::published.eq(true));
        let all = published.clone().order(posts::id).load(&mut conn).unwrap();
        let last = published.order(posts::id.desc()).first(&mut conn).unwrap();
        assert!(Arc::ptr_eq(all.last().unwrap(), &last));
    }

    fn what_vanishes_between_the_two_statements_is_left_out(db) {
        let mut conn = db.connect();
        seed(&mut conn, 1, 6);
        // The instrumentation sits between the statements: after the first it deletes a row.
        let url = db.url().to_owned();
        let mut statements = 0;
        let deletes = move |event: diesel::connection::InstrumentationEvent<'_>| {
            if let diesel::connection::InstrumentationEvent::FinishQuery { .. } = event {
                statements += 1;
                if statements == 1 {
                    let mut other = Conn::establish(&url).unwrap();
                    diesel::delete(posts::table.filter(posts::id.eq(3))).execute(&mut other).unwrap();
                }
            }
        };
        diesel_identity_map::IdentityMapConnection::enable_identity_map_with(
            &mut conn,
            diesel_identity_map::MapOptions::new().instrumentation(deletes),
        );
        let found = Post::cached()
            .strategy(diesel_identity_map::Strategy::KeysFirst)
            .order(posts::id)
            .load(&mut conn)
            .unwrap();
        assert_eq!(found.iter().map(|post| post.id).collect::<Vec<_>>(), [1, 2, 4, 5, 6]);
    }
}

/// Compiles: what only PostgreSQL has.
#[cfg(feature = "postgres")]
#[test]
fn locks_and_distinct_on() {
    let db = crate::db::postgres::Db::new();
    let (mut conn, sent) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    seed(conn, 2, 6);
    let _held = Post::cached().load(conn).unwrap();
    sent.take();
    conn.transaction(|conn| {
        let posts = || Post::cached().order(posts::id);
        assert_eq!(posts().for_update().skip_locked().load(conn)?.len(), 6);
        assert_eq!(posts().for_no_key_update().no_wait().load(conn)?.len(), 6);
        assert_eq!(posts().for_share().load(conn)?.len(), 6);
        assert_eq!(posts().for_key_share().load(conn)?.len(), 6);
        let by_user = Post::cached()
            .order((posts::user_id, posts::id))
            .distinct_on(posts::user_id);
        assert_eq!(by_user.load(conn)?.len(), 2);
        QueryResult::Ok(())
    })
    .unwrap();
    assert_eq!(
        sent.take().len(),
        5 + 2,
        "each is one statement, beside BEGIN and COMMIT"
    );
}
