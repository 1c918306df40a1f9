//! The map on every later connection: [`install`], [`install_with`] and [`install_with_options`].

use std::sync::RwLock;

use diesel::QueryResult;
use diesel::connection::{
    Instrumentation, get_default_instrumentation, set_default_instrumentation,
};

use super::instrumentation::SlotInstrumentation;
use super::options::MapOptions;
use super::slot_with_options::slot_with;
use crate::error::IdentityMapError;
use crate::lock::{read, write};

type DefaultInstrumentation = fn() -> Option<Box<dyn Instrumentation>>;

/// What the program gave to install with.
#[derive(Clone, Copy)]
enum Given {
    Instrumentation(DefaultInstrumentation),
    Options(fn() -> MapOptions),
}

static GIVEN: RwLock<Given> = RwLock::new(Given::Options(MapOptions::new));

impl Given {
    fn options(self) -> MapOptions {
        match self {
            Self::Instrumentation(make) => MapOptions {
                instrumentation: make(),
                ..MapOptions::new()
            },
            Self::Options(make) => make(),
        }
    }
}

/// Enables the map on every connection that is established from now on, pooled ones included.
///
/// Connections with the same address are one database: inside a [`Scope`](crate::Scope) they
/// share their objects. A connection that is made from a client (`AsyncPgConnection::try_from`) sends no
/// address; [`install_with_options`] names its database. Calling it again changes nothing.
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
    install_given(Given::Instrumentation(inner))
}

/// Like [`install`], and every connection gets the options that `options` makes.
///
/// With [`MapOptions::database`] all connections are of one database, whatever their address, and also
/// where they are made from a client and send none. (SQLite's `:memory:` stays a database of its own.) A
/// program with several databases names the others on their connections, by
/// [`enable_identity_map_with`](crate::IdentityMapConnection::enable_identity_map_with).
///
/// # Errors
/// As [`install`], unless the options have an instrumentation.
///
/// ```
/// use identity_map_core::MapOptions;
///
/// identity_map_core::install_with_options(|| MapOptions::new().database("blog"))?;
/// # Ok::<(), diesel::result::Error>(())
/// ```
pub fn install_with_options(options: fn() -> MapOptions) -> QueryResult<()> {
    let default = get_default_instrumentation();
    let is_programs = default.is_some_and(|default| !default.is::<SlotInstrumentation>());
    if is_programs && options().instrumentation.is_none() {
        return Err(IdentityMapError::DefaultInstrumentationSet.into());
    }
    install_given(Given::Options(options))
}

fn install_given(given: Given) -> QueryResult<()> {
    *write(&GIVEN) = given;
    set_default_instrumentation(|| {
        let slot = slot_with(options_given_to_install());
        Some(Box::new(SlotInstrumentation::Own(slot)))
    })
}

fn options_given_to_install() -> MapOptions {
    let given = *read(&GIVEN);
    given.options()
}

/// A new instance of the program's own default instrumentation, whether it was given to
/// [`install_with`] or to Diesel.
pub(super) fn program_default() -> Option<Box<dyn Instrumentation>> {
    match get_default_instrumentation() {
        Some(default) if default.is::<SlotInstrumentation>() => {
            options_given_to_install().instrumentation
        }
        other => other,
    }
}
