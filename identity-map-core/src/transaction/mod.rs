//! Transactions: what an open one keeps from other connections, and what a load inside it sees.
//!
//! A connection is in a transaction or not ([`TransactionStatus`]). An open transaction is a stack of
//! layers, one per savepoint ([`OpenTransaction`](open_transaction::OpenTransaction)). A load takes a
//! [`ReadView`]: the map, and the layers that are looked up before it.

mod after_commit;
mod autocommit;
mod chained_transaction;
mod commit;
mod ended;
mod found_transaction;
mod held_or_fresh;
mod layer;
mod layer_maps;
mod layer_view;
mod levels;
mod new_objects;
mod open_transaction;
mod read_view;
mod rollback;
mod session;
mod session_isolation;
mod session_status;
mod status;
mod takes_back;

#[cfg(test)]
mod tests;

pub(crate) use after_commit::{AfterCommit, run_after_commit};
pub(crate) use autocommit::Autocommit;
pub(crate) use chained_transaction::ChainedTransaction;
pub(crate) use commit::Released;
pub(crate) use ended::EndedTransaction;
pub(crate) use found_transaction::FoundTransaction;
pub(crate) use open_transaction::OpenTransaction;
pub(crate) use read_view::{ReadView, Reader};
pub(crate) use session::Session;
pub(crate) use status::TransactionStatus;
