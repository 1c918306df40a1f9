//! Writing through the manager, and the hooks of a model.
//!
//! Each write is a statement of the library's own, so that the map learns from the row itself
//! what became of it: nothing is guessed, and a later `find` sends nothing.

mod bulk;
mod database;
mod hooks;
mod insert;
mod insert_many;
mod mysql;
mod send;
mod statement;
mod update;
#[allow(clippy::module_inception)]
mod write;
mod writes;

pub use bulk::{DeletesAll, IsStatement, UpdatesAll, WriteAll, WritesAll};
pub use hooks::{AsyncHooks, Change, Hooks, RunsHooks, Saving};
pub use insert::{InsertRow, Inserts};
pub use insert_many::InsertsMany;
pub use update::{Changed, Changes, Updates};
pub use writes::Writes;
