//! A table's name as SQL spells it.

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use super::base_query_backend::BaseQueryBackend;

/// A table's name as SQL spells it.
#[doc(hidden)]
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub fn table_name<T>(table: &T) -> String
where
    T: diesel::query_builder::QueryFragment<BaseQueryBackend>,
{
    let shown = diesel::debug_query::<BaseQueryBackend, _>(table).to_string();
    // Diesel shows bound values behind it, of which a name has none.
    shown
        .rsplit_once(" -- binds: ")
        .map_or(shown.as_str(), |(name, _)| name)
        .to_owned()
}

/// Without a backend nothing can run, and no name is needed.
#[doc(hidden)]
#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
#[must_use]
pub fn table_name<T>(_: &T) -> String {
    String::new()
}
