//! The map on every later connection: [`install`] and [`install_with`].

use std::sync::RwLock;

use diesel::QueryResult;
use diesel::connection::{
    Instrumentation, get_default_instrumentation, set_default_instrumentation,
};

use super::instrumentation::SlotInstrumentation;
use crate::error::IdentityMapError;
use crate::lock::{read, write};

type DefaultInstrumentation = fn() -> Option<Box<dyn Instrumentation>>;

/// Makes the program's own default instrumentation, to which the slot passes events on.
static PROGRAM_DEFAULT: RwLock<DefaultInstrumentation> = RwLock::new(|| None);

/// Enables the map on every connection that is established from now on, pooled ones included.
///
/// Connections with the same address are one database: inside a [`Scope`](crate::Scope) they
/// share their objects. Calling it again changes nothing.
///
/// # Errors
/// [`DefaultInstrumentationSet`](IdentityMapError::DefaultInstrumentationSet) if the program
/// has set a default instrumentation, which this would silence: use [`install_with`].
pub fn install() -> QueryResult<()> {
    match get_default_instrumentation() {
        None => install_with(|| None),
        Some(default) if default.is::<SlotInstrumentation>() => Ok(()),
        Some(_) => Err(IdentityMapError::DefaultInstrumentationSet.into()),
    }
}

/// Like [`install`], and every connection also reports to an instrumentation made by `inner`,
/// the function that would else be given to Diesel's `set_default_instrumentation`.
///
/// # Errors
/// When Diesel cannot take a default instrumentation any more (its lock is poisoned).
///
/// ```
/// use diesel::connection::{Instrumentation, InstrumentationEvent};
///
/// fn logger() -> Option<Box<dyn Instrumentation>> {
///     Some(Box::new(|event: InstrumentationEvent<'_>| println!("{event:?}")))
/// }
/// identity_map_core::install_with(logger)?;
/// # Ok::<(), diesel::result::Error>(())
/// ```
pub fn install_with(inner: fn() -> Option<Box<dyn Instrumentation>>) -> QueryResult<()> {
    *write(&PROGRAM_DEFAULT) = inner;
    set_default_instrumentation(|| Some(Box::new(SlotInstrumentation::new(given_to_install()))))
}

/// A new instance of the default instrumentation that the program gave to [`install_with`].
fn given_to_install() -> Option<Box<dyn Instrumentation>> {
    let make = *read(&PROGRAM_DEFAULT);
    make()
}

/// A new instance of the program's own default instrumentation, whether it was given to
/// [`install_with`] or to Diesel.
pub(super) fn program_default() -> Option<Box<dyn Instrumentation>> {
    match get_default_instrumentation() {
        Some(default) if default.is::<SlotInstrumentation>() => given_to_install(),
        other => other,
    }
}
