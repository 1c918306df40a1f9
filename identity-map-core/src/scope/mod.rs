//! The span of time in which one row is one object: [`Scope`].
//!
//! A scope holds one [`IdentityMap`](crate::IdentityMap) per database. It is entered like a `tracing`
//! span: by a guard on this thread, around a closure, or around a future, which then may move between
//! threads. It is no transaction and no session: it neither locks nor reads anything.
//!
//! Several connections may serve one scope. What one of them commits, the next load of each sees; what
//! it has not committed, it alone sees. A load that was in flight during the commit may hand out the
//! version before, but does not leave it in the map.
//!
//! ```
//! use identity_map_core::Scope;
//!
//! let scope = Scope::new();
//! let _entered = scope.enter();
//! assert_eq!(Scope::current(), Some(scope.clone()));
//! {
//!     let _inner = Scope::new().entered(); // shadows the outer one
//!     assert_ne!(Scope::current(), Some(scope.clone()));
//! }
//! assert_eq!(Scope::current(), Some(scope.clone()));
//! ```

mod builder;
mod carry;
mod current;
mod enter_lazy;
mod future;
mod identity_scope;
mod lazy;
mod maps;
#[cfg(feature = "async")]
mod registry;
mod repeats;
mod report;
mod track_statements;
mod unknown_databases;
mod wait_time;
mod wait_timer;

pub(crate) use current::{is_in_scope, known_map_in_current, look_in_latest, note_latest};
#[cfg(any(feature = "tower", feature = "actix-web"))]
pub(crate) use enter_lazy::{EnteredLazyScope, enter};
pub(crate) use identity_scope::WeakScope;
#[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
pub(crate) use lazy::LazyScope;
pub(crate) use wait_timer::WaitTimer;

pub use builder::ScopeBuilder;
pub use current::{Entered, EnteredOwned};
pub use future::{InIdentityScope, InScope};
pub use identity_scope::Scope;
pub use report::{Repeated, Report};
