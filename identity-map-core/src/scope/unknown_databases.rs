//! Connections of which nobody has said which database they speak to, where two of them meet in one scope.
//!
//! Nothing they hand out is wrong: each has a map of its own, and forgets what another of them writes. But
//! they share no object, which is seldom what the program wants, so it hears of it once.

#[cfg(feature = "tracing")]
use std::sync::Once;

/// Says once that two such connections share no object.
#[cfg(feature = "tracing")]
pub(super) fn say_that_two_have_met() {
    static SAID: Once = Once::new();
    SAID.call_once(warn);
}

#[cfg(not(feature = "tracing"))]
pub(super) fn say_that_two_have_met() {}

#[cfg(feature = "tracing")]
fn warn() {
    tracing::warn!(
        "two connections of one scope share no object, since nobody has said which database they speak \
         to; help: name it, by `install_with_options(|| MapOptions::new().database(..))` or on each \
         connection by `enable_identity_map_with(MapOptions::new().database(..))`"
    );
}

#[cfg(all(test, feature = "tracing"))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use crate::database::{Product, Realm};
    use crate::scope::Scope;

    /// Counts the events.
    #[derive(Clone, Default)]
    struct Heard(Arc<AtomicUsize>);

    impl Subscriber for Heard {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn the_program_hears_once_that_two_of_one_product_have_met() {
        let heard = Heard::default();
        let count = || heard.0.load(Ordering::Relaxed);
        let [one, two, three] = std::array::from_fn(|_| Realm::unknown());
        tracing::subscriber::with_default(heard.clone(), || {
            let scope = Scope::new();
            scope.map_of(&one, Product::Postgres);
            scope.map_of(&one, Product::Postgres);
            scope.map_of(&two, Product::Mysql);
            scope.map_of(&Realm::named("blog".to_owned()), Product::Postgres);
            assert_eq!(count(), 0);
            scope.map_of(&three, Product::Postgres);
            assert_eq!(count(), 1);
            let next = Scope::new();
            next.map_of(&one, Product::Postgres);
            next.map_of(&three, Product::Postgres);
            assert_eq!(count(), 1);
        });
    }
}
