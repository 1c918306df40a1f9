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
