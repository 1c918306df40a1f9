//! The slot of a connection, or the error that the map is not enabled on it: [`with_slot`].

use diesel::QueryResult;
use diesel::connection::Instrumentation;
use diesel::result::Error;

use super::instrumentation::SlotInstrumentation;
use super::slot::Slot;
use crate::error::IdentityMapError;

/// Runs `ask` on the slot that the instrumentation of a connection holds.
///
/// # Errors
/// [`IdentityMapError::NotEnabled`] if it holds none.
#[inline]
pub(crate) fn with_slot<T>(
    instrumentation: &mut dyn Instrumentation,
    ask: impl FnOnce(&mut Slot) -> T,
) -> QueryResult<T> {
    match instrumentation.downcast_mut::<SlotInstrumentation>() {
        Some(instrumentation) => Ok(instrumentation.with_slot(ask)),
        None => Err(not_enabled()),
    }
}

#[cold]
fn not_enabled() -> Error {
    IdentityMapError::NotEnabled.into()
}
