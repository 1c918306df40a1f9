//! What the tests of rollbacks have in common.

use diesel::prelude::*;
use diesel::result::Error;

/// Runs `inside` in a transaction, or in a savepoint of the open one, that rolls back. What it gave
/// is what was done and undone.
pub(super) fn failing<C: Connection, T>(
    conn: &mut C,
    inside: impl FnOnce(&mut C) -> QueryResult<T>,
) -> Option<T> {
    let mut done = None;
    let end = conn.transaction(|conn| {
        done = Some(inside(conn)?);
        QueryResult::<()>::Err(Error::RollbackTransaction)
    });
    assert_eq!(end, Err(Error::RollbackTransaction));
    done
}
