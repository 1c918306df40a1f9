//! G2: the keys of a cached query, their order and their number, are plain Diesel's.
//!
//! Random rows, random queries, a random part of the rows held, each strategy. Every order ends
//! in a key, since SQL leaves open in which order equal rows come.

use std::cell::RefCell;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{Cached, IdentityMapConnection, IdentityMapped, Strategy};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

#[derive(Debug, Clone)]
struct Case {
    filters: Vec<Condition>,
    or_filter: Option<Condition>,
    order: Order,
    limit: Option<i64>,
    offset: Option<i64>,
    distinct: bool,
    held: Vec<bool>,
    strategy: Strategy,
}

#[derive(Debug, Clone)]
enum Condition {
    IdAbove(i32),
    IdOneOf(Vec<i32>),
    ScoreIs(i32),
    Published(bool),
    TitleLike(&'static str),
    ByUserNamed(i32),
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Key,
    KeyDown,
    ScoreThenKey,
    UserDownThenKey,
}

const POSTS: usize = 40;

fn conditions() -> impl Strategy_<Value = Condition> {
    prop_oneof![
        (0..50).prop_map(Condition::IdAbove),
        prop::collection::vec(0..50, 0..6).prop_map(Condition::IdOneOf),
        (0..6).prop_map(Condition::ScoreIs),
        any::<bool>().prop_map(Condition::Published),
        prop::sample::select(vec!["post%", "%1%", "none"]).prop_map(Condition::TitleLike),
        (1..6).prop_map(Condition::ByUserNamed),
    ]
}

fn cases() -> impl Strategy_<Value = Case> {
    let orders = vec![
        Order::Key,
        Order::KeyDown,
        Order::ScoreThenKey,
        Order::UserDownThenKey,
    ];
    let strategies = vec![Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];
    (
        prop::collection::vec(conditions(), 0..3),
        prop::option::of(conditions()),
        prop::sample::select(orders),
        prop::option::of(0..30_i64),
        prop::option::of(0..10_i64),
        any::<bool>(),
        prop::collection::vec(any::<bool>(), POSTS),
        prop::sample::select(strategies),
    )
        .prop_map(
            |(filters, or_filter, order, limit, offset, distinct, held, strategy)| Case {
                filters,
                or_filter,
                order,
                // An offset alone is no SQL on MySQL and SQLite.
                limit: limit.or(offset.map(|_| 100)),
                offset,
                distinct,
                held,
                strategy,
            },
        )
}

use proptest::strategy::Strategy as Strategy_;

/// The case's clauses on a boxed query, plain or cached: the same text for both.
macro_rules! with_clauses {
    ($query:expr, $case:expr) => {{
        let case = $case;
        let mut query = $query;
        for filter in &case.filters {
            query = match filter {
                Condition::IdAbove(id) => query.filter(posts::id.gt(*id)),
                Condition::IdOneOf(ids) => query.filter(posts::id.eq_any(ids.clone())),
                Condition::ScoreIs(score) => query.filter(posts::score.eq(*score)),
                Condition::Published(yes) => query.filter(posts::published.eq(*yes)),
                Condition::TitleLike(like) => query.filter(posts::title.like(*like)),
                Condition::ByUserNamed(user) => query.filter(
                    posts::user_id.eq_any(
                        users::table
                            .select(users::id)
                            .filter(users::name.eq(format!("user {user}"))),
                    ),
                ),
            };
        }
        query = match &case.or_filter {
            Some(Condition::IdAbove(id)) => query.or_filter(posts::id.gt(*id)),
            Some(Condition::ScoreIs(score)) => query.or_filter(posts::score.eq(*score)),
            Some(Condition::Published(yes)) => query.or_filter(posts::published.eq(*yes)),
            _ => query,
        };
        query = match case.order {
            Order::Key => query.order(posts::id),
            Order::KeyDown => query.order_by(posts::id.desc()),
            Order::ScoreThenKey => query.order((posts::score, posts::id)),
            Order::UserDownThenKey => query.order(posts::user_id.desc()).then_order_by(posts::id),
        };
        if let Some(limit) = case.limit {
            query = query.limit(limit);
        }
        if let Some(offset) = case.offset {
            query = query.offset(offset);
        }
        query
    }};
}

fn keys(posts: &[Arc<Post>]) -> Vec<i32> {
    posts.iter().map(|post| post.id).collect()
}

each_database! {
    fn random_queries(db) {
        let connections = RefCell::new((mapped(db.connect(), db.url()).0, db.connect()));
        seed(&mut db.connect(), 5, POSTS);
        seed_comments(&mut db.connect(), POSTS, 3 * POSTS);
        type Backend = <Conn as diesel::Connection>::Backend;
        let config = Config { cases: 96, failure_persistence: None, ..Config::default() };

        TestRunner::new(config).run(&cases(), |case| {
            let (conn, plain) = &mut *connections.borrow_mut();
            conn.identity_map().unwrap().clear();
            let held: Vec<i32> = (1..).zip(&case.held).filter(|(_, held)| **held).map(|(id, _)| id).collect();
            let _held = Post::cached().filter(posts::id.eq_any(held)).load(conn).unwrap();
            let cached = || Post::cached().strategy(case.strategy);

            let expected: Vec<Post> = if case.distinct {
                let query = posts::table.select(Post::as_select()).distinct().into_boxed::<Backend>();
                with_clauses!(query, &case).load(plain).unwrap()
            } else {
                let query = posts::table.select(Post::as_select()).into_boxed::<Backend>();
                with_clauses!(query, &case).load(plain).unwrap()
            };
            let found = if case.distinct {
                with_clauses!(cached().distinct().into_boxed::<Backend>(), &case).load(conn)
            } else {
                with_clauses!(cached().into_boxed::<Backend>(), &case).load(conn)
            }
            .unwrap();
            prop_assert!(found.iter().map(|post| &**post).eq(&expected), "boxed: {:?}", keys(&found));

            let from_query = Cached::<Post, _>::from_query(with_clauses!(
                posts::table.into_boxed::<Backend>(),
                &case
            ));
            let found = from_query.strategy(case.strategy).load(conn).unwrap();
            let all: Vec<Post> = with_clauses!(
                posts::table.select(Post::as_select()).into_boxed::<Backend>(),
                &case
            )
            .load(plain)
            .unwrap();
            prop_assert!(found.iter().map(|post| &**post).eq(&all), "from_query");

            let first = with_clauses!(cached().into_boxed::<Backend>(), &case).get_result(conn);
            prop_assert_eq!(first.optional().unwrap().map(|post| post.id), all.first().map(|post| post.id));

            let streamed = with_clauses!(cached().into_boxed::<Backend>(), &case);
            let streamed: Vec<Arc<Post>> =
                streamed.load_iter(conn).unwrap().collect::<QueryResult<_>>().unwrap();
            prop_assert!(streamed.iter().map(|post| &**post).eq(&all), "streamed");
            Ok(())
        }).unwrap();
    }

    fn random_joins_that_repeat_rows(db) {
        let connections = RefCell::new((mapped(db.connect(), db.url()).0, db.connect()));
        seed(&mut db.connect(), 5, POSTS);
        seed_comments(&mut db.connect(), POSTS / 2, 2 * POSTS);
        type Backend = <Conn as diesel::Connection>::Backend;
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };

        TestRunner::new(config).run(&cases(), |case| {
            let (conn, plain) = &mut *connections.borrow_mut();
            conn.identity_map().unwrap().clear();
            let held: Vec<i32> = (1..).zip(&case.held).filter(|(_, held)| **held).map(|(id, _)| id).collect();
            let _held = Post::cached().filter(posts::id.eq_any(held)).load(conn).unwrap();
            let cached = || Post::cached().strategy(case.strategy);

            let inner = posts::table.inner_join(comments::table).select(posts::id);
            let expected: Vec<i32> =
                with_clauses!(inner.into_boxed::<Backend>(), &case).load(plain).unwrap();
            let found = with_clauses!(cached().inner_join(comments::table).into_boxed::<Backend>(), &case)
                .load(conn)
                .unwrap();
            prop_assert_eq!(keys(&found), expected);

            let left = posts::table
                .left_join(comments::table.on(comments::post_id.eq(posts::id).and(comments::id.gt(9))))
                .select(posts::id);
            let expected: Vec<i32> =
                with_clauses!(left.into_boxed::<Backend>(), &case).load(plain).unwrap();
            let found = with_clauses!(
                cached()
                    .left_join(comments::table.on(comments::post_id.eq(posts::id).and(comments::id.gt(9))))
                    .into_boxed::<Backend>(),
                &case
            )
            .load(conn)
            .unwrap();
            prop_assert_eq!(keys(&found), expected);
            Ok(())
        }).unwrap();
    }

    fn groups_and_counts(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        seed_comments(conn, 4, 10);
        let grouped = || {
            Post::cached()
                .inner_join(comments::table)
                .group_by(posts::id)
                .having(diesel::dsl::count(comments::id).gt(2))
                .order(posts::id)
        };
        for strategy in [Strategy::KeysFirst, Strategy::Rows, Strategy::Auto] {
            assert_eq!(keys(&grouped().strategy(strategy).load(conn).unwrap()), [2, 3]);
        }
        let count: i64 = Post::cached().filter(posts::id.gt(3)).count().get_result(conn).unwrap();
        assert_eq!(count, 6);
        let titles: Vec<String> =
            Post::cached().filter(posts::id.le(2)).select(posts::title).order(posts::id).load(conn).unwrap();
        assert_eq!(titles, ["post 1", "post 2"]);
    }

    /// An index that covers the key must not give an unordered query another order.
    fn an_unordered_query_keeps_its_order_when_it_is_warm(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 3, 30);
        let plain: Vec<i32> = posts::table
            .select(Post::as_select())
            .load(&mut conn)
            .unwrap()
            .iter()
            .map(|post: &Post| post.id)
            .collect();
        let mut held = Vec::new();
        for _ in 0..4 {
            held = Post::cached().load(&mut conn).unwrap();
            assert_eq!(keys(&held), plain);
        }
        drop(held);
    }

    /// `first` under every strategy is `LIMIT 1` of the same query.
    fn first_is_the_first(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 3, 9);
        for strategy in [Strategy::KeysFirst, Strategy::Rows, Strategy::Auto] {
            let last = Post::cached().strategy(strategy).order(posts::id.desc()).first(&mut conn);
            assert_eq!(last.unwrap().id, 9);
        }
    }
}
