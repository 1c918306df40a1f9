//! Cached loads beside those of plain diesel-async, on the same rows in the same run: `load` on
//! connections that are awaited.
//!
//! `cargo xtask bench` runs this; it prints a table, and criterion measures single finds. The same
//! posts as in `load`, on SQLite (in memory, by `SyncConnectionWrapper`) and, with the feature
//! `postgres`, on PostgreSQL (local, by `AsyncPgConnection`). One thread awaits; the wrapper has
//! another, on which it blocks. Every plain row is put into an `Arc` as well; dropping the results
//! is not timed.

#![allow(missing_docs)] // a program

use criterion::{Criterion, criterion_group};
use diesel::prelude::{QueryDsl, SelectableHelper, SqliteConnection};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_identity_map::AsyncIdentityMapConnection;
use diesel_identity_map::prelude::*;
use futures_util::TryStreamExt;
use tokio::runtime::{Builder, Runtime};

#[path = "table/loads.rs"]
mod loads;
mod rounds;
mod table;

use loads::{Loads, keys};
use table::{Post, posts};

/// A connection, and the runtime on which it is awaited.
struct Awaited<C> {
    runtime: Runtime,
    conn: C,
}

impl<C: AsyncConnection> Awaited<C> {
    fn establish(url: &str, setup: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let conn = runtime.block_on(async {
            let conn = C::establish(url).await;
            let mut conn = conn.expect("a server; run `cargo xtask bench`");
            conn.batch_execute(setup).await.expect("set up");
            conn.enable_identity_map();
            conn
        });
        Self { runtime, conn }
    }
}

/// How one database is loaded from. A macro, because plain diesel-async has no bound for "any".
macro_rules! loads {
    ($Conn:ty, $label:literal, $settle:literal) => {
        impl Loads for Awaited<$Conn> {
            const LABEL: &'static str = $label;
            const SETTLE: &'static str = $settle;

            fn batch(&mut self, sql: &str) {
                let done = self.conn.batch_execute(sql);
                self.runtime.block_on(done).expect("done");
            }

            fn map(&mut self) -> IdentityMap {
                self.conn.identity_map().expect("enabled")
            }

            /// A stream into `Arc`s: `load`, and then a second vector, is slower.
            fn plain(&mut self) -> Vec<Arc<Post>> {
                let query = posts::table.select(Post::as_select()).order(posts::id);
                let conn = &mut self.conn;
                let rows = async {
                    let rows = query.load_stream::<Post>(conn).await?;
                    rows.map_ok(Arc::new).try_collect().await
                };
                self.runtime.block_on(rows).expect("rows")
            }

            fn cached(&mut self, strategy: Strategy) -> Vec<Arc<Post>> {
                let query = Post::cached().strategy(strategy).order(posts::id);
                let rows = query.load(&mut self.conn);
                self.runtime.block_on(rows).expect("rows")
            }
        }

        impl Awaited<$Conn> {
            /// A `find` that hits, beside plain diesel-async's.
            fn find(&mut self, criterion: &mut Criterion) {
                self.fill(40);
                let held = self.cached(Strategy::Rows);
                let Self { runtime, conn } = self;
                let mut group = criterion.benchmark_group(format!("{} find", Self::LABEL));
                let mut next = keys();
                group.bench_function("hit", |bencher| {
                    bencher.iter(|| {
                        runtime
                            .block_on(Post::cached().find(next()).first(conn))
                            .expect("a row")
                    });
                });
                group.bench_function("plain", |bencher| {
                    bencher.iter(|| {
                        let query = posts::table.find(next()).select(Post::as_select());
                        let row = runtime.block_on(query.first::<Post>(conn));
                        row.map(Arc::new).expect("a row")
                    });
                });
                group.finish();
                drop(held);
            }
        }
    };
}

type AsyncSqlite = SyncConnectionWrapper<SqliteConnection>;
loads!(AsyncSqlite, "async sqlite", "ANALYZE");
#[cfg(feature = "postgres")]
loads!(
    diesel_async::AsyncPgConnection,
    "async postgres",
    "VACUUM ANALYZE posts"
);

/// The same hit, by a reference that others may have too: the slot is asked for each time.
#[cfg(feature = "postgres")]
fn find_shared(conn: &mut Awaited<diesel_async::AsyncPgConnection>, criterion: &mut Criterion) {
    conn.fill(40);
    let held = conn.cached(Strategy::Rows);
    let Awaited { runtime, conn } = conn;
    let mut shared = &*conn;
    let mut next = keys();
    let mut group = criterion.benchmark_group("async postgres find");
    group.bench_function("hit, shared", |bencher| {
        bencher.iter(|| {
            runtime
                .block_on(Post::cached().find(next()).first(&mut shared))
                .expect("a row")
        });
    });
    group.finish();
    drop(held);
}

fn sqlite() -> Awaited<AsyncSqlite> {
    Awaited::establish(":memory:", "")
}

#[cfg(feature = "postgres")]
fn postgres() -> Awaited<diesel_async::AsyncPgConnection> {
    // A schema of its own.
    Awaited::establish(&table::postgres_url(), "SET search_path TO pg_temp")
}

fn find(criterion: &mut Criterion) {
    sqlite().find(criterion);
    #[cfg(feature = "postgres")]
    {
        let mut conn = postgres();
        conn.find(criterion);
        find_shared(&mut conn, criterion);
    }
}

criterion_group!(finds, find);

fn main() {
    finds();
    loads::head();
    loads::loads(&mut sqlite());
    #[cfg(feature = "postgres")]
    loads::loads(&mut postgres());
}
