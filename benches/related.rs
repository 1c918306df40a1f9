//! Posts with their authors: the map beside plain Diesel and a loader written by hand, on the same
//! rows in the same run.
//!
//! `cargo xtask bench` runs this and prints the ratios. Dropping the results is not timed.

#![allow(missing_docs)] // a program, whose macro makes functions

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use diesel_identity_map::prelude::*;

mod blog;

use blog::{BODIES, Contender, FEW_AUTHORS, MANY_AUTHORS};

/// The time of loading alone, its result dropped and `after` done while the clock stands.
fn timed<Conn: 'static>(
    rounds: u64,
    contender: &Contender<Conn>,
    conn: &mut Conn,
    after: impl Fn(),
) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let start = Instant::now();
        let loaded = black_box(contender.load(conn));
        total += start.elapsed();
        drop(loaded);
        after();
    }
    total
}

macro_rules! benchmarks {
    ($name:ident) => {
        fn $name(criterion: &mut Criterion) {
            use blog::$name::{LABEL, SETTLE, mapped, ours, plain, theirs};

            let (plain, mapped) = (&mut plain(), &mut mapped());
            let map = mapped.identity_map().expect("enabled");
            for (body_label, body) in BODIES {
                for (size_label, size) in [("", MANY_AUTHORS), (" few authors", FEW_AUTHORS)] {
                    blog::fill(plain, size, body, SETTLE);
                    blog::fill(mapped, size, body, SETTLE);
                    let group = format!("{LABEL} {body_label}{size_label}");
                    let mut group = criterion.benchmark_group(group);
                    for contender in theirs() {
                        drop(contender.check(size, contender.statements, plain));
                        group.bench_function(contender.name, |bencher| {
                            bencher.iter_custom(|rounds| timed(rounds, &contender, plain, || ()));
                        });
                    }
                    for contender in ours() {
                        map.clear();
                        drop(contender.check(size, contender.statements, mapped));
                        group.bench_function(contender.name, |bencher| {
                            bencher.iter_custom(|rounds| {
                                map.clear();
                                timed(rounds, &contender, mapped, || map.clear())
                            });
                        });
                    }
                    let ours = ours();
                    let held = ours[0].load(mapped);
                    // The keys of the posts.
                    drop(ours[0].check(size, 1, mapped));
                    group.bench_function("with, all held", |bencher| {
                        bencher.iter_custom(|rounds| timed(rounds, &ours[0], mapped, || ()));
                    });
                    drop(held);
                    map.clear();
                    group.finish();
                }
            }
        }
    };
}

benchmarks!(sqlite);

#[cfg(feature = "postgres")]
benchmarks!(postgres);

#[cfg(not(feature = "postgres"))]
fn postgres(_: &mut Criterion) {}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(12)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500));
    targets = sqlite, postgres
}
criterion_main!(benches);
