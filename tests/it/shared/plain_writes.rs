//! Plain writes that overlap with loads and with each other: nothing they changed is loaded old.

use std::sync::Arc;

use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::sql_query;
use diesel_async::RunQueryDsl;
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::mapped;
use crate::models::*;
use crate::schema::*;

use super::setup::*;

/// G3: a plain write that overlaps with loads.
#[test]
fn plain_writes_that_overlap() {
    test(async |db, conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            for round in 0..20 {
                let mut reader = &other;
                let held = Post::cached().find(1).first(&mut reader).await.unwrap();
                let (title, id) = (format!("round {round}"), round % 9 + 1);
                let write = |id| diesel::update(posts::table.find(id)).set(posts::title.eq(&title));
                let (mut one, mut two, mut three) = (&conn, &conn, &conn);
                let (first, second, third, _) = tokio::join!(
                    write(id).execute(&mut one),
                    write(id % 9 + 1).execute(&mut two),
                    sql_query("UPDATE posts SET score = score + 1").execute(&mut three),
                    cached_titles(&conn),
                );
                assert_eq!((first.unwrap(), second.unwrap(), third.unwrap()), (1, 1, 9));
                let now = titles(&conn).await;
                assert_eq!(cached_titles(&conn).await, now, "round {round}");
                assert_eq!(cached_titles(&other).await, now, "round {round}");
                let post = Post::cached().find(1).first(&mut reader).await.unwrap();
                assert_eq!(post.score, held.score + 1);
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G3: what was told of first is sent last, and each ends for itself.
#[test]
fn a_plain_write_that_ends_late() {
    test(async |_db, conn, _| {
        let (mut slow, mut quick, mut reader) = (&conn, &conn, &conn);
        // A statement may have written a model that is not known yet when it is sent.
        drop(User::cached().load(&mut reader).await.unwrap());
        let slow = sql_query("UPDATE posts SET title = 'slow'").execute(&mut slow);
        let quick = sql_query("UPDATE users SET name = 'quick'").execute(&mut quick);
        quick.await.unwrap();
        let users = User::cached().load(&mut reader).await.unwrap();
        assert!(users.iter().all(|user| user.name == "quick"));
        let held = of_author(&conn, 1).await.unwrap();
        assert_eq!(held[0].title, "post 3");
        slow.await.unwrap();
        assert_eq!(cached_titles(&conn).await, ["slow"; 9]);
        let again = User::cached().find(1).first(&mut reader).await.unwrap();
        assert!(users.iter().any(|user| Arc::ptr_eq(user, &again)));
        let quick = User::cached().find(1).first(&mut reader).await.unwrap();
        assert!(Arc::ptr_eq(&again, &quick), "nothing is under way any more");
    });
}

/// G3: the end of a read is not the end of a write that was told of after it.
#[test]
fn a_read_that_ends_before_a_write() {
    test(async |_db, conn, _| {
        let (mut one, mut other, mut reader) = (&conn, &conn, &conn);
        let read = posts::table.count().get_result::<i64>(&mut one);
        let write = sql_query("UPDATE posts SET title = 'late'").execute(&mut other);
        read.await.unwrap();
        let held = Post::cached().find(1).first(&mut reader).await.unwrap();
        assert_eq!(held.title, "post 1");
        write.await.unwrap();
        assert_eq!(cached_titles(&conn).await, ["late"; 9]);
    });
}

/// However many there were, nothing is under way when all have ended.
#[test]
fn many_plain_writes_at_once() {
    test(async |_db, conn, sent| {
        let writes = (0..100).map(|number| {
            let mut conn = &conn;
            async move {
                let title = format!("{}{}", "x".repeat(number / 2), number);
                let write = sql_query(format!("UPDATE posts SET title = '{title}' WHERE id = 1"));
                write.execute(&mut conn).await
            }
        });
        let ends = futures_util::future::join_all(writes).await;
        assert!(ends.into_iter().all(|end| end == Ok(1)));
        let mut reader = &conn;
        let held = Post::cached().load(&mut reader).await.unwrap();
        sent.take();
        let again = Post::cached().find(2).first(&mut reader).await.unwrap();
        assert!(held.iter().any(|post| Arc::ptr_eq(post, &again)));
        assert_eq!(sent.take().len(), 0);
    });
}
