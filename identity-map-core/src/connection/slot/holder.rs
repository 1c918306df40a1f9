//! The instrumentation that a connection carries: [`Holder`].

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::connection::{Instrumentation, InstrumentationEvent};

use super::Slot;
#[cfg(all(feature = "async", feature = "postgres"))]
use super::turn::{self, Handle, Turn};
use crate::connection::database::Database;
use crate::connection::install::default_of_this_program;
use crate::connection::options::MapOptions;
use crate::connection::overlay::Overlay;
use crate::connection::realm::Realm;
use crate::connection::watch::Watch;
use crate::error::IdentityMapError;

/// Holds a connection's slot.
#[allow(clippy::large_enum_variant)] // it is boxed, and moves twice in a connection's life
pub(crate) enum Holder {
    /// Whoever has the connection has the slot.
    Own(Slot),
    /// Several futures have the connection, and take turns at the slot.
    #[cfg(all(feature = "async", feature = "postgres"))]
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
        if let Ok(slot) = Self::slot_of(instrumentation) {
            if database.is_none() && inner.is_none() && watch.is_none() {
                return None;
            }
            if inner.is_some() {
                slot.inner = inner;
            }
            if let Some(watch) = watch {
                slot.watch = watch.then(Watch::default);
            }
            slot.enter(database.map_or_else(|| slot.realm.clone(), Realm::named));
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

    /// The slot that this instrumentation holds.
    pub(crate) fn slot_of(instrumentation: &mut dyn Instrumentation) -> QueryResult<&mut Slot> {
        let holder = instrumentation.downcast_mut::<Self>();
        match holder.ok_or(IdentityMapError::NotEnabled)? {
            Self::Own(slot) => Ok(slot),
            #[cfg(all(feature = "async", feature = "postgres"))]
            Self::Shared(handle) => Ok(turn::alone(handle).ok_or(IdentityMapError::Interrupted)?),
        }
    }

    /// The slot, for whoever shares the connection.
    #[cfg(all(feature = "async", feature = "postgres"))]
    fn handle(&mut self) -> Handle {
        let slot = match self {
            Self::Shared(handle) => return handle.clone(),
            Self::Own(slot) => std::mem::replace(slot, Slot::new(None)),
        };
        let handle = turn::handle(slot);
        *self = Self::Shared(handle.clone());
        handle
    }
}

impl Instrumentation for Holder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        #[cfg(all(feature = "async", feature = "postgres"))]
        if turn::answer(|| self.handle()) {
            return;
        }
        match self {
            Self::Own(slot) => slot.on_event(event, false),
            #[cfg(all(feature = "async", feature = "postgres"))]
            Self::Shared(handle) => {
                let slot = &mut *turn::lock(handle);
                let turn = turn::now();
                if let (Turn::Sends(call), InstrumentationEvent::StartQuery { .. }) = (turn, &event)
                {
                    slot.announce();
                    slot.called_from = call;
                }
                slot.on_event(event, matches!(turn, Turn::Sends(_)));
            }
        }
    }
}
