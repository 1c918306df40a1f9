//! Cached loads beside plain Diesel's, on the same rows in the same run.
//!
//! `cargo xtask bench` runs this and prints the ratios. 10,000 posts, with bodies of 40 bytes
//! and of 2 KB, on SQLite (in memory) and, with the feature `postgres`, on PostgreSQL (local).
//! Every plain row is put into an `Arc` as well; dropping the results is not timed.

#![allow(missing_docs, clippy::items_after_statements)] // a program, whose macro makes functions

use std::hint::black_box;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        body -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[allow(dead_code)] // decoded and dropped
struct Post {
    id: i32,
    user_id: i32,
    title: String,
    body: String,
}

const ROWS: i32 = 10_000;
const BODIES: [(&str, usize); 2] = [("40B", 40), ("2KB", 2000)];
const STRATEGIES: [(&str, Strategy); 3] = [
    ("auto", Strategy::Auto),
    ("keys first", Strategy::KeysFirst),
    ("rows", Strategy::Rows),
];

/// Fills the table anew.
fn fill(conn: &mut impl SimpleConnection, body: usize, settle: &str) {
    let text = "x".repeat(body);
    conn.batch_execute(
        "DROP TABLE IF EXISTS posts;
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
                             title TEXT NOT NULL, body TEXT NOT NULL);",
    )
    .expect("a table");
    for from in (1..=ROWS).step_by(500) {
        let rows: Vec<String> = (from..from + 500)
            .map(|id| format!("({id}, {}, 'post number {id}', '{text}')", id % 100))
            .collect();
        conn.batch_execute(&format!("INSERT INTO posts VALUES {}", rows.join(", ")))
            .expect("rows");
    }
    // What a server does by itself after a while; to temporary tables it does not.
    conn.batch_execute(settle).expect("statistics");
}

/// The time of `load` alone, its result dropped and `after` done while the clock stands.
fn timed<T>(rounds: u64, mut load: impl FnMut() -> T, mut after: impl FnMut()) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let start = Instant::now();
        let loaded = black_box(load());
        total += start.elapsed();
        drop(loaded);
        after();
    }
    total
}

/// The benchmarks of one database. A macro, because plain Diesel has no bound for "any".
macro_rules! benchmarks {
    ($name:ident, $label:literal, $Conn:ty, $settle:literal, $connect:expr) => {
        fn $name(criterion: &mut Criterion) {
            let conn: &mut $Conn = &mut $connect;
            conn.enable_identity_map();
            let map = conn.identity_map().expect("enabled");

            fn plain(conn: &mut $Conn) -> Vec<Arc<Post>> {
                let query = posts::table.select(Post::as_select()).order(posts::id);
                let rows = query
                    .load_iter::<Post, DefaultLoadingMode>(conn)
                    .expect("rows");
                rows.map(|row| row.map(Arc::new))
                    .collect::<QueryResult<_>>()
                    .expect("rows")
            }

            fn cached(conn: &mut $Conn, strategy: Strategy) -> Vec<Arc<Post>> {
                Post::cached()
                    .strategy(strategy)
                    .order(posts::id)
                    .load(conn)
                    .expect("rows")
            }

            for (label, body) in BODIES {
                fill(conn, body, $settle);
                let mut group = criterion.benchmark_group(format!("{} {label}", $label));
                group.bench_function("plain", |bencher| {
                    bencher.iter_custom(|rounds| timed(rounds, || plain(conn), || ()));
                });
                group.bench_function("cold", |bencher| {
                    bencher.iter_custom(|rounds| {
                        map.clear();
                        timed(rounds, || cached(conn, Strategy::Auto), || map.clear())
                    });
                });
                for held in [0, 25, 50, 75, 100] {
                    let every = Post::cached().load(conn).expect("rows");
                    let held_now: Vec<Arc<Post>> = every
                        .into_iter()
                        .filter(|post| post.id * 37 % 100 < held)
                        .collect();
                    for (name, strategy) in STRATEGIES {
                        let id = BenchmarkId::new(name, held);
                        group.bench_function(id, |bencher| {
                            bencher.iter_custom(|rounds| {
                                timed(rounds, || cached(conn, strategy), || ())
                            });
                        });
                    }
                    drop(held_now);
                    map.clear();
                }
                group.finish();
            }
        }
    };
}

benchmarks!(
    sqlite,
    "sqlite",
    SqliteConnection,
    "ANALYZE",
    SqliteConnection::establish(":memory:").expect("memory")
);

#[cfg(feature = "postgres")]
benchmarks!(
    postgres,
    "postgres",
    PgConnection,
    "VACUUM ANALYZE posts",
    {
        let url = std::env::var("IDENTITY_MAP_POSTGRES_URL")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let mut conn = PgConnection::establish(&url).expect("a server; run `cargo xtask bench`");
        conn.batch_execute("SET search_path TO pg_temp")
            .expect("a schema of its own");
        conn
    }
);

#[cfg(not(feature = "postgres"))]
fn postgres(_: &mut Criterion) {}

/// A `find` that hits, beside the least that any map of weak references must do.
#[allow(clippy::disallowed_methods)] // the bare map is what is compared with
fn find(criterion: &mut Criterion) {
    let mut conn = SqliteConnection::establish(":memory:").expect("memory");
    conn.enable_identity_map();
    fill(&mut conn, 40, "ANALYZE");
    let held = Post::cached().load(&mut conn).expect("rows");
    let bare: dashmap::DashMap<i32, Weak<Post>, foldhash::fast::RandomState> =
        dashmap::DashMap::with_hasher(foldhash::fast::RandomState::default());
    for post in &held {
        bare.insert(post.id, Arc::downgrade(post));
    }
    let mut group = criterion.benchmark_group("find");
    let mut next = {
        let mut id = 0;
        move || {
            id = (id + 7919) % ROWS;
            id + 1
        }
    };
    group.bench_function("bare DashMap get and upgrade", |bencher| {
        bencher.iter(|| bare.get(&next()).and_then(|post| post.upgrade()));
    });
    group.bench_function("hit", |bencher| {
        bencher.iter(|| Post::cached().find(next()).first(&mut conn));
    });
    group.bench_function("plain", |bencher| {
        bencher.iter(|| {
            posts::table
                .find(next())
                .select(Post::as_select())
                .first(&mut conn)
                .map(Arc::new)
        });
    });
    group.finish();
}

/// Plain Diesel's own point query on a connection that is watched, beside one that is not: what
/// the look at its text costs.
fn look(criterion: &mut Criterion) {
    let connect = |options: Option<MapOptions>| {
        let mut conn = SqliteConnection::establish(":memory:").expect("memory");
        fill(&mut conn, 40, "ANALYZE");
        if let Some(options) = options {
            conn.enable_identity_map_with(options);
        }
        conn
    };
    let mut group = criterion.benchmark_group("look");
    for (name, options) in [
        ("no map", None),
        ("watch off", Some(MapOptions::new().watch(false))),
        ("watch on", Some(MapOptions::new())),
    ] {
        let mut conn = connect(options);
        let mut id = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                id = (id + 7919) % ROWS;
                posts::table
                    .find(id + 1)
                    .select(Post::as_select())
                    .first(&mut conn)
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = look, find, sqlite, postgres
}
criterion_main!(benches);
