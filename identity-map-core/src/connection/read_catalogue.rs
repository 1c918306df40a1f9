//! Reads the catalogue of a database, before anything of it is held.

use std::future::Future;
use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::{Field as _, Row as _};
use diesel::sql_types::Untyped;

use super::driver::{ConnectionKind, Driver, Visitor};
use super::find_transaction::find_transaction;
use super::slot::Slot;
use crate::database::{CatalogueBuilder, CatalogueRow, Product, Speaks as _, catalogue_query};

/// Asks the database what the library has to know before it goes on: whether a transaction is open, if that is
/// in doubt, and the catalogue, if it may have changed.
pub(crate) async fn ask_questions<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    find_transaction(conn).await;
    read_catalogue(conn).await;
}

async fn read_catalogue<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    let Ok(Some(known)) = conn.with_slot(Slot::due_catalogue) else {
        return;
    };
    let changes = known.changes();
    // A backend of the program's own reads no rows for the library.
    let product = Product::of::<C::Backend>();
    let Some(sql) = catalogue_query(product) else {
        known.give_up(changes);
        return;
    };
    // An error would abort a transaction of the program's. Where nobody watches, there may be one.
    let may_be_open = conn.with_slot(|slot| slot.known_depth() != Some(0)) == Ok(true);
    let has_savepoint = may_be_open
        && product == Product::Postgres
        && send(conn, "SAVEPOINT identity_map_reads").await;
    let mut reader = CatalogueReader::default();
    let read = send_query(sql, &mut reader, conn).await;
    if has_savepoint {
        let end = if read.is_ok() {
            "RELEASE SAVEPOINT identity_map_reads"
        } else {
            "ROLLBACK TO SAVEPOINT identity_map_reads; RELEASE SAVEPOINT identity_map_reads"
        };
        send(conn, end).await;
    }
    if read.is_ok() && reader.is_readable {
        known.set(reader.builder.build(), changes);
    } else {
        known.fail(changes);
    }
}

/// Sends a text that belongs to the reading, and says whether the database has taken it.
async fn send<D: ConnectionKind, C: Driver<D>>(conn: &mut C, sql: &str) -> bool {
    let _ = conn.with_slot(Slot::announce_catalogue);
    conn.send_text(sql).await.is_ok()
}

fn send_query<'c, D: ConnectionKind, C: Driver<D>>(
    sql: &'static str,
    reader: &'c mut CatalogueReader,
    conn: &'c mut C,
) -> impl Future<Output = QueryResult<()>> + Send + 'c {
    let _ = conn.with_slot(Slot::announce_catalogue);
    conn.visit_rows(CatalogueQuery(sql), reader)
}

struct CatalogueQuery(&'static str);

impl Query for CatalogueQuery {
    type SqlType = Untyped;
}

impl QueryId for CatalogueQuery {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for CatalogueQuery {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.unsafe_to_cache_prepared();
        pass.push_sql(self.0);
        Ok(())
    }
}

struct CatalogueReader {
    builder: CatalogueBuilder,
    is_readable: bool,
}

impl Default for CatalogueReader {
    fn default() -> Self {
        Self {
            builder: CatalogueBuilder::default(),
            is_readable: true,
        }
    }
}

impl<D: ConnectionKind, C: Driver<D>> Visitor<C, D> for CatalogueReader {
    fn visit_row<'conn>(&mut self, row: &C::AnsweredRow<'conn, '_>) -> QueryResult<ControlFlow<()>>
    where
        C: 'conn,
    {
        let value = |at: usize| {
            let field = row.get(at)?;
            C::Backend::read_text(field.value()?)
        };
        match value(0) {
            Some(kind) => self.builder.add(CatalogueRow {
                kind,
                values: [1, 2, 3, 4, 5].map(value),
            }),
            None => self.is_readable = false,
        }
        Ok(ControlFlow::Continue(()))
    }
}
