//! What a connection says after a future of it was dropped, and what another one of its scope says.

use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_identity_map::prelude::*;

use crate::db::each_awaited;
use crate::models::*;
use crate::schema::*;

use super::setup::*;

each_awaited! {
    /// G3: the connection is left alone after its write was dropped, and its scope has others. Each write
    /// has a row of its own, since on MySQL the one before may have its row locked still.
    fn a_connection_that_is_left_alone(db) {
        db.fill(3, 200);
        let work = async {
            let (mut other, _) = mapped(wait!(db.connect()), db.url());
            let mut left_alone = Vec::new();
            for polls in 0..200 {
                let id = i32::try_from(polls).unwrap() + 1;
                let (mut conn, _) = mapped(wait!(db.connect()), db.url());
                let held = wait!(Post::cached().find(id).first(&mut other)).unwrap();
                let title = format!("after {polls}");
                let write = Post::cached().update(&held, posts::title.eq(&title), &mut conn);
                let done = drop_after(polls, write).await;
                left_alone.push(conn);
                // The server does what it was told.
                tokio::time::sleep(Duration::from_millis(30)).await;
                let read = posts::table.find(id).select(posts::title);
                let read: String = wait!(read.get_result(&mut other)).unwrap();
                let found = wait!(Post::cached().find(id).first(&mut other)).unwrap();
                assert_eq!(found.title, read, "after {polls} polls");
                if done {
                    assert_eq!(read, title);
                    break;
                }
            }
        };
        work.in_identity_scope(Scope::new()).await;
    }

    /// G7: wherever a load is dropped, the map is whole, and works on.
    fn a_load_that_is_dropped(db) {
        db.fill(3, 50);
        let work = async {
            let (mut conn, _) = mapped(wait!(db.connect()), db.url());
            let held = wait!(Post::cached().find(7).first(&mut conn)).unwrap();
            let mut polls = 0;
            loop {
                let load = async {
                    let posts = Post::cached().order(posts::id).strategy(Strategy::KeysFirst);
                    posts.with::<User>().load(&mut conn).await.unwrap();
                };
                let done = drop_after(polls, load).await;
                if !Db::SURVIVES_A_DROP {
                    let next = wait!(Post::cached().order(posts::id).load(&mut conn));
                    assert!(next.is_ok_and(|posts| posts.len() == 50) || was_interrupted(&mut conn).await);
                    conn = mapped(wait!(db.connect()), db.url()).0;
                }
                let all = wait!(Post::cached().order(posts::id).load(&mut conn)).unwrap();
                assert!(all.iter().map(|post| post.id).eq(1..=50), "after {polls} polls");
                assert!(Arc::ptr_eq(&all[6], &held));
                let user = wait!(User::cached().find(2).first(&mut conn)).unwrap();
                assert_eq!(user.id, 2);
                drop((all, user));
                let stats = Scope::current().unwrap().stats();
                assert_eq!(stats.alive, 1, "no placeholder stays");
                if done {
                    break;
                }
                polls += 1;
                assert!(polls < 1000);
            }
            // SQLite's thread may be quicker than the second poll.
            assert!(polls > 0, "it was dropped at its await points");
        };
        work.in_identity_scope(Scope::new()).await;
    }

    /// G3 and G7: a write that is dropped has happened, or not: the map says what the database says.
    fn a_write_that_is_dropped(db) {
        db.fill(3, 5);
        let work = async {
            let (mut conn, _) = mapped(wait!(db.connect()), db.url());
            let mut polls = 0;
            loop {
                let held = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
                let title = format!("after {polls}");
                let write = Post::cached().update(&held, posts::title.eq(&title), &mut conn);
                let done = drop_after(polls, write).await;
                if !Db::SURVIVES_A_DROP && !done {
                    assert!(polls == 0 || was_interrupted(&mut conn).await);
                    break;
                }
                let found = wait!(Post::cached().find(1).first(&mut conn)).unwrap();
                // By the same connection, so after whatever it was that the server was told.
                let read = posts::table.find(1).select(posts::title);
                let read: String = wait!(read.get_result(&mut conn)).unwrap();
                assert_eq!(found.title, read, "after {polls} polls");
                if done {
                    assert_eq!(read, title);
                    break;
                }
                polls += 1;
                assert!(polls < 1000);
            }
        };
        work.in_identity_scope(Scope::new()).await;
    }

    /// A transaction that is dropped half-way: nothing of it is handed out by another connection.
    fn a_transaction_that_is_dropped(db) {
        db.fill(3, 5);
        let work = async {
            let (mut other, _) = mapped(wait!(db.connect()), db.url());
            for polls in 0..20 {
                let (mut conn, _) = mapped(wait!(db.connect()), db.url());
                let transaction = conn.transaction(async |conn| {
                    let post = Post::cached().find(1).first(conn).await?;
                    Post::cached().update(&post, posts::title.eq("uncommitted"), conn).await?;
                    Post::cached().order(posts::id).load(conn).await?;
                    Err::<(), _>(diesel::result::Error::RollbackTransaction)
                });
                drop_after(polls, transaction).await;
                drop(conn);
                let found = wait!(Post::cached().find(1).first(&mut other)).unwrap();
                assert_eq!(found.title, "post 1", "after {polls} polls");
            }
        };
        work.in_identity_scope(Scope::new()).await;
    }
}
