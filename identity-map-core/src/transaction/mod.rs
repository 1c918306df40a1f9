//! What an open transaction keeps to its connection, and what a load sees of it.
//!
//! A connection is in a transaction or not ([`TransactionStatus`]). An open one is a stack of layers, one
//! per savepoint ([`OpenTransaction`]). A load takes a [`ReadView`]: the map, and the layers that stand
//! before it.

mod after_commit;
mod commit;
mod ended;
mod held_or_fresh;
mod layer;
mod layer_maps;
mod new_objects;
mod open_transaction;
mod read_view;
mod rollback;
mod status;

pub(crate) use after_commit::{AfterCommit, run_after_commit};
pub(crate) use ended::EndedTransaction;
pub(crate) use read_view::ReadView;
pub(crate) use status::{Released, TransactionStatus};
