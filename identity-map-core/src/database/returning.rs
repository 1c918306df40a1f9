//! Which databases answer a write with the written rows: `RETURNING`.

use super::product::Product;

/// Whether statements may end in `RETURNING` on this product: `INSERT`, `UPDATE` and `DELETE` alike.
///
/// MariaDB has it for `INSERT` and `DELETE`, but Diesel cannot use it: a prepared statement does not say
/// which columns it will return.
pub(crate) fn returns_rows(product: Product) -> bool {
    match product {
        Product::Sqlite | Product::Postgres => true,
        Product::Mysql | Product::Unknown => false,
    }
}
