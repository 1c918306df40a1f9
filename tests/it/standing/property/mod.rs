//! Random programs of the connections of one scope: what each of them loads, with its hooks, is what plain
//! Diesel reads on that very connection at that moment.
//!
//! A test runs a few programs. `cargo xtask standing --programs 10000` runs many; a failure is printed as a
//! program to paste, and `STANDING_SEED=.. STANDING_PROGRAMS=1` runs that one again.

mod commits;
mod connection;
mod connections;
mod database;
mod found;
mod generate;
mod models;
mod run;
mod search;
mod shrink;
mod sort;
mod step;
mod tables;
mod texts;

/// Writes the test of each kind of connection.
macro_rules! programs {
    ($($(#[$gate:meta])* $name:ident $database:ident $Conn:ty;)+) => {$(
        $(#[$gate])*
        #[test]
        fn $name() {
            let db = crate::db::$database::Db::new();
            search::programs::<$Conn>(db.url());
        }
    )+};
}

programs! {
    on_sqlite sqlite diesel::SqliteConnection;
    #[cfg(feature = "postgres")]
    on_postgres postgres diesel::PgConnection;
    #[cfg(feature = "mysql")]
    on_mysql mysql diesel::MysqlConnection;
    #[cfg(feature = "__async-tests")]
    awaited_on_sqlite sqlite diesel_async::sync_connection_wrapper::SyncConnectionWrapper<diesel::SqliteConnection>;
    #[cfg(all(feature = "__async-tests", feature = "postgres"))]
    awaited_on_postgres postgres diesel_async::AsyncPgConnection;
    #[cfg(all(feature = "__async-tests", feature = "mysql"))]
    awaited_on_mysql mysql diesel_async::AsyncMysqlConnection;
}
