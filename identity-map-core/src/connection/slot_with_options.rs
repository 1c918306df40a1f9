//! A new slot, as [`MapOptions`] say: [`slot_with`].

use super::options::MapOptions;
use super::slot::Slot;
use super::watch::StatementWatch;
use crate::database::Realm;

/// The slot of a connection with these options.
pub(super) fn slot_with(options: MapOptions) -> Slot {
    let mut slot = Slot::new(options.instrumentation);
    slot.reporting.clock = options.clock.unwrap_or_default();
    slot.standing
        .read_catalogue(options.catalogue.unwrap_or(true));
    slot.standing.declare(options.declared);
    if let Some(name) = options.database {
        slot.standing.enter(Realm::named(name));
    }
    slot.watch = options.watch.unwrap_or(true).then(StatementWatch::default);
    slot
}
