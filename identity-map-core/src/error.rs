//! What can go wrong beside the database: [`IdentityMapError`].

use std::error::Error;
use std::fmt;

/// An error of the identity map itself.
///
/// It travels inside [`diesel::result::Error::QueryBuilderError`], so that every method keeps
/// Diesel's own `QueryResult`. [`IdentityMapError::of`] finds it there.
///
/// ```
/// use identity_map_core::IdentityMapError;
///
/// let error = diesel::result::Error::from(IdentityMapError::NotEnabled);
/// assert!(matches!(IdentityMapError::of(&error), Some(IdentityMapError::NotEnabled)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityMapError {
    /// A cached query ran on a connection that carries no map.
    NotEnabled,
    /// `one` found several rows.
    MultipleRows {
        /// The model that was asked for.
        model: &'static str,
        /// How many rows the query returned.
        found: u64,
    },
    /// A map that already holds objects of one database was given a connection to another
    /// (or to the same one under another user, role or search path).
    WrongDatabase {
        /// The model that was asked for.
        model: &'static str,
    },
    /// The row is not the version that the object is: somebody has written it since the object
    /// was read. Nothing was changed.
    VersionConflict {
        /// The model that was to be written.
        model: &'static str,
    },
    /// `insert` was given the values of several rows, or values of which nobody can say how many rows
    /// they are.
    NotOneRow {
        /// The model that was to be inserted.
        model: &'static str,
    },
    /// The database does not say which key a written row has, so the write is undone. That happens on MySQL
    /// if the key is neither given, nor an `AUTO_INCREMENT`, nor (on MariaDB) the value of a default
    /// expression; if the column or a trigger makes another value of it; and behind a `MultiConnection`.
    KeyNotReturned {
        /// The model that was to be inserted.
        model: &'static str,
    },
    /// A relation of a single object was asked for, and the query that loaded the object (or its scope)
    /// forbids a statement for that.
    LazyLoadForbidden {
        /// The model of the object.
        model: &'static str,
        /// What was asked for.
        relation: &'static str,
    },
    /// A future of this MySQL connection was dropped before the server had answered. The client would
    /// take that answer for the answer to the next statement.
    Interrupted,
    /// A write that needs a transaction, for its hooks or its several statements, was called on an
    /// `&AsyncPgConnection`. Other futures use that connection meanwhile, and their statements would be in
    /// the transaction. Nothing was sent; a `&mut AsyncPgConnection` can do it.
    SharedConnection,
    /// `mapped()` was called on an `sql_query` whose text may do more than read. Nothing was sent.
    NotAQuery,
    /// `install` would have silenced the default instrumentation that the program had set before.
    DefaultInstrumentationSet,
}

impl IdentityMapError {
    /// The identity map's error inside a Diesel error, if there is one.
    #[must_use]
    pub fn of(error: &diesel::result::Error) -> Option<&Self> {
        match error {
            diesel::result::Error::QueryBuilderError(inner) => inner.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for IdentityMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnabled => f.write_str(
                "this connection carries no identity map\n\
                 help: call `diesel_identity_map::install()?` once, before connections are made,\n\
                 or `conn.enable_identity_map()` on this connection,\n\
                 or give the pool `MapCustomizer` as its `connection_customizer`;\n\
                 note: `conn.set_instrumentation(..)` after that removes the map: \
                 chain yours with `enable_identity_map_with` or `install_with`",
            ),
            Self::MultipleRows { model, found } => {
                write!(
                    f,
                    "expected exactly one `{model}`, but the query returned {found} rows"
                )
            }
            Self::WrongDatabase { model } => write!(
                f,
                "this map holds objects of another database (or of another user, role or search \
                 path of this one), so `{model}` cannot be loaded into it\n\
                 help: use one `IdentityMap` per database, or a `Scope`, which keeps them apart; \
                 connections that were enabled one by one are databases of their own unless \
                 `MapOptions::database` names them"
            ),
            Self::VersionConflict { model } => write!(
                f,
                "this `{model}` was changed by somebody else since it was read; nothing was written\n\
                 help: load it again (the next load reads the new version), apply the change to \
                 that, and write again"
            ),
            Self::NotOneRow { model } => write!(
                f,
                "`insert` and `upsert` take the values of one `{model}`\n\
                 help: `insert_many` and `upsert_many` take several; for INSERT .. SELECT use `upsert_many`, or plain \
                 Diesel on MySQL and MariaDB"
            ),
            Self::KeyNotReturned { model } => write!(
                f,
                "the database does not say which key the written `{model}` has, so the write is undone\n\
                 help: give the key with the values, as the column keeps it (a trigger, too few digits and \
                 padding change it), or write with plain Diesel and load the row; \
                 behind a `MultiConnection`, MySQL never says it"
            ),
            Self::LazyLoadForbidden { model, relation } => write!(
                f,
                "`{relation}` of a single `{model}` would take a statement of its own, which \
                 `Peers::Forbidden` forbids\n\
                 help: load it for all objects at once, with `.with::<{relation}>()` in the query, or \
                 `load_parents` / `load_children` on the list"
            ),
            Self::Interrupted => f.write_str(
                "a future of this connection was dropped (by a time-out, or a client that left) before \
                 MySQL had answered, so what the connection would read next is that answer\n\
                 help: drop this connection and take another one; plain Diesel would go on with \
                 rows of the wrong statement",
            ),
            Self::NotAQuery => f.write_str(
                "`mapped()` takes an `sql_query` that only reads, and this text may do more\n\
                 help: leave `.mapped()` out: a write of your own is watched, and the next load finds what it wrote; \
                 a routine that it calls may write unless it is `STABLE` or `IMMUTABLE`",
            ),
            Self::SharedConnection => f.write_str(
                "this write needs a transaction (it has hooks, or several statements), which an \
                 `&AsyncPgConnection` cannot begin: other futures send their statements meanwhile\n\
                 help: call it on the connection itself, a `&mut AsyncPgConnection`",
            ),
            Self::DefaultInstrumentationSet => f.write_str(
                "the program has set a default instrumentation, which `install()` would silence\n\
                 help: pass it on with `diesel_identity_map::install_with(your_function)`",
            ),
        }
    }
}

impl Error for IdentityMapError {}

impl From<IdentityMapError> for diesel::result::Error {
    fn from(error: IdentityMapError) -> Self {
        Self::QueryBuilderError(Box::new(error))
    }
}
