//! The isolation of the transactions that a session begins: [`SessionIsolation`].

use crate::database::{Isolation, Product};

/// The isolation of the transactions that a session begins from now on, as far as it was set.
#[derive(Debug, Default)]
pub(crate) struct SessionIsolation {
    of_session: Option<Isolation>,
    of_next: Option<Isolation>,
    reads_uncommitted: bool,
}

impl SessionIsolation {
    /// Whether a statement outside a transaction may read what is not committed.
    #[inline]
    pub(super) fn reads_uncommitted(&self) -> bool {
        self.reads_uncommitted
    }

    /// Sets it for all transactions; `None` is the server's default.
    pub(crate) fn set(&mut self, isolation: Option<Isolation>) {
        self.of_session = isolation;
        self.note();
    }

    /// Sets it for the next transaction.
    pub(crate) fn set_next(&mut self, isolation: Isolation) {
        self.of_next = Some(isolation);
        self.note();
    }

    /// That of a transaction which begins now; `given` is what its text says.
    pub(super) fn of_next(&mut self, given: Option<Isolation>, product: Product) -> Isolation {
        let next = self.of_next.take();
        self.note();
        let set = given.or(next).or(self.of_session);
        set.unwrap_or_else(|| Isolation::default_of(product))
    }

    fn note(&mut self) {
        let isolation = self.of_next.or(self.of_session);
        self.reads_uncommitted = isolation == Some(Isolation::Uncommitted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_for_the_next_holds_once() {
        let mut isolation = SessionIsolation::default();
        let product = Product::Mysql;
        assert_eq!(isolation.of_next(None, product), Isolation::Snapshot);
        isolation.set_next(Isolation::Uncommitted);
        assert!(isolation.reads_uncommitted());
        assert_eq!(isolation.of_next(None, product), Isolation::Uncommitted);
        assert!(!isolation.reads_uncommitted());
        isolation.set(Some(Isolation::Committed));
        isolation.set_next(Isolation::Uncommitted);
        let given = Some(Isolation::Snapshot);
        assert_eq!(isolation.of_next(given, product), Isolation::Snapshot);
        assert_eq!(isolation.of_next(None, product), Isolation::Committed);
        isolation.set(None);
        assert_eq!(isolation.of_next(None, product), Isolation::Snapshot);
    }
}
