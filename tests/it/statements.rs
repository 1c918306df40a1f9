//! What is sent, counted and read in Diesel's own instrumentation.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel_identity_map::{
    Cached, IdentityMapConnection, IdentityMapped, MapOptions, Scope, Strategy,
};

use crate::db::{Recorder, each_database};
use crate::models::*;
use crate::schema::*;
use crate::{mapped, seeded};

/// Tells a clock how long the statements took: those for keys a tenth of those for whole posts. The time is of
/// this thread's making, so a busy machine decides nothing.
#[derive(Clone)]
struct Timed {
    sent: Recorder,
    micros: Arc<AtomicU64>,
    delay: Arc<AtomicU64>,
}

impl Timed {
    fn new(sent: Recorder) -> Self {
        Self {
            sent,
            micros: Arc::default(),
            delay: Arc::default(),
        }
    }

    fn clock(&self) -> impl Fn() -> Duration + Send + Sync + 'static {
        let micros = Arc::clone(&self.micros);
        move || Duration::from_micros(micros.load(Ordering::Relaxed))
    }

    /// The next statement that selects keys alone takes so much longer.
    fn delay_next_keys(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap();
        self.delay.store(micros, Ordering::Relaxed);
    }
}

impl Instrumentation for Timed {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = &event {
            let micros = if query.to_string().contains("title") {
                1_000
            } else {
                100 + self.delay.swap(0, Ordering::Relaxed)
            };
            self.micros.fetch_add(micros, Ordering::Relaxed);
        }
        self.sent.on_connection_event(event);
    }
}

/// Counts the statements that Diesel has not found in its cache of prepared statements.
#[derive(Clone, Default)]
struct Prepared(Arc<AtomicU64>);

impl Instrumentation for Prepared {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let prepared = matches!(event, InstrumentationEvent::CacheQuery { .. });
        self.0.fetch_add(u64::from(prepared), Ordering::Relaxed);
    }
}

each_database! {
    /// The statement of a query is prepared once for each choice of columns, whatever it binds.
    fn prepared_once(db) {
        let (mut conn, _) = seeded(&db, 2, 10);
        let prepared = Prepared::default();
        conn.enable_identity_map_with(MapOptions::new().instrumentation(prepared.clone()));
        let mut prepared_by = |strategy, above: i32| {
            let posts = Post::cached().filter(posts::id.gt(above)).order(posts::id);
            let posts = posts.strategy(strategy).load(&mut conn).unwrap();
            (prepared.0.swap(0, Ordering::Relaxed), posts)
        };
        let (cold, all) = prepared_by(Strategy::Rows, 0);
        assert!(cold >= 1);
        assert_eq!(prepared_by(Strategy::Rows, 0).0, 1, "with the key");
        assert_eq!(prepared_by(Strategy::KeysFirst, 0).0, 1, "the key alone");
        for above in 1..4 {
            for strategy in [Strategy::Rows, Strategy::KeysFirst] {
                let (prepared, some) = prepared_by(strategy, above);
                assert_eq!(prepared, 0, "{strategy:?}");
                let expected = all.iter().filter(|post| post.id > above);
                assert!(some.iter().eq(expected));
            }
        }
    }

    fn cold_warm_and_half_warm(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 10);
        sent.take();
        let posts = |strategy| Post::cached().strategy(strategy).order(posts::id);

        drop(posts(Strategy::KeysFirst).load(conn).unwrap());
        assert_eq!(sent.take().len(), 2, "cold, keys first");
        drop(posts(Strategy::Rows).load(conn).unwrap());
        assert_eq!(sent.take().len(), 1, "cold, rows");
        let all = posts(Strategy::Auto).load(conn).unwrap();
        assert_eq!(sent.take().len(), 1, "cold, auto");

        for strategy in [Strategy::KeysFirst, Strategy::Rows, Strategy::Auto] {
            let again = posts(strategy).load(conn).unwrap();
            assert_eq!(sent.take().len(), 1, "warm, {strategy:?}");
            assert_eq!(again, all);
        }

        let half = all.into_iter().filter(|post| post.id % 2 == 0).collect::<Vec<_>>();
        let _again = posts(Strategy::KeysFirst).load(conn).unwrap();
        assert_eq!(sent.take().len(), 2, "half warm, keys first");
        drop(_again);
        let _again = posts(Strategy::Rows).load(conn).unwrap();
        assert_eq!(sent.take().len(), 1, "half warm, rows");
        drop(half);
    }

    /// What was held once and is dropped is not held: the map is cold again.
    fn cold_again(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 2, 200);
        let load = |conn: &mut Conn| Post::cached().order(posts::id).load(conn).unwrap();
        for _ in 0..3 {
            let held = load(&mut conn);
            let again = load(&mut conn);
            drop((held, again));
            sent.take();
            drop(load(&mut conn));
            assert_eq!(sent.take().len(), 1);
        }
    }

    /// Each request begins with nothing; the second load of one finds all of it held. The first of these is
    /// slow by accident.
    fn a_request_that_asks_twice(db) {
        let mut conn = db.connect();
        let sent = Recorder::default();
        let timed = Timed::new(sent.clone());
        let options = MapOptions::new().database(db.url()).instrumentation(timed.clone());
        conn.enable_identity_map_with(options.clock(timed.clock()));
        let conn = &mut conn;
        seed(conn, 2, 200);
        let mut keys_alone = 0;
        timed.delay_next_keys(Duration::from_millis(20));
        for _ in 0..40 {
            let scope = Scope::new();
            let _entered = scope.enter();
            // A shape of its own: what `Auto` learns is the program's.
            let load = |conn: &mut Conn| {
                let posts = Post::cached().filter(posts::id.ne(-7)).filter(posts::id.ne(-8));
                posts.order(posts::id).load(conn).unwrap()
            };
            let held = load(conn);
            sent.take();
            assert_eq!(load(conn).len(), held.len());
            let sent = sent.take();
            assert_eq!(sent.len(), 1);
            keys_alone += usize::from(!sent[0].contains("title"));
        }
        assert!(keys_alone >= 30, "{keys_alone} of 40");
    }

    fn only_the_missing_keys_are_bound(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 2, 6);
        let _held = Post::cached().filter(posts::id.le(4)).load(&mut conn).unwrap();
        sent.take();
        let all = Post::cached().strategy(Strategy::KeysFirst).order(posts::id).load(&mut conn);
        assert_eq!(all.unwrap().len(), 6);
        let batch = sent.take().pop().unwrap();
        let binds = batch.split("-- binds: ").nth(1).unwrap();
        let mut bound: Vec<i32> = binds
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        bound.sort_unstable();
        assert_eq!(bound, [5, 6], "{batch}");
    }

    fn a_find_that_hits_sends_nothing(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let _held = Post::cached().load(conn).unwrap();
        sent.take();
        Post::cached().find(2).first(conn).unwrap();
        Post::cached().find(2).one(conn).unwrap();
        Post::cached().find(2).get_result(conn).unwrap();
        assert_eq!(Post::cached().find(2).load(conn).unwrap().len(), 1);
        assert_eq!(Post::cached().find(2).load_iter(conn).unwrap().count(), 1);
        assert_eq!(Post::cached().find_many([3, 1]).load(conn).unwrap().len(), 2);
        assert_eq!(sent.take(), Vec::<String>::new());

        // With any further condition the database decides.
        assert!(Post::cached().find(2).filter(posts::id.gt(2)).first(conn).is_err());
        assert!(Post::cached().filter(posts::id.gt(2)).find(2).first(conn).is_err());
        assert!(Post::cached().find(2).filter(posts::id.eq(2)).first(conn).is_ok());
        assert_eq!(sent.take().len(), 3);

        Post::cached().find(99).first(conn).unwrap_err();
        assert_eq!(sent.take().len(), 1);
    }

    fn find_many_is_aligned_and_asks_once(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 5);
        let _held = Post::cached().find(3).first(&mut conn).unwrap();
        sent.take();
        let keys = [5, 99, 3, 5];
        let posts = Post::cached().find_many(keys).load(&mut conn).unwrap();
        let ids: Vec<Option<i32>> =
            posts.iter().map(|post| post.as_ref().map(|post| post.id)).collect();
        assert_eq!(ids, [Some(5), None, Some(3), Some(5)]);
        assert_eq!(sent.take().len(), 1);
        let none: [i32; 0] = [];
        assert_eq!(Post::cached().find_many(none).load(&mut conn).unwrap(), []);
        assert_eq!(sent.count(), 0);
    }

    fn an_empty_result_sends_one(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        sent.take();
        for strategy in [Strategy::KeysFirst, Strategy::Rows, Strategy::Auto] {
            let posts = Post::cached().strategy(strategy).order(posts::id).load(&mut conn);
            assert_eq!(posts.unwrap(), []);
            assert_eq!(sent.take().len(), 1, "{strategy:?}");
        }
    }

    fn distinct_and_fresh_and_uncached_are_one_statement(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let _held = Post::cached().find(1).first(conn).unwrap();
        sent.take();
        let keys_first = || Post::cached().strategy(Strategy::KeysFirst);
        keys_first().distinct().order(posts::title).load(conn).unwrap();
        keys_first().fresh().order(posts::id).load(conn).unwrap();
        keys_first().uncached().order(posts::id).load(conn).unwrap();
        let elsewhere = posts::table.distinct().order(posts::title);
        Cached::<Post, _>::from_query(elsewhere).strategy(Strategy::KeysFirst).load(conn).unwrap();
        assert_eq!(sent.take().len(), 4);
    }

    fn what_was_sent_is_in_the_statistics(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 4);
        sent.take();
        let _held = Post::cached().filter(posts::id.le(2)).load(&mut conn).unwrap();
        let _all = Post::cached().strategy(Strategy::KeysFirst).load(&mut conn).unwrap();
        let stats = conn.identity_map().unwrap().stats();
        assert_eq!(stats.statements as usize, sent.count());
        assert_eq!((stats.hits, stats.misses, stats.alive), (2, 4, 4));
    }

    fn batches_reuse_their_statements(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 40);
        sent.take();
        for ids in [33..38, 20..28, 5..12] {
            Post::cached().find_many(ids).load(&mut conn).unwrap();
        }
        let mut texts: Vec<String> = sent
            .take()
            .into_iter()
            .map(|text| text.split(" -- binds").next().unwrap().to_owned())
            .collect();
        texts.dedup();
        assert_eq!(texts.len(), 1, "{texts:#?}");
    }

    fn a_hundred_thousand_misses(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed_many(&mut conn, 100_000);
        sent.take();
        let posts =
            Post::cached().strategy(Strategy::KeysFirst).order(posts::id).load(&mut conn).unwrap();
        assert_eq!(posts.len(), 100_000);
        assert!(posts.iter().zip(1..).all(|(post, id)| post.id == id));
        assert!(sent.count() <= 5, "{} statements", sent.count());
    }

    fn a_hundred_thousand_composite_misses(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed_many(&mut conn, 1_000);
        let tags: Vec<String> = (1..=100).map(|id| format!("({id}, 'tag {id}')")).collect();
        conn.batch_execute(&format!(
            "INSERT INTO tags (id, name) VALUES {};
             INSERT INTO post_tags (post_id, tag_id, position)
             SELECT posts.id, tags.id, posts.id FROM posts CROSS JOIN tags;",
            tags.join(", ")
        ))
        .unwrap();
        sent.take();
        let post_tags = PostTag::cached()
            .strategy(Strategy::KeysFirst)
            .order((post_tags::tag_id, post_tags::post_id))
            .load(&mut conn)
            .unwrap();
        assert_eq!(post_tags.len(), 100_000);
        assert!(post_tags.iter().all(|post_tag| post_tag.position == post_tag.post_id));
        assert!(sent.count() <= 8, "{} statements", sent.count());
    }
}

/// `count` posts of one user, made by the database.
fn seed_many<C: SimpleConnection>(conn: &mut C, count: usize) {
    seed(conn, 1, 10);
    let mut have = 10;
    while have < count {
        let more = have.min(count - have);
        conn.batch_execute(&format!(
            "INSERT INTO posts (id, user_id, title, body, published, score) \
             SELECT id + {have}, user_id, 'post', 'body', published, score FROM posts \
             WHERE id <= {more}"
        ))
        .unwrap();
        have += more;
    }
}
