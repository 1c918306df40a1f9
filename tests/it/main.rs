//! Integration tests by guarantee and by capability, on real databases.

// A test that cannot go on says so, and is read more often than it is polished.
#![allow(clippy::unwrap_used, clippy::pedantic)]

#[path = "../common/connect.rs"]
mod connect;
#[path = "../common/db/mod.rs"]
mod db;
#[path = "../common/dice.rs"]
mod dice;
#[path = "../common/installed.rs"]
mod installed;
#[path = "../common/models.rs"]
mod models;
#[path = "../common/schema.rs"]
mod schema;

mod assert_statements;
#[cfg(feature = "__async-tests")]
mod asynchronous;
mod bound;
mod catalogue;
#[cfg(all(feature = "__async-tests", feature = "__web-tests"))]
mod compile_fail; // rustc shortens a path where nothing else that is built has the name
mod connections;
#[cfg(feature = "__async-tests")]
mod dropped;
mod g1_one_object;
mod g2_diesels_answer;
mod g3_fresh;
mod g4_rollback;
mod g5_nothing_crosses;
mod g6_memory;
mod g7_errors;
#[cfg(feature = "__async-tests")]
mod isolation;
mod keys;
#[cfg(feature = "__async-tests")]
mod pools;
mod repeats;
mod scopes;
mod settings;
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
mod shared;
mod slot;
mod standing;
mod statements;
mod threads;
mod unknown_databases;
mod world;

pub(crate) use connect::{mapped, seeded};
