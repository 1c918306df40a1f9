//! Options for enabling a map: [`MapOptions`].

use std::time::Duration;

use diesel::connection::Instrumentation;

use crate::database::Declared;
use crate::map::Clock;

/// Options of [`enable_identity_map_with`](super::IdentityMapConnection::enable_identity_map_with) and
/// [`install_with_options`](super::install_with_options).
#[derive(Default)]
#[must_use]
pub struct MapOptions {
    pub(super) database: Option<String>,
    pub(super) instrumentation: Option<Box<dyn Instrumentation>>,
    pub(super) watch: Option<bool>,
    pub(super) catalogue: Option<bool>,
    pub(super) declared: Declared,
    pub(super) clock: Option<Clock>,
}

impl MapOptions {
    /// No options: a database that is not known, unless by its address, and the program's default
    /// instrumentation.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether no option was given.
    pub(super) fn is_empty(&self) -> bool {
        self.database.is_none()
            && self.instrumentation.is_none()
            && self.watch.is_none()
            && self.catalogue.is_none()
            && self.declared.is_empty()
            && self.clock.is_none()
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

    /// Whether the catalogue of the database is read; on by default.
    ///
    /// It is read before the first load, by one statement that begins with a comment which names this library,
    /// and again when the schema changes. Without it a write is judged by its text and by `belongs_to`:
    /// what triggers, undeclared foreign keys, rules, partitions and views change is not seen. More is in
    /// `docs/freshness.md` of the repository.
    pub fn catalogue(mut self, catalogue: bool) -> Self {
        self.catalogue = Some(catalogue);
        self
    }

    /// Says that a function or a procedure of the database writes to these tables and to no other; with none
    /// that it only reads.
    ///
    /// It takes the place of what the routine's body says, for all connections of the database. It is for
    /// routines that build their statements at run time or are in another language than SQL and PL/pgSQL, which
    /// else count as ones that may write to any table, and for functions that an extension or the program
    /// has added. Said more than once of one routine, the tables add up. With a table that the database does not
    /// have, a misspelt one, it counts as one that may write to any.
    ///
    /// ```
    /// # use identity_map_core::MapOptions;
    /// let options = MapOptions::new()
    ///     .routine_writes("app.recount", &["posts", "users"])
    ///     .routine_writes("log_visit", &[]);
    /// ```
    pub fn routine_writes(mut self, name: &str, tables: &[&str]) -> Self {
        self.declared.add_routine(name, tables);
        self
    }

    /// Whether a table whose triggers the database hides from this user is taken to have some, so that a write to
    /// it expires everything; on by default.
    ///
    /// MySQL and MariaDB show triggers only to users with the `TRIGGER` privilege on their table. Grant that, or
    /// say here that there are none; what single ones do, a model can say:
    /// `#[identity_map(changed_by(votes))]`.
    pub fn hidden_triggers(mut self, hidden_triggers: bool) -> Self {
        self.declared.set_nothing_is_hidden(!hidden_triggers);
        self
    }

    /// The clock by which [`Strategy::Auto`](crate::Strategy::Auto) times the loads of this connection: the
    /// time since any moment that stays the same. The machine's own clock by default.
    ///
    /// It is for tests whose outcome must not depend on how busy the machine is: the times of the two strategies
    /// are then what the test says.
    ///
    /// ```
    /// # use std::sync::atomic::{AtomicU64, Ordering};
    /// # use std::time::Duration;
    /// # use identity_map_core::MapOptions;
    /// // Every load takes a millisecond.
    /// let millis = AtomicU64::new(0);
    /// let options = MapOptions::new()
    ///     .clock(move || Duration::from_millis(millis.fetch_add(1, Ordering::Relaxed)));
    /// ```
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(Clock::given(now));
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
            .field("catalogue", &self.catalogue)
            .field("declared", &self.declared)
            .finish_non_exhaustive()
    }
}
