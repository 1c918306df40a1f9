//! Loads that overlap on one connection share its map.

use std::future::poll_fn;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::prelude::{ExpressionMethods, QueryDsl, TextExpressionMethods};
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;

use crate::models::*;
use crate::schema::*;

use super::setup::*;

/// G1 and G2, while statements overlap.
#[test]
fn loads_that_overlap() {
    test(async |_db, conn, sent| {
        let wanted = String::from("post%");
        let (mut one, mut other) = (&conn, &conn);
        let (all, ones, twos) = tokio::join!(
            Post::cached()
                .filter(posts::title.like(&wanted))
                .order(posts::id)
                .load(&mut one),
            of_author(&conn, 1),
            Post::cached()
                .filter(posts::user_id.eq(2))
                .order(posts::id)
                .load(&mut other),
        );
        let (all, ones, twos) = (all.unwrap(), ones.unwrap(), twos.unwrap());
        assert!(all.iter().map(|post| post.id).eq(1..=9));
        assert_eq!(
            sent.take().len(),
            3,
            "and nothing by which the slot was asked for"
        );
        for post in ones.iter().chain(&twos) {
            let same = all.iter().find(|one| one.id == post.id).unwrap();
            assert!(Arc::ptr_eq(same, post));
        }
        let mut conn = conn;
        let again = Post::cached().find(5).first(&mut conn).await.unwrap();
        assert!(
            Arc::ptr_eq(&again, &all[4]),
            "the same map, to whom has the connection alone"
        );
        assert_eq!(sent.take().len(), 0);
    });
}

/// G1, over tasks and threads.
#[test]
fn tasks_that_share_a_connection() {
    test(async |_db, conn, _| {
        let conn = Arc::new(conn);
        let scope = Scope::new();
        let tasks: Vec<_> = (0..40)
            .map(|task| {
                let conn = Arc::clone(&conn);
                let work = async move {
                    let mut conn: &AsyncPgConnection = &conn;
                    let keys = (1..=9).map(|key| (key + task) % 9 + 1);
                    let posts = Post::cached().find_many(keys).load(&mut conn).await?;
                    let posts: Vec<_> = posts.into_iter().flatten().collect();
                    let users = posts.load_parents::<User>(&mut conn).await?;
                    QueryResult::Ok((posts, users))
                };
                tokio::spawn(work.in_identity_scope(scope.clone()))
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.push(task.await.unwrap().unwrap());
        }
        let mut found: Vec<_> = all.iter().flat_map(|(posts, _)| posts).collect();
        assert_eq!(found.len(), 40 * 9);
        found.sort_by_key(|post| (post.id, Arc::as_ptr(post)));
        found.dedup_by_key(|post| Arc::as_ptr(post));
        assert_eq!(found.len(), 9);
        assert_eq!(scope.stats().alive, 9 + 3);
    });
}

/// The stream of a shared connection.
#[test]
fn a_stream_of_objects() {
    test(async |_db, conn, sent| {
        let (mut one, mut other) = (&conn, &conn);
        let held = Post::cached().find(7).first(&mut one).await.unwrap();
        let mut rows = Post::cached()
            .order(posts::id)
            .load_iter(&mut one)
            .await
            .unwrap();
        let meanwhile = Post::cached().find(7).first(&mut other).await.unwrap();
        assert!(Arc::ptr_eq(&meanwhile, &held));
        let mut count = 0;
        while let Some(post) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
            count += 1;
            let post = post.unwrap();
            assert_eq!(post.id == 7, Arc::ptr_eq(&post, &held));
        }
        assert_eq!((count, sent.take().len()), (9, 2));
    });
}
