//! A real database for every test: fresh, migrated, its own, and dropped with its [`Db`](sqlite::Db).
//!
//! `cargo xtask test` provides the servers; a plain `cargo test` takes those of the environment
//! variables [`postgres::URL_VARIABLE`] and [`mysql::URL_VARIABLE`].

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod recorder;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
pub(crate) mod sqlite;

pub(crate) use self::recorder::Recorder;

/// Writes each test once and runs it on every database that the features allow.
///
/// Every `fn name(db) { .. }` becomes a `#[test]` in each of the modules `sqlite`, `postgres` and
/// `mysql`. Its body sees everything of the surrounding module, and as `Conn` and `Db` the types of
/// the database it runs on. The modules have fixed names: one invocation per module.
macro_rules! each_database {
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
