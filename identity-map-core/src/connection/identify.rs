//! Finds out which product is behind a connection whose backend does not say it.

use super::driver::{ConnectionKind, Driver};
use crate::database::Product;

/// The product behind a connection; the server is asked if the backend is one of the program's own.
pub(crate) async fn identify_product<D: ConnectionKind, C: Driver<D>>(conn: &mut C) -> Product {
    let by_type = Product::of::<C::Backend>();
    if by_type != Product::Unknown {
        return by_type;
    }
    match conn.with_slot(|slot| slot.product()) {
        Ok(Product::Unknown) | Err(_) => {}
        Ok(known) => return known,
    }
    // A question that PostgreSQL refused would abort its transaction, so its own question comes first.
    let product = if answers(conn, "SELECT pg_backend_pid()").await {
        Product::Postgres
    } else if answers(conn, "SELECT sqlite_version()").await {
        Product::Sqlite
    } else {
        Product::Mysql
    };
    // Without a slot nobody remembers the answer, and the next write asks again.
    let _ = conn.with_slot(|slot| slot.set_product(product));
    product
}

pub(super) async fn answers<D: ConnectionKind, C: Driver<D>>(conn: &mut C, question: &str) -> bool {
    conn.announce_question();
    conn.send_text(question).await.is_ok()
}
