//! The statement that reads the catalogue, for each product.
//!
//! Each row is one fact: its kind and five values, see [`CatalogueRow`](super::CatalogueRow).

mod mysql;
mod postgres;
mod sqlite;

use crate::product::Product;

/// The statement; `None` if the product is not known.
pub(crate) fn catalogue_query(product: Product) -> Option<&'static str> {
    match product {
        Product::Sqlite => Some(sqlite::QUERY),
        Product::Postgres => Some(postgres::QUERY),
        Product::Mysql => Some(mysql::QUERY),
        Product::Unknown => None,
    }
}

/// The statement that reads how often the schema has changed, whoever has changed it, where that is cheap.
pub(crate) fn version_query(product: Product) -> Option<&'static str> {
    (product == Product::Sqlite).then_some(sqlite::VERSION)
}

/// The statement that reads how many temporary objects the session has, where that can be asked.
pub(crate) fn temporary_query(product: Product) -> Option<&'static str> {
    match product {
        Product::Sqlite => Some(sqlite::TEMPORARY),
        Product::Postgres => Some(postgres::TEMPORARY),
        Product::Mysql | Product::Unknown => None,
    }
}
