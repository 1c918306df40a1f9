//! What a map knows of the schema of its database.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::identity_map::IdentityMap;
use crate::database::{KnownCatalogue, forget_schema};
use crate::lock::lock;

impl IdentityMap {
    /// Says that the schema of the database may have changed: its catalogue is read again before the next load.
    ///
    /// A `CREATE`, `ALTER` or `DROP` that any connection of this program sends is seen, and so is a write to a
    /// table that the catalogue does not have. What another program does to triggers, keys and views is not.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// conn.identity_map()?.forget_schema(); // after a migration by somebody else
    /// # Ok(())
    /// # }
    /// ```
    pub fn forget_schema(&self) {
        if let Some(realm) = self.inner.realm.get() {
            forget_schema(realm);
        }
    }

    /// Notes the catalogue by which a connection judges what it writes.
    pub(crate) fn note_catalogue(&self, catalogue: &Arc<KnownCatalogue>) {
        let mut noted = lock(&self.inner.catalogue);
        if noted.as_ref().is_none_or(|noted| noted.get().is_some()) {
            *noted = Some(Arc::clone(catalogue));
        }
    }

    pub(super) fn has_no_catalogue(&self) -> bool {
        let noted = lock(&self.inner.catalogue);
        noted.as_ref().is_some_and(|noted| noted.get().is_none())
    }

    /// Whether somebody has compared the version of the schema since the map was made.
    pub(crate) fn is_version_compared(&self) -> bool {
        self.inner.is_version_compared.load(Ordering::Acquire)
    }

    pub(crate) fn note_version_compared(&self) {
        self.inner
            .is_version_compared
            .store(true, Ordering::Release);
    }
}
