//! The slot: how a plain Diesel connection carries its identity map.
//!
//! Every Diesel connection carries an instrumentation, which any crate may set, so no wrapper type is
//! needed. The slot is one. It holds the connection's own [`IdentityMap`](crate::IdentityMap), knows
//! which database the connection belongs to, and passes every event on to the instrumentation that the
//! program wanted there.
//!
//! A `Slot` is made of small parts, each with one job: where the connection stands (`standing`), the
//! transaction in progress, the statements in flight (`in_flight`), what is reported (`reporting`).
//! `events` is their table of contents.

mod apply_effects;
mod blocking;
mod doubts;
mod driver;
mod dropped_futures;
mod early_writes;
mod enable;
mod erased_statement;
#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) mod event_origin;
mod events;
mod failed_effects;
mod filled_maps;
mod find_transaction;
mod identify;
mod identity_map_connection;
mod in_flight;
mod in_flight_statements;
mod install;
mod instrumentation;
mod not_enabled;
mod options;
#[cfg(all(feature = "async", feature = "postgres"))]
mod pending_writes;
#[cfg(feature = "r2d2")]
mod pool;
mod read_catalogue;
mod reporting;
mod selected_columns;
mod server;
mod session_effects;
#[cfg(feature = "async")]
mod shared_slot;
mod slot;
mod slot_catalogue;
mod slot_with_options;
mod standing;
mod statement_effect;
mod statement_log;
mod visited_scopes;
mod watch;
mod would_expire;
mod write_effects;

pub use blocking::Blocks;
/// The name that [`ConnectionKind`] had before.
#[doc(hidden)]
pub use driver::ConnectionKind as Spoken;
pub use driver::{ConnectionKind, Driver, RowIter, Visitor};
#[doc(hidden)]
pub use erased_statement::WalkAst;
pub use identity_map_connection::IdentityMapConnection;
pub use install::{install, install_with, install_with_options};
pub use options::MapOptions;
#[cfg(feature = "r2d2")]
pub use pool::{MapCustomizer, MapManager};
#[doc(hidden)]
pub use selected_columns::SelectedColumns;
pub use statement_log::StatementLog;
pub use would_expire::WouldExpire;

#[cfg(feature = "async")]
pub(crate) use enable::{depth_of, enable};
pub(crate) use erased_statement::ErasedStatement;
#[cfg(feature = "async")]
pub(crate) use erased_statement::SentId;
pub(crate) use identify::identify_product;
#[cfg(feature = "async")]
pub(crate) use instrumentation::SlotInstrumentation;
#[cfg(feature = "async")]
pub(crate) use not_enabled::with_slot;
#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) use pending_writes::PendingWriteId;
#[cfg(all(feature = "async", feature = "postgres"))]
pub(crate) use read_catalogue::Reading;
#[cfg(feature = "async")]
pub(crate) use read_catalogue::ask_questions;
#[cfg(feature = "async")]
pub(crate) use shared_slot::SharedSlot;
pub(crate) use slot::Slot;
