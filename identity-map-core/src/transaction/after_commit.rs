//! The hooks that wait for a commit: [`AfterCommit`].

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A hook that runs when its transaction has committed.
pub(crate) type AfterCommit = Box<dyn FnOnce() + Send>;

/// Runs the hooks of a transaction that has committed.
///
/// Diesel has yet to note the commit, and a panic must not keep it from that. So a panic goes no
/// further than to the program's panic hook.
pub(crate) fn run_after_commit(hooks: Vec<AfterCommit>) {
    for hook in hooks {
        let _ = catch_unwind(AssertUnwindSafe(hook));
    }
}
