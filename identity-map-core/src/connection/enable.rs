//! Enabling the map on one connection, whatever its kind.

use diesel::backend::Backend;
use diesel::connection::{Instrumentation, TransactionManagerStatus};

use super::install::program_default;
use super::instrumentation::SlotInstrumentation;
use super::options::MapOptions;
use super::slot::Slot;
use super::slot_with_options::slot_with;
use super::watch::StatementWatch;
use crate::database::Realm;

/// Enables the map on a connection that carries `instrumentation`, and is at `depth` in Diesel's
/// transactions. The result is the instrumentation to set on it, unless it carries a slot already.
pub(crate) fn enable<DB: Backend>(
    mut options: MapOptions,
    instrumentation: &mut dyn Instrumentation,
    depth: u32,
) -> Option<SlotInstrumentation> {
    if let Some(enabled) = instrumentation.downcast_mut::<SlotInstrumentation>() {
        if !options.is_empty() {
            enabled.with_slot(|slot| change_options(slot, options));
        }
        return None;
    }
    options.instrumentation = options.instrumentation.or_else(program_default);
    let mut slot = slot_with(options);
    slot.server.learn_product::<DB>();
    let product = slot.product();
    slot.transaction.set_depth(depth, product);
    slot.standing.begin_transaction();
    Some(SlotInstrumentation::Own(slot))
}

/// Replaces the earlier options by those that are given. The connection starts with an empty map.
fn change_options(slot: &mut Slot, options: MapOptions) {
    if options.instrumentation.is_some() {
        slot.reporting.inner = options.instrumentation;
    }
    if let Some(clock) = options.clock {
        slot.reporting.clock = clock;
    }
    if let Some(watch) = options.watch {
        slot.watch = watch.then(StatementWatch::default);
    }
    if let Some(catalogue) = options.catalogue {
        slot.standing.read_catalogue(catalogue);
    }
    slot.standing.declare(options.declared);
    match options.database {
        Some(name) => slot.standing.enter(Realm::named(name)),
        None => slot.standing.start_anew(),
    }
}

/// How many transactions and savepoints are open.
pub(crate) fn depth_of(status: &mut TransactionManagerStatus) -> u32 {
    let depth = status.transaction_depth().ok().flatten();
    depth.map_or(0, std::num::NonZeroU32::get)
}
