//! A slot that several have, and take turns at: [`SharedSlot`].

use std::sync::{Arc, Mutex};

use super::slot::Slot;

/// The slot of a connection, for one of several who have it: the futures that share the connection, or
/// one that must say what it leaves behind when it is dropped.
pub(crate) type SharedSlot = Arc<Mutex<Slot>>;
