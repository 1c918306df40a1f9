//! Which database a connection belongs to, as which user: its [`Realm`].
//!
//! A scope has one map per realm. So two connections that may see different rows must be in different
//! realms. Where that cannot be known, a connection is in a realm of its own.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

/// The connections that see the same rows, and share maps.
#[derive(Clone)]
pub(crate) struct Realm(Arc<RealmName>);

#[derive(PartialEq, Eq)]
enum RealmName {
    /// The whole address, user and options included.
    Address(String),
    /// A name that the program gave.
    Named(String),
    /// This one connection.
    Unique,
    /// A connection of `home` whose session may see other rows or values than the others.
    Apart { home: Realm },
}

impl RealmName {
    /// Whether one connection alone is in a realm of this name.
    fn is_private(&self) -> bool {
        matches!(self, Self::Unique | Self::Apart { .. })
    }
}

impl Realm {
    pub(crate) fn unique() -> Self {
        Self(Arc::new(RealmName::Unique))
    }

    pub(crate) fn named(name: String) -> Self {
        Self(Arc::new(RealmName::Named(name)))
    }

    /// The realm of a connection that was opened with this address.
    ///
    /// A file name is completed by the present working directory, as SQLite does.
    pub(crate) fn of_address(url: &str) -> Self {
        if names_private_database(url) {
            return Self::unique();
        }
        if url.contains("://") || url.contains('=') {
            return Self(Arc::new(RealmName::Address(url.to_owned())));
        }
        let path = url.strip_prefix("file:").unwrap_or(url);
        match std::path::absolute(Path::new(path)) {
            Ok(path) => Self(Arc::new(RealmName::Address(
                path.to_string_lossy().into_owned(),
            ))),
            Err(_) => Self::unique(),
        }
    }

    /// A realm of its own for a connection of this one, in the present state of its session.
    pub(crate) fn apart(&self) -> Self {
        let home = self.home().clone();
        Self(Arc::new(RealmName::Apart { home }))
    }

    /// The realm of the connection's database: whose rows it writes, wherever it stands.
    pub(crate) fn home(&self) -> &Self {
        match &*self.0 {
            RealmName::Apart { home } => home,
            _ => self,
        }
    }

    /// Whether one connection alone speaks to the database.
    #[cfg(feature = "async")]
    pub(crate) fn is_unique(&self) -> bool {
        *self.home().0 == RealmName::Unique
    }

    /// Whether no connection is, or can come to be, in this realm. `copies` is how many copies of it
    /// the caller knows to be no connection's.
    pub(crate) fn is_orphan(&self, copies: usize) -> bool {
        self.0.is_private() && Arc::strong_count(&self.0) <= copies
    }
}

/// Whether the address names an in-memory or temporary database of SQLite, which one connection alone
/// can see.
fn names_private_database(url: &str) -> bool {
    let url = url.strip_prefix("sqlite://").unwrap_or(url);
    url.is_empty() || url.contains(":memory:") || url.contains("mode=memory")
}

impl Eq for Realm {}

impl Hash for Realm {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &*self.0 {
            RealmName::Address(name) | RealmName::Named(name) => name.hash(state),
            RealmName::Unique | RealmName::Apart { .. } => Arc::as_ptr(&self.0).hash(state),
        }
    }
}

impl PartialEq for Realm {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (!self.0.is_private() && self.0 == other.0)
    }
}

/// Hides the address, which may hold a password.
impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            RealmName::Address(_) => f.write_str("Realm(address)"),
            RealmName::Named(name) => write!(f, "Realm({name:?})"),
            RealmName::Unique => f.write_str("Realm(unique)"),
            RealmName::Apart { home } => write!(f, "Realm(apart from {home:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_one_realm() {
        let a = Realm::of_address("postgres://ada@localhost/blog");
        assert_eq!(a, Realm::of_address("postgres://ada@localhost/blog"));
        assert_ne!(a, Realm::of_address("postgres://bob@localhost/blog"));
        assert_eq!(Realm::of_address("blog.db"), Realm::of_address("./blog.db"));
    }

    #[test]
    fn a_database_in_memory_is_a_realm_of_its_own() {
        for url in [
            ":memory:",
            "",
            "file:x?mode=memory&cache=shared",
            "sqlite://:memory:",
        ] {
            assert_ne!(Realm::of_address(url), Realm::of_address(url), "{url:?}");
        }
    }

    #[test]
    fn a_name_is_never_an_address() {
        let url = "postgres://ada@localhost/blog";
        assert_ne!(Realm::named(url.to_owned()), Realm::of_address(url));
    }

    #[test]
    fn who_stands_apart_is_alone_and_knows_its_home() {
        let home = Realm::named("blog".to_owned());
        let apart = home.apart();
        assert_ne!(apart, home);
        assert_ne!(apart, home.apart());
        assert_eq!(*apart.apart().home(), home);
        assert_eq!(*home.home(), home);
    }

    #[test]
    fn the_password_is_not_shown() {
        let shown = format!(
            "{:?}",
            Realm::of_address("postgres://ada:secret@localhost/blog")
        );
        assert!(!shown.contains("secret"));
    }
}
