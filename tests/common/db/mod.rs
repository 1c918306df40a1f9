//! A real database for every test: fresh, migrated, its own, dropped with its [`Db`](sqlite::Db).
//!
//! `cargo xtask test` provides the servers; a plain `cargo test` takes those of the environment
//! variables [`postgres::URL_VARIABLE`] and [`mysql::URL_VARIABLE`].

#[cfg(feature = "__async-tests")]
pub(crate) mod asynchronous;
mod database;
#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod recorder;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
pub(crate) mod sqlite;

pub(crate) use self::database::Database;
pub(crate) use self::recorder::Recorder;

/// Writes each test once and runs it on every database that the features allow.
///
/// Every `fn name(db) { .. }` becomes a `#[test]` in each of the modules `sqlite`, `postgres` and
/// `mysql`. Its body sees everything of the surrounding module, and as `Conn` and `Db` the types of
/// the database it runs on. The modules have fixed names: one invocation per module. `except mysql`
/// comes first where MySQL cannot do what the tests are about.
macro_rules! each_database {
    (except mysql $($tests:tt)+) => {
        $crate::db::each_database!(@module [] sqlite $($tests)+);
        $crate::db::each_database!(@module [#[cfg(feature = "postgres")]] postgres $($tests)+);
    };
    ($($(#[$meta:meta])* fn $name:ident($db:ident) $body:block)+) => {
        $crate::db::each_database!(@module [] sqlite $($(#[$meta])* fn $name($db) $body)+);
        $crate::db::each_database!(
            @module [#[cfg(feature = "postgres")]] postgres $($(#[$meta])* fn $name($db) $body)+
        );
        $crate::db::each_database!(
            @module [#[cfg(feature = "mysql")]] mysql $($(#[$meta])* fn $name($db) $body)+
        );
    };
    (
        @module [$($gate:tt)*] $database:ident
        $($(#[$meta:meta])* fn $name:ident($db:ident) $body:block)+
    ) => {
        $($gate)*
        mod $database {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::db::$database::{Conn, Db};

            $(
                $(#[$meta])*
                #[test]
                fn $name() {
                    let $db = Db::new();
                    $body
                }
            )+
        }
    };
}
pub(crate) use each_database;

/// [`each_database!`], on connections that block and on those of `diesel-async`; with `shared` also on
/// an `&AsyncPgConnection`.
///
/// A body says `wait!(..)` around whatever is awaited on the latter, gets its connections by
/// `wait!(db.connect())`, and has rows put in by `db.fill(users, posts)`. With `shared` it says
/// `take!(conn)` for what it gives to the methods. `each!(..)` are the rows of a `load_iter`.
macro_rules! each_connection {
    (shared $($tests:tt)+) => {
        $crate::db::each_connection!($($tests)+);
        $crate::db::each_connection!(
            @awaits [#[cfg(all(feature = "__async-tests", feature = "postgres"))]]
            postgres shared_postgres [&mut &] $($tests)+
        );
    };
    ($($(#[$meta:meta])* fn $name:ident($db:ident) $body:block)+) => {
        $crate::db::each_connection!(@blocks [] sqlite $($(#[$meta])* fn $name($db) $body)+);
        $crate::db::each_connection!(
            @blocks [#[cfg(feature = "postgres")]] postgres $($(#[$meta])* fn $name($db) $body)+
        );
        $crate::db::each_connection!(
            @blocks [#[cfg(feature = "mysql")]] mysql $($(#[$meta])* fn $name($db) $body)+
        );
        $crate::db::each_connection!(
            @awaits [#[cfg(feature = "__async-tests")]] sqlite async_sqlite [&mut]
            $($(#[$meta])* fn $name($db) $body)+
        );
        $crate::db::each_connection!(
            @awaits [#[cfg(all(feature = "__async-tests", feature = "postgres"))]]
            postgres async_postgres [&mut] $($(#[$meta])* fn $name($db) $body)+
        );
        $crate::db::each_connection!(
            @awaits [#[cfg(all(feature = "__async-tests", feature = "mysql"))]]
            mysql async_mysql [&mut] $($(#[$meta])* fn $name($db) $body)+
        );
    };
    (
        @blocks [$($gate:tt)*] $database:ident
        $($(#[$meta:meta])* fn $name:ident($db:ident) $body:block)+
    ) => {
        $($gate)*
        mod $database {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::db::$database::{Conn, Db};
            #[allow(unused_imports)]
            use diesel::{Connection, RunQueryDsl, connection::SimpleConnection};
            #[allow(unused_imports)]
            use $crate::mapped;

            #[allow(unused_macros)]
            macro_rules! wait {
                ($work:expr) => {
                    $work
                };
            }

            #[allow(unused_macros)]
            macro_rules! each {
                ($rows:expr) => {
                    $rows.unwrap().collect::<diesel::QueryResult<Vec<_>>>().unwrap()
                };
            }

            #[allow(unused_macros)]
            macro_rules! take {
                ($conn:ident) => {
                    &mut $conn
                };
            }

            #[allow(unused_macros)]
            macro_rules! transaction {
                ($conn:expr, |$inner:ident| $work:block) => {
                    $conn.transaction(|$inner| $work)
                };
            }

            $(
                $(#[$meta])*
                #[test]
                fn $name() {
                    let $db = Db::new();
                    $body
                }
            )+
        }
    };
    (
        @awaits [$($gate:tt)*] $database:ident $module:ident [$($take:tt)+]
        $($(#[$meta:meta])* fn $name:ident($db:ident) $body:block)+
    ) => {
        $($gate)*
        mod $module {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::db::asynchronous::{mapped, $database::{Conn, Db}};
            #[allow(unused_imports)]
            use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};

            #[allow(unused_macros)]
            macro_rules! wait {
                ($work:expr) => {
                    $work.await
                };
            }

            #[allow(unused_macros)]
            macro_rules! each {
                ($rows:expr) => {
                    futures_util::TryStreamExt::try_collect::<Vec<_>>($rows.await.unwrap())
                        .await
                        .unwrap()
                };
            }

            #[allow(unused_macros)]
            macro_rules! take {
                ($conn:ident) => {
                    $($take)+ $conn
                };
            }

            #[allow(unused_macros)]
            macro_rules! transaction {
                ($conn:expr, |$inner:ident| $work:block) => {
                    $conn.transaction(async |$inner| $work)
                };
            }

            $(
                $(#[$meta])*
                #[test]
                #[allow(unused_mut)] // where a reference is taken of what others own
                fn $name() {
                    $crate::db::asynchronous::run(async {
                        let $db = Db::new();
                        $body
                    })
                }
            )+
        }
    };
}
pub(crate) use each_connection;

/// The half of [`each_connection!`] that is awaited.
#[cfg(feature = "__async-tests")]
#[allow(unused_macros)] // by one program of tests alone
macro_rules! each_awaited {
    ($($tests:tt)+) => {
        $crate::db::each_connection!(@awaits [] sqlite async_sqlite [&mut] $($tests)+);
        $crate::db::each_connection!(
            @awaits [#[cfg(feature = "postgres")]] postgres async_postgres [&mut] $($tests)+
        );
        $crate::db::each_connection!(
            @awaits [#[cfg(feature = "mysql")]] mysql async_mysql [&mut] $($tests)+
        );
    };
}
#[cfg(feature = "__async-tests")]
#[allow(unused_imports)]
pub(crate) use each_awaited;
