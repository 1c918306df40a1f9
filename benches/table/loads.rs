//! What is measured of loading all posts, on whichever connection.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use diesel_identity_map::prelude::*;

use super::table::{Post, ROWS, filling};

const BODIES: [(&str, usize); 2] = [("40B", 40), ("2KB", 2000)];
const STRATEGIES: [(&str, Strategy); 3] = [
    ("auto", Strategy::Auto),
    ("keys first", Strategy::KeysFirst),
    ("rows", Strategy::Rows),
];

/// A connection with a map, and how to load all posts by it, in order.
pub(crate) trait Loads {
    const LABEL: &'static str;
    const SETTLE: &'static str;

    fn batch(&mut self, sql: &str);
    fn map(&mut self) -> IdentityMap;
    fn plain(&mut self) -> Vec<Arc<Post>>;
    fn cached(&mut self, strategy: Strategy) -> Vec<Arc<Post>>;

    /// Fills the table anew.
    fn fill(&mut self, body: usize) {
        for sql in filling(body, Self::SETTLE) {
            self.batch(&sql);
        }
    }
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

/// The benchmarks of one connection.
pub(crate) fn loads<C: Loads>(criterion: &mut Criterion, conn: &mut C) {
    let map = conn.map();
    for (label, body) in BODIES {
        conn.fill(body);
        let mut group = criterion.benchmark_group(format!("{} {label}", C::LABEL));
        group.bench_function("plain", |bencher| {
            bencher.iter_custom(|rounds| timed(rounds, || conn.plain(), || ()));
        });
        group.bench_function("cold", |bencher| {
            bencher.iter_custom(|rounds| {
                map.clear();
                timed(rounds, || conn.cached(Strategy::Auto), || map.clear())
            });
        });
        for held in [0, 25, 50, 75, 100] {
            let every = conn.cached(Strategy::Rows);
            let held_now: Vec<Arc<Post>> = every
                .into_iter()
                .filter(|post| post.id * 37 % 100 < held)
                .collect();
            for (name, strategy) in STRATEGIES {
                let id = BenchmarkId::new(name, held);
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|rounds| timed(rounds, || conn.cached(strategy), || ()));
                });
            }
            drop(held_now);
            map.clear();
        }
        group.finish();
    }
}

/// Keys all over the table, each once in [`ROWS`].
pub(crate) fn keys() -> impl FnMut() -> i32 {
    let mut id = 0;
    move || {
        id = (id + 7919) % ROWS;
        id + 1
    }
}

/// As long as the benchmarks of one table take.
pub(crate) fn config() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
}
