//! Writing through the manager.
//!
//! The library sends each write itself and reads the written row, so that the map holds what the
//! database has, nothing is guessed, and a later `find` sends nothing. All writes run in one `frame`.

#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod batch;
mod bulk;
pub(crate) mod cached_model;
mod changed_rows;
mod changes;
mod delete;
mod frame;
mod insert;
mod insert_many;
mod insert_row;
mod inserts_many;
mod key_source;
mod keyed_insert;
mod keyed_upsert;
mod keyed_values;
mod mapped_write;
mod missing_row;
mod refresh;
mod rewritten_values;
mod send;
mod sql_parts;
mod statement;
mod transaction;
mod update;
mod update_found;
mod update_returning;
mod update_row;
mod upsert;
mod upsert_text;
mod upserts;
mod write_rows;
mod writes;
mod written_row;

pub use crate::hooks::{AsyncHooks, Change, Hooks, RunsHooks, Saving};
pub use bulk::{DeletesAll, IsStatement, UpdatesAll, WriteAll, WritesAll};
#[cfg(feature = "mysql")]
pub use cached_model::MysqlModel;
#[cfg(feature = "postgres")]
pub use cached_model::PgModel;
#[cfg(feature = "sqlite")]
pub use cached_model::SqliteModel;
pub use cached_model::{AnyConnection, CachedModel};
pub use changes::{Changed, Changes, Updates};
pub use insert_row::{InsertRow, Inserts};
pub use inserts_many::InsertsMany;
pub use mapped_write::{MapReturning, MappedWrite, ReturningStatement, WriteKind, WritesMapped};
pub use update_found::UpdateFound;
pub use update_returning::{UpdatableQuery, UpdateReturning, UpdatesReturning};
pub use upsert::MayReturnRows;
pub use upserts::{UpsertStatement, Upserts};
pub use writes::{DeletedRow, Writes};
