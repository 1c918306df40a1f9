//! What only connections that are awaited can get wrong: futures that move between threads, and
//! scopes that follow them.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::QueryResult;
use diesel::SelectableHelper;
use diesel::TextExpressionMethods;
use diesel_identity_map::prelude::*;

use crate::db::each_awaited;
use crate::models::*;
use crate::schema::*;

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

    /// G3: rows that were read again, and are older than a write which has ended meanwhile.
    fn a_fresh_load_beside_a_write(db) {
        db.fill(3, 9);
        let work = async {
            let (mut reader, _) = mapped(wait!(db.connect()), db.url());
            let (mut writer, _) = mapped(wait!(db.connect()), db.url());
            for how in ["load", "find_many", "mapped", "refresh"] {
                for polls in 1.. {
                    let held = Post::cached().order(posts::id).load(&mut writer).await.unwrap();
                    let fresh = async {
                        match how {
                            "load" => Post::cached().fresh().load(&mut reader).await.unwrap(),
                            "find_many" => {
                                let many = Post::cached().fresh().find_many(1..=9);
                                let found = many.load(&mut reader).await.unwrap();
                                found.into_iter().flatten().collect()
                            }
                            "mapped" => {
                                let query = posts::table.select(Post::as_select()).mapped();
                                query.fresh().load(&mut reader).await.unwrap()
                            }
                            _ => vec![Post::cached().refresh(&held[0], &mut reader).await.unwrap()],
                        }
                    };
                    let mut fresh = std::pin::pin!(fresh);
                    let mut done = None;
                    for _ in 0..polls {
                        let polled = poll_fn(|context| Poll::Ready(fresh.as_mut().poll(context)));
                        if let Poll::Ready(posts) = polled.await {
                            done = Some(posts);
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    let title = format!("{how}, {polls}");
                    let write = Post::cached().update(&held[0], posts::title.eq(&title), &mut writer);
                    let written = write.await.unwrap();
                    let is_done = done.is_some();
                    let _fresh = match done {
                        Some(posts) => posts,
                        None => fresh.await,
                    };
                    let found = Post::cached().find(1).first(&mut writer).await.unwrap();
                    assert_eq!((&*found.title, &*written.title), (&*title, &*title));
                    if is_done {
                        break;
                    }
                }
            }
        };
        work.in_identity_scope(Scope::new()).await;
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
