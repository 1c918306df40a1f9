//! What only connections that are awaited can get wrong: futures that move between threads, or are
//! dropped half-way, and pools that hand a connection on.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::QueryResult;
use diesel::TextExpressionMethods;
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use crate::db::each_awaited;
use crate::models::*;
use crate::schema::*;

/// Polls a future so often and drops it then, unless it was ready before; says whether it was.
pub(crate) async fn drop_after<F: Future>(polls: usize, future: F) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let ready = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if ready {
            return true;
        }
        // What it waits for goes on meanwhile: the server, the blocking thread.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}

/// What spawned tasks ask for.
fn is_send<F: Future + Send>(future: F) -> F {
    future
}

each_awaited! {
    fn a_future_may_be_spawned(db) {
        db.fill(3, 9);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let task = tokio::spawn(async move {
            let wanted = String::from("post%");
            let posts = Post::cached()
                .filter(posts::title.like(&wanted))
                .order(posts::id)
                .load(&mut conn)
                .await?;
            let first = posts[0].load_parent::<User>(&mut conn).await?;
            let pairs = Post::cached().order(posts::id).with::<User>().load(&mut conn).await?;
            let made = User::cached().insert(users::name.eq("new"), &mut conn).await?;
            QueryResult::Ok((posts.len(), first.map(|user| user.id), pairs.len(), made.id))
        });
        assert_eq!(task.await.unwrap().unwrap(), (9, Some(2), 9, 4));
    }

    /// Every method's future is `Send`, also where the query borrows.
    fn every_future_is_send(db) {
        db.fill(3, 9);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let title = String::from("post 4");
        let by_title = || Post::cached().filter(posts::title.eq(&title));
        let post = is_send(by_title().first(conn)).await.unwrap();
        assert!(Arc::ptr_eq(&post, &is_send(by_title().one(conn)).await.unwrap()));
        assert!(Arc::ptr_eq(&post, &is_send(by_title().get_result(conn)).await.unwrap()));
        assert_eq!(is_send(by_title().get_results(conn)).await.unwrap().len(), 1);
        is_send(Post::cached().find_many([1, 2]).load(conn)).await.unwrap();
        is_send(by_title().with_children::<Comment>().load(conn)).await.unwrap();
        let posts = [post];
        is_send(posts.load_parents::<User>(conn)).await.unwrap();
        is_send(posts.load_children::<Comment>(conn)).await.unwrap();
        is_send(posts.load_through::<PostTag, Tag>(conn)).await.unwrap();
        is_send(posts[0].load_children::<Comment>(conn)).await.unwrap();
        is_send(Post::cached().update(&posts[0], posts::title.eq(&title), conn)).await.unwrap();
        is_send(Post::cached().filter(posts::title.eq(&title)).update_all(posts::score.eq(1), conn)).await.unwrap();
        is_send(Post::cached().refresh(&posts[0], conn)).await.unwrap();
        is_send(Post::cached().delete(&posts[0], conn)).await.unwrap();
        drop(is_send(by_title().load_iter(conn)).await.unwrap());
    }

    fn a_stream_of_objects(db) {
        db.fill(3, 100);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let held = wait!(Post::cached().find(7).first(conn)).unwrap();
        sent.take();
        let mut rows = wait!(Post::cached().order(posts::id).load_iter(conn)).unwrap();
        let mut ids = Vec::new();
        while let Some(post) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
            let post = post.unwrap();
            assert_eq!(post.id == 7, Arc::ptr_eq(&post, &held));
            ids.push(post.id);
        }
        drop(rows);
        assert!(ids.into_iter().eq(1..=100));
        assert_eq!(sent.take().len(), 1);
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 1, "G6");
        let mut rows = wait!(Post::cached().find(7).load_iter(conn)).unwrap();
        let found = poll_fn(|context| rows.as_mut().poll_next(context)).await;
        assert!(Arc::ptr_eq(&found.unwrap().unwrap(), &held));
        drop(rows);
        assert_eq!(sent.take().len(), 0);
        // A stream that is dropped in its midst.
        let mut rows = wait!(Post::cached().order(posts::id).load_iter(conn)).unwrap();
        poll_fn(|context| rows.as_mut().poll_next(context)).await.unwrap().unwrap();
        drop(rows);
        assert_eq!(wait!(Post::cached().order(posts::id).load(conn)).unwrap().len(), 100);
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

    fn in_a_scope(db) {
        db.fill(3, 9);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let scope = Scope::new();
        let shared = async {
            let post = Post::cached().find(1).first(&mut one).await.unwrap();
            let same = Post::cached().find(1).first(&mut other).await.unwrap();
            assert!(Arc::ptr_eq(&post, &same), "over two connections");
            assert_eq!(Scope::current().unwrap().stats().statements, 1);
            post
        };
        let post = shared.in_identity_scope(scope.clone()).await;
        let outside = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        assert!(!Arc::ptr_eq(&post, &outside));
        // The scope is the one in which the future is polled.
        let load = Post::cached().find(1).first(&mut one);
        let inside = load.in_identity_scope(scope).await.unwrap();
        assert!(Arc::ptr_eq(&post, &inside));
    }

    /// G3, where the statement runs on a thread that knows of no scope.
    fn a_plain_write_in_a_scope(db) {
        db.fill(3, 9);
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), db.url());
        let work = async {
            let held = Post::cached().find(1).first(&mut one).await.unwrap();
            let change = diesel::update(posts::table.find(1)).set(posts::title.eq("changed"));
            change.execute(&mut other).await.unwrap();
            let new = Post::cached().find(1).first(&mut one).await.unwrap();
            assert_eq!((&*held.title, &*new.title), ("post 1", "changed"));
            let change = diesel::update(posts::table.find(1)).set(posts::title.eq("again"));
            change.execute(&mut one).await.unwrap();
            assert_eq!(Post::cached().find(1).first(&mut other).await.unwrap().title, "again");
        };
        work.in_identity_scope(Scope::new()).await;
    }

    fn what_a_scope_reports(db) {
        db.fill(3, 9);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let scope = Scope::builder().track_statements(2).build();
        let work = async {
            for id in 1..=5 {
                Post::cached().find(id).first(&mut conn).await.unwrap();
            }
        };
        work.in_identity_scope(scope.clone()).await;
        let report = scope.report();
        assert_eq!(report.repeated().len(), 1, "{report}");
        assert_eq!(report.repeated()[0].times, 5);
        assert_eq!(report.repeated()[0].location.file(), file!());
    }

    /// Two tasks that miss the same row at once each send their statement, and get one object.
    fn tasks_that_want_the_same_rows(db) {
        db.fill(3, 20);
        let scope = Scope::new();
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (mut conn, _) = mapped(wait!(db.connect()), db.url());
            let work = async move {
                let mut held = Vec::new();
                for id in 1..=20 {
                    held.push(Post::cached().find(id).first(&mut conn).await.unwrap());
                }
                held
            };
            tasks.push(tokio::spawn(work.in_identity_scope(scope.clone())));
        }
        let mut all: Vec<Vec<Arc<Post>>> = Vec::new();
        for task in tasks {
            all.push(task.await.unwrap());
        }
        for held in &all {
            assert!(held.iter().zip(&all[0]).all(|(one, other)| Arc::ptr_eq(one, other)));
        }
        assert_eq!(scope.stats().alive, 20);
    }
}

/// Whether the connection refuses to go on after a future of it was dropped.
async fn was_interrupted<C, D>(conn: &mut C) -> bool
where
    D: diesel_identity_map::connection::Spoken,
    C: diesel_identity_map::query::Loads<Post, posts::table, D>,
    for<'c> C::Output<'c, Vec<Arc<Post>>>: Future<Output = QueryResult<Vec<Arc<Post>>>>,
{
    let error = Post::cached().load(conn).await.err();
    let error = error.as_ref().and_then(IdentityMapError::of);
    matches!(error, Some(IdentityMapError::Interrupted))
}
