//! Loading many rows by their keys: [`LoadByKeys`].

use std::future::Future;

use diesel::QueryResult;
use diesel::dsl::Filter;
use diesel::query_dsl::methods::FilterDsl;

use super::cached_query::ModelQuery;

use super::key_conditions::{KeysIn, OwnKeysIn};
use super::loading::Loading;
use super::plan::CacheMode;
use super::take::Take;
use crate::connection::{ConnectionKind, Driver};
use crate::database::{Dialect as _, key_batches};
use crate::model::{Model, ObjectsByKey, ObjectsMut};
use crate::transaction::ReadView;

/// A model whose rows can be fetched by key on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded by its key on `{Conn}`",
    note = "the feature of the database (`sqlite`, `postgres`, `mysql`) must be enabled in `diesel-identity-map`",
    note = "the key must be a value that Diesel can bind: `ToSql` for the key column's SQL type"
)]
pub trait LoadByKeys<Conn, D>: Model {
    /// Loads the models of these keys, in any order, with one statement.
    ///
    /// `keys` is not empty and not longer than the [`batch_limit`](crate::query::Dialect::batch_limit).
    ///
    /// # Errors
    /// Whatever the database answers, and rows that do not decode.
    fn each_by_key<'c>(
        conn: &'c mut Conn,
        keys: Vec<Self::Key>,
        loading: &'c mut Loading<'_, Self>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c;

    /// How many keys one statement takes.
    fn batch_limit() -> usize;
}

#[diagnostic::do_not_recommend]
impl<M, Conn, D> LoadByKeys<Conn, D> for M
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: Model,
    M::Query: FilterDsl<OwnKeysIn<M, D::Dialect>>,
    Filter<M::Query, OwnKeysIn<M, D::Dialect>>: ModelQuery<M, Conn, D> + 'static,
{
    fn each_by_key<'c>(
        conn: &'c mut Conn,
        keys: Vec<Self::Key>,
        loading: &'c mut Loading<'_, Self>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c {
        M::query()
            .filter(KeysIn::new(M::key_columns(), M::KEY_COLUMNS, keys))
            .send_for_models(conn, loading)
    }

    fn batch_limit() -> usize {
        D::Dialect::batch_limit(M::KEY_COLUMNS)
    }
}

/// Loads the rows of `keys`, no key of which is there twice, by as few statements as the backend allows.
/// Keys without a row are left out. Without a view every object is new.
pub(super) async fn load_batches<M, Conn, D>(
    view: Option<&ReadView>,
    mode: CacheMode,
    keys: &[M::Key],
    conn: &mut Conn,
) -> QueryResult<ObjectsByKey>
where
    D: ConnectionKind,
    M: LoadByKeys<Conn, D>,
{
    let mut loading = Loading::uncached(Take::All);
    for batch in key_batches::<D::Dialect, _>(keys, M::KEY_COLUMNS) {
        view.inspect(|view| view.count_statement());
        M::each_by_key(conn, batch.to_vec(), &mut loading).await?;
    }
    Ok(by_key(view, mode, &mut loading.into_objects()))
}

/// The objects by their keys. The map takes them in, if there is one.
fn by_key(view: Option<&ReadView>, mode: CacheMode, objects: &mut dyn ObjectsMut) -> ObjectsByKey {
    if let Some(view) = view.filter(|_| mode == CacheMode::Cached) {
        view.adopt_all(objects);
    }
    let mut by_key = ObjectsByKey::with_capacity(objects.count());
    for at in 0..objects.count() {
        by_key.first_of_key(&objects.get(at));
    }
    if let Some(view) = view.filter(|_| mode == CacheMode::Fresh) {
        view.replace(&by_key);
    }
    by_key
}
