//! The instrumentation that a connection carries: [`Holder`].

#[cfg(feature = "async")]
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{Instrumentation, InstrumentationEvent};

use super::Slot;
#[cfg(all(feature = "async", feature = "postgres"))]
use super::turn::{self, Turn};
use crate::connection::database::Database;
use crate::connection::install::default_of_this_program;
use crate::connection::options::MapOptions;
use crate::connection::overlay::Overlay;
use crate::connection::realm::Realm;
use crate::connection::watch::Watch;
use crate::error::IdentityMapError;

/// The slot of a connection, for one of several who have it.
#[cfg(feature = "async")]
pub(crate) type Handle = Arc<Mutex<Slot>>;

/// Holds a connection's slot.
#[allow(clippy::large_enum_variant)] // it is boxed, and moves twice in a connection's life
pub(crate) enum Holder {
    /// Whoever has the connection has the slot.
    Own(Slot),
    /// Several have the slot, and take turns: the futures that share the connection, or one that
    /// must say what it leaves behind when it is dropped.
    #[cfg(feature = "async")]
    Shared(Handle),
}

impl Holder {
    pub(in crate::connection) fn new(inner: Option<Box<dyn Instrumentation>>) -> Self {
        Self::Own(Slot::new(inner))
    }

    /// Enables the map on a connection with this instrumentation, which is in so many transactions.
    /// The answer is the instrumentation to give it, if it has not got a slot.
    pub(crate) fn enable<DB: Backend>(
        options: MapOptions,
        instrumentation: &mut dyn Instrumentation,
        depth: u32,
    ) -> Option<Self> {
        let MapOptions {
            database,
            instrumentation: inner,
            watch,
        } = options;
        if instrumentation.is::<Self>() {
            if database.is_some() || inner.is_some() || watch.is_some() {
                // It is there.
                let _ = Self::ask(instrumentation, |slot| {
                    if inner.is_some() {
                        slot.inner = inner;
                    }
                    if let Some(watch) = watch {
                        slot.watch = watch.then(Watch::default);
                    }
                    slot.enter(database.map_or_else(|| slot.realm.clone(), Realm::named));
                });
            }
            return None;
        }
        let mut slot = Slot::new(inner.or_else(default_of_this_program));
        slot.database = Database::of::<DB>();
        if let Some(name) = database {
            slot.enter(Realm::named(name));
        }
        slot.overlay = Overlay::as_deep_as(depth);
        slot.watch = watch.unwrap_or(true).then(Watch::default);
        Some(Self::Own(slot))
    }

    /// Does something with the slot that this instrumentation holds.
    pub(crate) fn ask<T>(
        instrumentation: &mut dyn Instrumentation,
        ask: impl FnOnce(&mut Slot) -> T,
    ) -> QueryResult<T> {
        let holder = instrumentation.downcast_mut::<Self>();
        match holder.ok_or(IdentityMapError::NotEnabled)? {
            Self::Own(slot) => Ok(ask(slot)),
            #[cfg(feature = "async")]
            Self::Shared(handle) => Ok(ask(&mut lock(handle))),
        }
    }

    /// The slot that this instrumentation holds, for somebody more.
    #[cfg(feature = "async")]
    pub(crate) fn handle_of(instrumentation: &mut dyn Instrumentation) -> Option<Handle> {
        let holder = instrumentation.downcast_mut::<Self>();
        holder.map(Self::handle)
    }

    #[cfg(feature = "async")]
    fn handle(&mut self) -> Handle {
        let slot = match self {
            Self::Shared(handle) => return handle.clone(),
            Self::Own(slot) => std::mem::replace(slot, Slot::new(None)),
        };
        let handle = Arc::new(Mutex::new(slot));
        *self = Self::Shared(handle.clone());
        handle
    }
}

#[cfg(feature = "async")]
pub(crate) fn lock(handle: &Handle) -> MutexGuard<'_, Slot> {
    handle.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Instrumentation for Holder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        #[cfg(all(feature = "async", feature = "postgres"))]
        if turn::answer(|| self.handle()) {
            return;
        }
        match self {
            Self::Own(slot) => slot.on_event(event, false),
            #[cfg(feature = "async")]
            Self::Shared(handle) => on_event(&mut lock(handle), event),
        }
    }
}

/// What a connection tells whose slot several have.
#[cfg(feature = "async")]
fn on_event(slot: &mut Slot, event: InstrumentationEvent<'_>) {
    #[cfg(all(feature = "async", feature = "postgres"))]
    if let Turn::Sends(call) = turn::now() {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            slot.announce();
            slot.called_from = call;
        }
        return slot.on_event(event, true);
    }
    slot.on_event(event, false);
}
