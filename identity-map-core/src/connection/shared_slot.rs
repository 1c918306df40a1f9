//! A slot that several futures have: [`SharedSlot`].

use std::sync::{Arc, Mutex};

use super::slot::Slot;

/// A handle to the slot of a connection: for each of the futures that share the connection, or for one
/// that has to say what it leaves in flight when it is dropped.
pub(crate) type SharedSlot = Arc<Mutex<Slot>>;
