//! The isolation of the transactions that a session begins: [`SessionIsolation`].

use crate::database::{Isolation, Product};

/// The isolation of the transactions that a session begins from now on, as far as it was set.
#[derive(Debug, Default)]
pub(super) struct SessionIsolation {
    of_session: Option<Isolation>,
    /// What was set for the session inside the open transaction, and holds from its end on.
    from_end_on: FromEndOn,
    of_next: Option<Isolation>,
}

#[derive(Debug, Default)]
enum FromEndOn {
    #[default]
    AsBefore,
    Set(Option<Isolation>),
}

impl SessionIsolation {
    /// Sets it for all transactions; `None` is the server's default.
    pub(super) fn set(&mut self, isolation: Option<Isolation>) {
        self.of_session = isolation;
    }

    /// Sets it for all transactions after the open one.
    pub(super) fn set_from_end_on(&mut self, isolation: Option<Isolation>) {
        self.from_end_on = FromEndOn::Set(isolation);
    }

    /// The open transaction has ended.
    pub(super) fn end_transaction(&mut self) {
        if let FromEndOn::Set(isolation) = std::mem::take(&mut self.from_end_on) {
            self.of_session = isolation;
        }
    }

    /// What was set in the open transaction is as before.
    pub(super) fn take_back(&mut self) {
        self.from_end_on = FromEndOn::AsBefore;
    }

    /// A part of the open transaction was undone, and perhaps what was set in it.
    pub(super) fn doubt(&mut self) {
        if matches!(self.from_end_on, FromEndOn::Set(_)) {
            self.from_end_on = FromEndOn::Set(Some(Isolation::Unclear));
        }
    }

    pub(super) fn of_session(&self) -> Option<Isolation> {
        self.of_session
    }

    /// Whether a level was set for the next transaction, which a single statement may have used up.
    pub(super) fn has_next(&self) -> bool {
        self.of_next.is_some()
    }

    /// It was set for the next transaction, which may be a single statement: then it holds no more when another
    /// one begins.
    pub(super) fn set_next(&mut self) {
        self.of_next = Some(Isolation::Unclear);
    }

    /// That of a transaction which begins now; `given` is what its text says.
    pub(super) fn of_next(&mut self, given: Option<Isolation>, product: Product) -> Isolation {
        let next = self.of_next.take();
        let set = given.or(next).or(self.of_session);
        match set {
            // On SQLite that depends on whether the cache is shared.
            Some(Isolation::Uncommitted) if product == Product::Sqlite => Isolation::Unclear,
            Some(set) => set,
            None => Isolation::default_of(product),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_for_the_next_holds_once_at_most() {
        let mut isolation = SessionIsolation::default();
        let product = Product::Mysql;
        assert_eq!(isolation.of_next(None, product), Isolation::Snapshot);
        isolation.set_next();
        assert_eq!(isolation.of_next(None, product), Isolation::Unclear);
        assert_eq!(isolation.of_next(None, product), Isolation::Snapshot);
        isolation.set(Some(Isolation::Committed));
        isolation.set_next();
        let given = Some(Isolation::Snapshot);
        assert_eq!(isolation.of_next(given, product), Isolation::Snapshot);
        assert_eq!(isolation.of_next(None, product), Isolation::Committed);
        isolation.set(None);
        assert_eq!(isolation.of_next(None, product), Isolation::Snapshot);
    }
}
