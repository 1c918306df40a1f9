//! Cached loads beside plain Diesel's, on the same rows in the same run.
//!
//! `cargo xtask bench` runs this; it prints a table, and criterion measures single finds. 10,000
//! posts, with bodies of 40 bytes and of 2 KB, on SQLite (in memory) and, with the feature
//! `postgres`, on PostgreSQL (local).
//! Every plain row is put into an `Arc` as well; dropping the results is not timed.

#![allow(missing_docs)] // a program

use std::sync::Weak;

use criterion::{Criterion, criterion_group};
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

#[path = "table/loads.rs"]
mod loads;
mod rounds;
mod table;

use loads::{Loads, keys};
use table::{Post, posts};

/// How one database is loaded from. A macro, because plain Diesel has no bound for "any".
macro_rules! loads {
    ($Conn:ty, $label:literal, $settle:literal) => {
        impl Loads for $Conn {
            const LABEL: &'static str = $label;
            const SETTLE: &'static str = $settle;

            fn batch(&mut self, sql: &str) {
                self.batch_execute(sql).expect("done");
            }

            fn map(&mut self) -> IdentityMap {
                self.identity_map().expect("enabled")
            }

            fn plain(&mut self) -> Vec<Arc<Post>> {
                let query = posts::table.select(Post::as_select()).order(posts::id);
                let rows = query
                    .load_iter::<Post, DefaultLoadingMode>(self)
                    .expect("rows");
                rows.map(|row| row.map(Arc::new))
                    .collect::<QueryResult<_>>()
                    .expect("rows")
            }

            fn cached(&mut self, strategy: Strategy) -> Vec<Arc<Post>> {
                Post::cached()
                    .strategy(strategy)
                    .order(posts::id)
                    .load(self)
                    .expect("rows")
            }
        }
    };
}

loads!(SqliteConnection, "sqlite", "ANALYZE");
#[cfg(feature = "postgres")]
loads!(PgConnection, "postgres", "VACUUM ANALYZE posts");

fn sqlite() {
    let mut conn = SqliteConnection::establish(":memory:").expect("memory");
    conn.enable_identity_map();
    loads::loads(&mut conn);
}

#[cfg(feature = "postgres")]
fn postgres() {
    let conn = PgConnection::establish(&table::postgres_url());
    let mut conn = conn.expect("a server; run `cargo xtask bench`");
    conn.batch("SET search_path TO pg_temp"); // a schema of its own
    conn.enable_identity_map();
    loads::loads(&mut conn);
}

/// A `find` that hits, beside the least that any map of weak references must do.
#[allow(clippy::disallowed_methods)] // the bare map is what is compared with
fn find(criterion: &mut Criterion) {
    let mut conn = SqliteConnection::establish(":memory:").expect("memory");
    conn.enable_identity_map();
    conn.fill(40);
    let held = Post::cached().load(&mut conn).expect("rows");
    let bare: dashmap::DashMap<i32, Weak<Post>, foldhash::fast::RandomState> =
        dashmap::DashMap::with_hasher(foldhash::fast::RandomState::default());
    for post in &held {
        bare.insert(post.id, Arc::downgrade(post));
    }
    let mut group = criterion.benchmark_group("find");
    let mut next = keys();
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
        conn.fill(40);
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
        let mut next = keys();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                posts::table
                    .find(next())
                    .select(Post::as_select())
                    .first(&mut conn)
            });
        });
    }
    group.finish();
}

criterion_group!(finds, look, find);

fn main() {
    finds();
    loads::head();
    sqlite();
    #[cfg(feature = "postgres")]
    postgres();
}
