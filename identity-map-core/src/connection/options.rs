//! Options for enabling a map: [`MapOptions`].

use diesel::connection::Instrumentation;

/// Options of [`enable_identity_map_with`](super::IdentityMapConnection::enable_identity_map_with) and
/// [`install_with_options`](super::install_with_options).
#[derive(Default)]
#[must_use]
pub struct MapOptions {
    pub(super) database: Option<String>,
    pub(super) instrumentation: Option<Box<dyn Instrumentation>>,
    pub(super) watch: Option<bool>,
}

impl MapOptions {
    /// No options: a database that is not known, unless by its address, and the program's default
    /// instrumentation.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no option was given.
    pub(super) fn is_empty(&self) -> bool {
        self.database.is_none() && self.instrumentation.is_none() && self.watch.is_none()
    }

    /// Names the database this connection speaks to.
    ///
    /// Connections of one name share objects inside a [`Scope`](crate::Scope), so two
    /// databases, two users of one database, or two tenants must have two names.
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }

    /// Whether statements that the program sends by itself (plain Diesel, raw SQL) are looked at
    /// for what they change; on by default.
    ///
    /// Without it only the manager's writes are known: after any other write, and after a
    /// rollback, the program has to `expire` or `clear` itself. Transactions are then not seen
    /// either; a write that needs one asks the database whether one is open.
    pub fn watch(mut self, watch: bool) -> Self {
        self.watch = Some(watch);
        self
    }

    /// The program's own instrumentation of this connection, which keeps getting every event.
    pub fn instrumentation(mut self, instrumentation: impl Instrumentation) -> Self {
        self.instrumentation = Some(Box::new(instrumentation));
        self
    }
}

impl std::fmt::Debug for MapOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapOptions")
            .field("database", &self.database)
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}
