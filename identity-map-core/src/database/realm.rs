//! Which database a connection belongs to, as which user: its [`Realm`].
//!
//! A scope has one map per realm. So two connections that may see different rows must be in different
//! realms. Where that cannot be known, a connection is in a realm of its own. What it writes may be
//! another realm's rows all the same: see [`Realm::may_be`].

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
    /// This one connection: nobody else sees its rows.
    Unique,
    /// This one connection, since nobody has said which database it speaks to.
    Unknown,
    /// A connection of `home` whose session may see other rows or values than the others.
    Apart {
        home: Realm,
        /// It sees what others have not committed yet.
        reads_uncommitted: bool,
    },
}

impl RealmName {
    /// Whether it is one connection's, whatever is known of its database.
    fn is_of_one_connection(&self) -> bool {
        matches!(self, Self::Unique | Self::Unknown | Self::Apart { .. })
    }
}

impl Realm {
    pub(crate) fn unique() -> Self {
        Self(Arc::new(RealmName::Unique))
    }

    /// The realm of a connection of which neither an address nor a name is known.
    pub(crate) fn unknown() -> Self {
        Self(Arc::new(RealmName::Unknown))
    }

    pub(crate) fn named(name: String) -> Self {
        Self(Arc::new(RealmName::Named(name)))
    }

    /// The realm of a connection of this realm that has now been opened with this address: a name says
    /// more than an address, unless nobody else can see the database.
    pub(crate) fn at_address(&self, url: &str) -> Self {
        match &*self.0 {
            RealmName::Named(_) if !names_private_database(url) => self.clone(),
            _ => Self::of_address(url),
        }
    }

    /// The realm of a connection that was opened with this address.
    ///
    /// A file name is completed by the present working directory, as SQLite does.
    pub(crate) fn of_address(url: &str) -> Self {
        if names_private_database(url) {
            return Self::unique();
        }
        // An empty address is whatever libpq finds in the environment; a shared database in memory is
        // another one after its last connection has gone.
        if url.is_empty() || url.contains("mode=memory") {
            return Self::unknown();
        }
        if url.contains("://") || url.contains('=') {
            return Self(Arc::new(RealmName::Address(url.to_owned())));
        }
        let path = url.strip_prefix("file:").unwrap_or(url);
        match std::path::absolute(Path::new(path)) {
            Ok(path) => Self(Arc::new(RealmName::Address(
                path.to_string_lossy().into_owned(),
            ))),
            Err(_) => Self::unknown(),
        }
    }

    /// A realm of its own for a connection of this one, in the present state of its session.
    pub(crate) fn apart(&self, reads_uncommitted: bool) -> Self {
        Self(Arc::new(RealmName::Apart {
            home: self.home().clone(),
            reads_uncommitted,
        }))
    }

    /// Whether its connection sees what others have not committed yet.
    pub(crate) fn reads_uncommitted(&self) -> bool {
        matches!(
            *self.0,
            RealmName::Apart {
                reads_uncommitted: true,
                ..
            }
        )
    }

    /// The realm of the connection's database: whose rows it writes, wherever it stands.
    pub(crate) fn home(&self) -> &Self {
        match &*self.0 {
            RealmName::Apart { home, .. } => home,
            _ => self,
        }
    }

    /// Whether nobody has said which database this is.
    pub(crate) fn is_unknown(&self) -> bool {
        *self.home().0 == RealmName::Unknown
    }

    /// Whether its address or a name of it is known, so that several connections may be in it.
    pub(crate) fn has_name(&self) -> bool {
        !self.0.is_of_one_connection()
    }

    /// Whether a write in this realm may change rows of the other. One database may have many names and
    /// addresses, so only a database is ruled out to which one connection alone can speak.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        self.home() == other.home() || !self.is_unique() && !other.is_unique()
    }

    /// Whether one connection alone speaks to the database.
    pub(crate) fn is_unique(&self) -> bool {
        *self.home().0 == RealmName::Unique
    }

    /// Whether no connection is, or can come to be, in this realm. `copies` is how many copies of it
    /// the caller knows to be no connection's.
    pub(crate) fn is_orphan(&self, copies: usize) -> bool {
        self.0.is_of_one_connection() && Arc::strong_count(&self.0) <= copies
    }
}

/// Whether the address names an in-memory database of SQLite which one connection alone can see.
fn names_private_database(url: &str) -> bool {
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    in_memory && !url.contains("cache=shared")
}

impl Eq for Realm {}

impl Hash for Realm {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &*self.0 {
            RealmName::Address(name) | RealmName::Named(name) => name.hash(state),
            RealmName::Unique | RealmName::Unknown | RealmName::Apart { .. } => {
                Arc::as_ptr(&self.0).hash(state);
            }
        }
    }
}

impl PartialEq for Realm {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (!self.0.is_of_one_connection() && self.0 == other.0)
    }
}

/// Hides the address, which may hold a password.
impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            RealmName::Address(_) => f.write_str("Realm(address)"),
            RealmName::Named(name) => write!(f, "Realm({name:?})"),
            RealmName::Unique => f.write_str("Realm(unique)"),
            RealmName::Unknown => f.write_str("Realm(unknown)"),
            RealmName::Apart { home, .. } => write!(f, "Realm(apart from {home:?})"),
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
    fn any_database_that_others_can_reach_may_be_another_one() {
        let blog = Realm::of_address("postgres://ada@localhost/blog");
        let shop = Realm::of_address("postgres://ada@localhost/shop");
        let private = Realm::of_address(":memory:");
        assert!(blog.may_be(&blog) && !blog.may_be(&private) && private.may_be(&private));
        assert!(blog.may_be(&shop), "an address says little of the database");
        for unknown in [
            Realm::unknown(),
            Realm::unknown().apart(false),
            Realm::of_address(""),
            Realm::of_address("file:x?mode=memory&cache=shared"),
        ] {
            assert!(
                unknown.may_be(&blog) && shop.may_be(&unknown),
                "{unknown:?}"
            );
            assert_ne!(unknown, Realm::unknown());
        }
    }

    #[test]
    fn a_name_says_more_than_an_address() {
        let named = Realm::named("blog".to_owned());
        assert_eq!(named.at_address("postgres://ada@localhost/blog"), named);
        assert_ne!(named.at_address(":memory:"), named);
        let unknown = Realm::unknown();
        let url = "postgres://ada@localhost/blog";
        assert_eq!(unknown.at_address(url), Realm::of_address(url));
    }

    #[test]
    fn a_name_is_never_an_address() {
        let url = "postgres://ada@localhost/blog";
        assert_ne!(Realm::named(url.to_owned()), Realm::of_address(url));
    }

    #[test]
    fn who_stands_apart_is_alone_and_knows_its_home() {
        let home = Realm::named("blog".to_owned());
        let apart = home.apart(false);
        assert_ne!(apart, home);
        assert_ne!(apart, home.apart(false));
        assert_eq!(*apart.apart(false).home(), home);
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
