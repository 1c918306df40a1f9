//! Asks the database whether a transaction is open, where that is in doubt.
//!
//! Each question is one text, so that a future which is dropped half-way leaves nothing open, and one that
//! changes nothing, whatever the answer.

use super::driver::{ConnectionKind, Driver};
use super::identify::{answers, identify_product};
use crate::database::Product;
use crate::transaction::FoundTransaction;

/// Asks whether a transaction is open, if that is in doubt.
pub(crate) async fn find_transaction<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    if conn.with_slot(|slot| slot.is_in_doubt()) != Ok(true) {
        return;
    }
    let product = identify_product(conn).await;
    if let Some(found) = ask(product, conn).await {
        let _ = conn.with_slot(|slot| slot.found_transaction(found));
    }
}

/// `None` if the database does not say it.
async fn ask<D: ConnectionKind, C: Driver<D>>(
    product: Product,
    conn: &mut C,
) -> Option<FoundTransaction> {
    let open_or_not = |is_open| {
        if is_open {
            FoundTransaction::Open
        } else {
            FoundTransaction::NotOpen
        }
    };
    match product {
        Product::Postgres => {
            if !answers(conn, "SELECT 1").await {
                return Some(FoundTransaction::Aborted);
            }
            let question = "SAVEPOINT identity_map_asks; RELEASE SAVEPOINT identity_map_asks";
            Some(open_or_not(answers(conn, question).await))
        }
        // Inside a transaction the first statement fails, and the second is not sent.
        Product::Sqlite => Some(open_or_not(!answers(conn, "BEGIN; ROLLBACK").await)),
        Product::Mysql => {
            // MySQL itself does not know the variable.
            if !answers(conn, "SELECT @@in_transaction").await {
                return None;
            }
            // The question fails where the condition is true: its subquery has two rows then.
            let question = "SELECT CASE WHEN @@in_transaction = 0 AND @@autocommit = 1 THEN 1 \
                            ELSE (SELECT 1 UNION SELECT 2) END";
            Some(open_or_not(!answers(conn, question).await))
        }
        Product::Unknown => None,
    }
}
