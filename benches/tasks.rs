//! 100 tasks of one scope that want the same 10 rows at once, of which none is held: how many
//! statements they send, and how many objects they get.
//!
//! `cargo xtask bench` runs this; it prints a table. The tasks take their connections from a pool
//! (deadpool) of 100 or of 10, on a SQLite file and, with the feature `postgres`, on PostgreSQL (local),
//! whose 100 are fewer if the server has not so many left.
//! Two threads run them. Each run has a scope of its own, and what a task got is held to the run's end.
//! The statements are those that the connections report, without the pool's own.

#![allow(missing_docs)] // a program, whose macro makes functions

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::{
    ExpressionMethods, QueryDsl, QueryResult, SelectableHelper, SqliteConnection,
};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_identity_map::prelude::*;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

mod table;

use table::{Post, posts};

const TASKS: usize = 100;
const WANTED: [i32; 10] = [7, 1007, 2007, 3007, 4007, 5007, 6007, 7007, 8007, 9007];
const RUNS: usize = 21;

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Counts the statements that read posts.
struct Counting;

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && query.to_string().contains("posts")
        {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What the tasks of one run did.
struct Run {
    statements: u64,
    objects: usize,
    took: Duration,
}

/// The medians of some runs, and between what the statements were.
fn print(database: &str, connections: usize, way: &str, mut runs: Vec<Run>) {
    runs.sort_by_key(|run| run.took);
    let took = runs[runs.len() / 2].took;
    runs.sort_by_key(|run| run.objects);
    let objects = runs[runs.len() / 2].objects;
    runs.sort_by_key(|run| run.statements);
    let statements = runs[runs.len() / 2].statements;
    println!(
        "| {database}, {connections} connections | {way} | {statements} ({} to {}) | {objects} | {:.1} ms |",
        runs[0].statements,
        runs[runs.len() - 1].statements,
        took.as_secs_f64() * 1e3
    );
}

/// The runs on one database. A macro, because plain diesel-async has no bound for "any".
macro_rules! runs {
    ($name:ident, $label:literal, $Conn:ty) => {
        mod $name {
            use super::*;

            #[derive(Clone, Copy)]
            enum Way {
                Plain,
                FindMany,
                Filter,
            }

            async fn load(way: Way, conn: &mut $Conn) -> QueryResult<Vec<Arc<Post>>> {
                match way {
                    Way::Plain => {
                        let query = posts::table.filter(posts::id.eq_any(WANTED));
                        let rows = query.select(Post::as_select()).load::<Post>(conn).await?;
                        Ok(rows.into_iter().map(Arc::new).collect())
                    }
                    Way::FindMany => {
                        let rows = Post::cached().find_many(WANTED).load(conn).await?;
                        Ok(rows.into_iter().flatten().collect())
                    }
                    Way::Filter => {
                        let query = Post::cached().filter(posts::id.eq_any(WANTED));
                        query.load(conn).await
                    }
                }
            }

            /// All tasks begin at once; who finds no connection waits for one.
            async fn once(way: Way, pool: &Pool<$Conn>) -> Run {
                let begin = Arc::new(Barrier::new(TASKS + 1));
                let scope = Scope::new();
                let mut tasks = JoinSet::new();
                for _ in 0..TASKS {
                    let (pool, begin) = (pool.clone(), Arc::clone(&begin));
                    let task = async move {
                        begin.wait().await;
                        let mut conn = pool.get().await.expect("a connection");
                        load(way, &mut conn).await.expect("rows")
                    };
                    tasks.spawn(task.in_identity_scope(scope.clone()));
                }
                let before = AtomicU64::load(&STATEMENTS, Ordering::Relaxed);
                let start = Instant::now();
                begin.wait().await;
                let loaded = tasks.join_all().await;
                let took = start.elapsed();
                let statements = AtomicU64::load(&STATEMENTS, Ordering::Relaxed) - before;
                if !matches!(way, Way::Plain) {
                    assert_eq!(
                        statements,
                        scope.stats().statements,
                        "the scope's own count"
                    );
                }
                assert!(loaded.iter().all(|rows| rows.len() == WANTED.len()));
                let objects: HashSet<*const Post> =
                    loaded.iter().flatten().map(Arc::as_ptr).collect();
                let objects = objects.len();
                Run {
                    statements,
                    objects,
                    took,
                }
            }

            pub(super) async fn run(url: &str, settle: &str, most: usize) {
                let mut conn = <$Conn>::establish(url).await.expect("a connection");
                for sql in table::filling(40, settle) {
                    conn.batch_execute(&sql).await.expect("rows");
                }
                drop(conn);
                for connections in [most.min(TASKS), TASKS / 10] {
                    let manager = AsyncDieselConnectionManager::<$Conn>::new(url);
                    let pool = Pool::builder(manager).max_size(connections).build();
                    let pool = pool.expect("a pool");
                    // All of them are open before anything is measured.
                    let mut open = Vec::new();
                    for _ in 0..connections {
                        open.push(pool.get().await.expect("a connection"));
                    }
                    drop(open);
                    for (name, way) in [
                        ("plain", Way::Plain),
                        ("`find_many`", Way::FindMany),
                        ("`filter(eq_any)`", Way::Filter),
                    ] {
                        let mut runs = Vec::new();
                        for _ in 0..=RUNS {
                            runs.push(once(way, &pool).await);
                        }
                        runs.remove(0); // each connection has prepared its statements now
                        print($label, connections, name, runs);
                    }
                    pool.close();
                }
            }
        }
    };
}

runs!(sqlite, "SQLite", SyncConnectionWrapper<SqliteConnection>);
#[cfg(feature = "postgres")]
runs!(postgres, "PostgreSQL", diesel_async::AsyncPgConnection);

fn main() {
    diesel_identity_map::install_with(|| Some(Box::new(Counting))).expect("installed");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        println!("\n| {TASKS} tasks want the same 10 rows | | statements | objects | took |\n|---|---|---|---|---|");
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("posts.db");
        sqlite::run(file.to_str().expect("UTF-8"), "ANALYZE", TASKS).await;
        #[cfg(feature = "postgres")]
        {
            const SCHEMA: &str = "diesel_identity_map_bench"; // of its own
            let url = table::postgres_url();
            let empty = format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE");
            let server = async || {
                let conn = diesel_async::AsyncPgConnection::establish(&url).await;
                conn.expect("a server; run `cargo xtask bench`")
            };
            let mut conn = server().await;
            let made = format!("{empty}; CREATE SCHEMA {SCHEMA}");
            conn.batch_execute(&made).await.expect("a schema");
            // By default a server has a hundred connections, and not all of them for us.
            let free = "current_setting('max_connections')::int - 4 \
                        - (SELECT count(*)::int FROM pg_stat_activity)";
            let free = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>(free));
            let most: i32 = free.get_result(&mut conn).await.expect("a number");
            drop(conn);
            let glue = if url.contains('?') { '&' } else { '?' };
            let within = format!("{url}{glue}options=-c%20search_path%3D{SCHEMA}");
            let most = usize::try_from(most).expect("free connections");
            postgres::run(&within, "VACUUM ANALYZE posts", most).await;
            let dropped = server().await.batch_execute(&empty).await;
            dropped.expect("dropped");
        }
    });
}
