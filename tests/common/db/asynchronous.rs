//! The same databases, by connections of `diesel-async`.

use super::Recorder;
use diesel_async::AsyncConnection;
use diesel_identity_map::{AsyncIdentityMapConnection, MapOptions};
use std::future::Future;

/// Runs a test on a runtime of its own.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(test)
}

/// Enables the map on a connection as one to the database `name`; the recorder sees its
/// statements.
pub(crate) fn mapped<C: AsyncConnection>(mut conn: C, name: &str) -> (C, Recorder) {
    let recorder = Recorder::default();
    conn.enable_identity_map_with(
        MapOptions::new()
            .database(name)
            .instrumentation(recorder.clone()),
    );
    (conn, recorder)
}

macro_rules! databases {
    ($($(#[$gate:meta])* $database:ident $Conn:ty, $survives:literal, $sessions:literal, |$db:ident| $connect:expr;)+) => {$(
        $(#[$gate])*
        pub(crate) mod $database {
            #[allow(unused_imports)] // of which not every database has need
            use super::*;

            pub(crate) type Conn = $Conn;

            /// A database of the tests that block.
            pub(crate) struct Db(crate::db::$database::Db);

            impl Db {
                /// Whether a connection can be used further when a future of it was dropped
                /// half-way. mysql_async would read the answer to that one next.
                #[allow(dead_code)] // by one program of tests alone
                pub(crate) const SURVIVES_A_DROP: bool = $survives;

                /// How many sessions the database has, as SQL.
                #[allow(dead_code)]
                pub(crate) const SESSIONS: &str = $sessions;

                pub(crate) fn new() -> Self {
                    Self(crate::db::$database::Db::new())
                }

                pub(crate) fn url(&self) -> &str {
                    self.0.url()
                }

                pub(crate) async fn connect(&self) -> Conn {
                    let $db = &self.0;
                    $connect
                }

                pub(crate) fn fill(&self, users: usize, posts: usize) {
                    self.0.fill(users, posts);
                }
            }
        }
    )+};
}

databases! {
    sqlite diesel_async::sync_connection_wrapper::SyncConnectionWrapper<diesel::SqliteConnection>,
        true,
        "0", // none that outlives its connection
        |db| Conn::new(db.connect());
    #[cfg(feature = "postgres")]
    postgres diesel_async::AsyncPgConnection,
        true,
        "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())",
        |db| Conn::establish(db.url()).await.expect("a connection");
    #[cfg(feature = "mysql")]
    mysql diesel_async::AsyncMysqlConnection,
        false,
        "(SELECT count(*) FROM information_schema.processlist WHERE db = database())",
        |db| Conn::establish(db.url()).await.expect("a connection");
}
