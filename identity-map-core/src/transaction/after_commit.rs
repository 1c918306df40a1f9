//! What waits for a commit: [`AfterCommit`].

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A hook that runs when its transaction has committed.
pub(crate) type AfterCommit = Box<dyn FnOnce() + Send>;

/// Runs the hooks of a transaction that has committed.
///
/// Diesel is about to note that it has committed, and must not be kept from it: a panic is
/// reported by the program's panic hook and goes no further.
pub(crate) fn run_after_commit(hooks: Vec<AfterCommit>) {
    for hook in hooks {
        let _ = catch_unwind(AssertUnwindSafe(hook));
    }
}
