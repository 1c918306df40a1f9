//! Reads the catalogue of a database, before anything of it is held.

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::row::{Field as _, Row as _};
use diesel::sql_types::Untyped;

use super::driver::{ConnectionKind, Driver, Visitor};
use super::find_transaction::find_transaction;
use super::slot::Slot;
use crate::database::{
    CatalogueBuilder, CatalogueRow, KnownCatalogue, Product, Speaks as _, catalogue_query,
    temporary_query, version_query,
};

/// Asks the database what the library has to know before it goes on: whether a transaction is open, if that is
/// in doubt, whether temporary objects are there, and the catalogue, if it may have changed.
pub(crate) async fn ask_questions<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    find_transaction(conn).await;
    find_temporary(conn).await;
    compare_version(conn).await;
    read_catalogue(conn).await;
}

/// Asks for the version of the schema. Where it is another one, the catalogue is read again.
async fn compare_version<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    let is_due = conn.with_slot(|slot| slot.is_version_due() && !slot.is_in_doubt());
    let Some(sql) = version_query(Product::of::<C::Backend>()) else {
        return;
    };
    if is_due != Ok(true) {
        return;
    }
    if let Some(version) = ask_for_value(sql, conn).await {
        let _ = conn.with_slot(|slot| slot.found_version(&version));
    }
}

/// Asks whether the session still has temporary objects, where that is not clear.
async fn find_temporary<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    let is_unclear = conn.with_slot(|slot| slot.is_temporary_unclear());
    let Some(sql) = temporary_query(Product::of::<C::Backend>()) else {
        return;
    };
    if is_unclear != Ok(true) {
        return;
    }
    if let Some(count) = ask_for_value(sql, conn).await {
        let _ = conn.with_slot(|slot| slot.found_temporary(count != "0"));
    }
}

/// The one value that the database answers, if it does.
async fn ask_for_value<D: ConnectionKind, C: Driver<D>>(
    sql: &'static str,
    conn: &mut C,
) -> Option<String> {
    let mut reader = ValueReader::default();
    let answer = send_query(CatalogueQuery(sql), &mut reader, conn).await;
    answer.ok()?;
    reader.0
}

async fn read_catalogue<D: ConnectionKind, C: Driver<D>>(conn: &mut C) {
    let Ok(Some(known)) = conn.with_slot(Slot::due_catalogue) else {
        return;
    };
    // A backend of the program's own reads no rows for the library.
    let product = Product::of::<C::Backend>();
    let Some((mut reading, query)) = Reading::begin(known, product) else {
        return;
    };
    // An error would abort a transaction of the program's. Where nobody watches, there may be one.
    let may_be_open = conn.with_slot(|slot| slot.known_depth() != Some(0)) == Ok(true);
    let has_savepoint = may_be_open
        && product == Product::Postgres
        && send(conn, "SAVEPOINT identity_map_reads").await;
    let answer = send_query(query, &mut reading.reader, conn).await;
    if has_savepoint {
        let end = if answer.is_ok() {
            "RELEASE SAVEPOINT identity_map_reads"
        } else {
            "ROLLBACK TO SAVEPOINT identity_map_reads; RELEASE SAVEPOINT identity_map_reads"
        };
        send(conn, end).await;
    }
    reading.end(answer);
    if version_query(product).is_some() {
        let _ = conn.with_slot(Slot::note_version);
    }
}

/// A catalogue that is read now.
pub(crate) struct Reading {
    known: Arc<KnownCatalogue>,
    changes: u64,
    pub(crate) reader: CatalogueReader,
}

impl Reading {
    /// Begins with the statement to send; `None` if there is none for the product.
    pub(crate) fn begin(
        known: Arc<KnownCatalogue>,
        product: Product,
    ) -> Option<(Self, CatalogueQuery)> {
        let changes = known.changes();
        let Some(sql) = catalogue_query(product) else {
            known.give_up(changes);
            return None;
        };
        let reader = CatalogueReader::default();
        let reading = Self {
            known,
            changes,
            reader,
        };
        Some((reading, CatalogueQuery(sql)))
    }

    /// Ends with the answer to the statement.
    pub(crate) fn end(self, answer: QueryResult<()>) {
        let answer = answer.and_then(|()| self.reader.readable());
        match answer {
            Ok(()) => {
                let catalogue = self.reader.builder.build(&self.known.declared());
                self.known.set(catalogue, self.changes);
            }
            Err(error) => {
                if self.known.fail(self.changes) {
                    say_that_it_is_unreadable(&error);
                }
            }
        }
    }
}

/// Takes the first column of the last row.
#[derive(Default)]
struct ValueReader(Option<String>);

impl<D: ConnectionKind, C: Driver<D>> Visitor<C, D> for ValueReader {
    fn visit_row<'conn>(&mut self, row: &C::AnsweredRow<'conn, '_>) -> QueryResult<ControlFlow<()>>
    where
        C: 'conn,
    {
        let value = row
            .get(0)
            .and_then(|field| C::Backend::read_text(field.value()?));
        self.0 = value;
        Ok(ControlFlow::Continue(()))
    }
}

#[cfg(feature = "tracing")]
fn say_that_it_is_unreadable(error: &diesel::result::Error) {
    tracing::warn!(
        "the catalogue of a database cannot be read ({error}): what its triggers and foreign keys change is not \
         seen; help: `docs/freshness.md` of diesel-identity-map says what that means"
    );
}

#[cfg(not(feature = "tracing"))]
fn say_that_it_is_unreadable(_: &diesel::result::Error) {}

/// Sends a text that belongs to the reading, and says whether the database has taken it.
async fn send<D: ConnectionKind, C: Driver<D>>(conn: &mut C, sql: &str) -> bool {
    let _ = conn.with_slot(Slot::announce_catalogue);
    conn.send_text(sql).await.is_ok()
}

fn send_query<'c, D: ConnectionKind, C: Driver<D>>(
    query: CatalogueQuery,
    reader: impl Visitor<C, D> + 'c,
    conn: &'c mut C,
) -> impl Future<Output = QueryResult<()>> + Send + 'c {
    let _ = conn.with_slot(Slot::announce_catalogue);
    conn.visit_rows(query, reader)
}

/// A statement that reads the catalogue.
pub(crate) struct CatalogueQuery(&'static str);

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

/// Collects the rows of that statement.
pub(crate) struct CatalogueReader {
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

impl CatalogueReader {
    fn readable(&self) -> QueryResult<()> {
        if self.is_readable {
            return Ok(());
        }
        let message = "a row without its kind".into();
        Err(diesel::result::Error::DeserializationError(message))
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
