//! The instrumentation that a connection carries: [`SlotInstrumentation`].

#[cfg(feature = "async")]
use std::sync::{Arc, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent};

#[cfg(all(feature = "async", feature = "postgres"))]
use super::event_origin;
#[cfg(all(feature = "async", feature = "postgres"))]
use super::event_origin::EventOrigin;
#[cfg(feature = "async")]
use super::shared_slot::SharedSlot;
use super::slot::Slot;
#[cfg(feature = "async")]
use crate::lock::lock;

/// Holds the slot of a connection, and passes every event of the connection to it.
#[allow(clippy::large_enum_variant)] // it is boxed, and moves twice in a connection's life
pub(crate) enum SlotInstrumentation {
    /// The slot belongs to whoever has the connection.
    Own(Slot),
    /// Several futures have the slot.
    #[cfg(feature = "async")]
    Shared(SharedSlot),
}

impl SlotInstrumentation {
    #[inline]
    pub(super) fn with_slot<T>(&mut self, ask: impl FnOnce(&mut Slot) -> T) -> T {
        match self {
            Self::Own(slot) => ask(slot),
            #[cfg(feature = "async")]
            Self::Shared(slot) => ask(&mut lock(slot)),
        }
    }

    /// The slot of a connection that carries `instrumentation`, if it is shared already: the manager has
    /// written then.
    #[cfg(feature = "async")]
    pub(crate) fn known_shared_slot_of(
        instrumentation: &mut dyn Instrumentation,
    ) -> Option<SharedSlot> {
        match instrumentation.downcast_ref::<Self>()? {
            Self::Shared(slot) => Some(slot.clone()),
            Self::Own(_) => None,
        }
    }

    /// The slot of a connection that carries `instrumentation`, shared from now on.
    #[cfg(feature = "async")]
    pub(crate) fn shared_slot_of(instrumentation: &mut dyn Instrumentation) -> Option<SharedSlot> {
        let instrumentation = instrumentation.downcast_mut::<Self>();
        instrumentation.map(Self::share)
    }

    #[cfg(feature = "async")]
    fn share(&mut self) -> SharedSlot {
        let slot = match self {
            Self::Shared(slot) => return slot.clone(),
            Self::Own(slot) => std::mem::replace(slot, Slot::new(None)),
        };
        let slot = Arc::new(Mutex::new(slot));
        *self = Self::Shared(slot.clone());
        slot
    }
}

impl Instrumentation for SlotInstrumentation {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        #[cfg(all(feature = "async", feature = "postgres"))]
        if event_origin::answer_request(|| self.share()) {
            return;
        }
        match self {
            Self::Own(slot) => slot.on_event(event, false),
            #[cfg(feature = "async")]
            Self::Shared(slot) => on_shared_event(&mut lock(slot), event),
        }
    }
}

/// Takes an event of a connection whose slot is shared.
#[cfg(feature = "async")]
fn on_shared_event(slot: &mut Slot, event: InstrumentationEvent<'_>) {
    #[cfg(all(feature = "async", feature = "postgres"))]
    match event_origin::current() {
        EventOrigin::Library(call_site) => {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                slot.announce_statement();
                slot.reporting.set_call_site(call_site);
            }
            return slot.on_event(event, true);
        }
        EventOrigin::Catalogue => return,
        EventOrigin::Program | EventOrigin::SlotRequest => {}
    }
    slot.on_event(event, false);
}
