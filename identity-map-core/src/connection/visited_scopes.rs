//! The scopes in which a connection has read: [`VisitedScopes`].

use crate::scope::{Scope, WeakScope};

/// Weak handles to scopes. A write on the connection is told to the maps of other connections there that
/// may speak to the same database, also when the scope is not entered now.
#[derive(Default)]
pub(super) struct VisitedScopes(Vec<WeakScope>);

impl VisitedScopes {
    pub(super) fn add(&mut self, scope: &Scope) {
        if self.alive().any(|known| known == *scope) {
            return;
        }
        self.0.retain(|known| known.upgrade().is_some());
        self.0.push(scope.downgrade());
    }

    pub(super) fn alive(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().filter_map(WeakScope::upgrade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G6
    #[test]
    fn a_scope_is_noted_once_and_not_kept() {
        let mut visited = VisitedScopes::default();
        let scope = Scope::new();
        visited.add(&scope);
        visited.add(&scope);
        assert_eq!(visited.alive().count(), 1);
        drop(scope);
        visited.add(&Scope::new());
        assert_eq!(visited.0.len(), 1);
    }
}
