//! What a model does when it is written or loaded: [`Hooks`], and [`AsyncHooks`] on connections that
//! are awaited.

mod awaited;
mod blocking;
mod occasion;
mod post_load;
mod runs_hooks;

pub use awaited::AsyncHooks;
pub use blocking::Hooks;
pub use occasion::{Change, Saving};
pub(crate) use post_load::{run_post_load, run_post_load_uncached};
pub use runs_hooks::RunsHooks;
#[cfg(feature = "async")]
pub(crate) use runs_hooks::run_hooks_of;
