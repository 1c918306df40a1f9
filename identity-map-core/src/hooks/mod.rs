//! What a model does when it is written or loaded: [`Hooks`], and [`AsyncHooks`] on connections that
//! are awaited.

mod async_hooks;
mod blocking_hooks;
mod hook_arguments;
mod post_load;
mod runs_hooks;

pub use async_hooks::AsyncHooks;
pub use blocking_hooks::Hooks;
pub use hook_arguments::{Change, Saving};
pub(crate) use post_load::{run_post_load, run_post_load_uncached};
pub use runs_hooks::RunsHooks;
#[cfg(feature = "async")]
pub(crate) use runs_hooks::run_hooks_of;
