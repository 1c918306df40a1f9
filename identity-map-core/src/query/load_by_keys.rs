//! Loading many rows by their keys: [`LoadByKeys`].

use std::any::TypeId;
use std::future::Future;
use std::slice::from_ref;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::FilterDsl;

use super::ambiguous_keys;
use super::bind_key::BindKey;
use super::cached_query::{CachedQuery, send_columns};
use super::key_conditions::{KeysIn, OwnKeysIn};
use super::key_sql_types::is_exact;
use super::loading::Loading;
use super::pairing::{KeyOrigin, PairedRows, PairsKeys};
use super::plan::CacheMode;
use super::take::Take;
use crate::choice::Choice as _;
use crate::connection::{ConnectionKind, Driver, SelectedColumns};
use crate::database::{Dialect as _, key_batches};
use crate::model::{DecodableModel, Model, ObjectsByKey, ObjectsMut, downcast};
use crate::transaction::ReadView;

/// A model whose rows can be fetched by key on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded by its key on `{Conn}`",
    note = "the feature of the database (`sqlite`, `postgres`, `mysql`) must be enabled in `diesel-identity-map`",
    note = "the key must be a value that Diesel can bind: `ToSql` for the key column's SQL type"
)]
pub trait LoadByKeys<Conn: Driver<D>, D: ConnectionKind>: Model {
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

    /// Loads the models that these keys find, each with the position of the key, with one statement.
    ///
    /// # Errors
    /// As [`each_by_key`](Self::each_by_key).
    #[doc(hidden)]
    fn each_paired<'c>(
        conn: &'c mut Conn,
        keys: Vec<Self::Key>,
        origin: KeyOrigin,
        rows: &'c mut PairedRows<Self>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c;

    /// Sends a statement with these columns of the model, which has this id in Diesel's cache of prepared
    /// statements.
    ///
    /// # Errors
    /// As [`each_by_key`](Self::each_by_key).
    #[doc(hidden)]
    fn send_columns<'c, S: QueryFragment<Conn::Backend> + 'c>(
        conn: &'c mut Conn,
        statement: S,
        columns: (SelectedColumns, Option<TypeId>),
        loading: &'c mut Loading<'_, Self>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c;

    /// How many keys one statement takes.
    fn batch_limit() -> usize;

    /// Whether keys that the database takes for equal are equal.
    #[doc(hidden)]
    fn keys_are_exact() -> bool;

    /// Whether the database finds each row by the key that the row shows.
    #[doc(hidden)]
    fn rows_are_found_by_their_keys() -> bool;
}

#[diagnostic::do_not_recommend]
impl<M, Conn, D, DB> LoadByKeys<Conn, D> for M
where
    D: ConnectionKind<Dialect: PairsKeys<M, Conn, D>>,
    DB: Backend + QueryMetadata<SqlTypeOf<M::KeyColumns>> + QueryMetadata<SqlTypeOf<M::Selection>>,
    Conn: Driver<D, Backend = DB>,
    M: DecodableModel<DB, Key: BindKey<M::KeyColumns, DB, M::KeyShape>>,
    M::Query: FilterDsl<OwnKeysIn<M, D::Dialect>>,
    Filter<M::Query, OwnKeysIn<M, D::Dialect>>: CachedQuery<M, Conn, D> + 'static,
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

    fn each_paired<'c>(
        conn: &'c mut Conn,
        keys: Vec<Self::Key>,
        origin: KeyOrigin,
        rows: &'c mut PairedRows<Self>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c {
        D::Dialect::send_for_pairs(conn, keys, origin, rows)
    }

    fn send_columns<'c, S: QueryFragment<DB> + 'c>(
        conn: &'c mut Conn,
        statement: S,
        columns: (SelectedColumns, Option<TypeId>),
        loading: &'c mut Loading<'_, Self>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c {
        send_columns(conn, statement, columns, loading)
    }

    fn batch_limit() -> usize {
        D::Dialect::batch_limit(M::KEY_COLUMNS)
    }

    fn keys_are_exact() -> bool {
        M::HasPrimitiveKey::IS_YES || M::Key::all_types(is_exact)
    }

    fn rows_are_found_by_their_keys() -> bool {
        D::Dialect::SHOWS_VALUES_AS_KEPT && <M as LoadByKeys<Conn, D>>::keys_are_exact()
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
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D>,
{
    let mut loading = Loading::uncached(Take::All);
    for batch in key_batches::<D::Dialect, _>(keys, M::KEY_COLUMNS) {
        view.inspect(|view| view.count_statement());
        M::each_by_key(conn, batch.to_vec(), &mut loading).await?;
    }
    Ok(by_key(view, mode, &mut loading.into_objects()))
}

/// Keys that are asked for, none of them twice.
pub(super) struct KeyRequest<'a, K> {
    /// The view to fill, if the map is not left alone.
    pub(super) view: Option<&'a ReadView>,
    pub(super) mode: CacheMode,
    pub(super) keys: &'a [K],
    pub(super) origin: KeyOrigin,
}

/// Loads the rows that keys find: aligned with the keys, `None` where a key finds none. Where a key may find a
/// row whose own key is another one, the database says which key finds which row.
pub(super) async fn load_found<M, Conn, D>(
    request: KeyRequest<'_, M::Key>,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D>,
{
    M::HasPrimitiveKey::choose(
        (request, conn),
        async |(request, conn): (KeyRequest<'_, M::Key>, &mut Conn)| {
            load_by_own_keys(&request, conn).await
        },
        async |(request, conn): (KeyRequest<'_, M::Key>, &mut Conn)| {
            if M::keys_are_exact() {
                load_by_own_keys(&request, conn).await
            } else {
                load_paired(&request, conn).await
            }
        },
    )
    .await
}

/// [`load_found`] by the own keys of the rows.
async fn load_by_own_keys<M, Conn, D>(
    request: &KeyRequest<'_, M::Key>,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D>,
{
    let KeyRequest {
        view, mode, keys, ..
    } = *request;
    let loaded = load_batches::<M, _, _>(view, mode, keys, conn).await?;
    let mut found: Vec<Option<Arc<M>>> = keys.iter().map(|key| loaded.get_model(key)).collect();
    if found.iter().flatten().count() < loaded.values().count() {
        // Some row shows a key that nobody asked for: a `YEAR` of MySQL's shows 1999, and is found by 99.
        for (key, found) in keys.iter().zip(&mut found) {
            if found.is_none() {
                let row = load_batches::<M, _, _>(view, mode, from_ref(key), conn).await?;
                let row = row.values().next().cloned();
                let row = row.map(|row| loaded.get_same(&*row).unwrap_or(row));
                *found = row.and_then(downcast);
            }
        }
    }
    Ok(found)
}

/// [`load_found`] by what the database says.
async fn load_paired<M, Conn, D>(
    request: &KeyRequest<'_, M::Key>,
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D>,
{
    let KeyRequest {
        view,
        mode,
        keys,
        origin,
    } = *request;
    let is_alone = keys.len() == 1 && (origin == KeyOrigin::Program || !D::Dialect::JOINS_KEYS);
    let mut loaded = ObjectsByKey::default();
    if is_alone || keys.len() > D::Dialect::PAIRS_AT_ONCE {
        loaded = load_batches::<M, _, _>(view, mode, keys, conn).await?;
    }
    if is_alone {
        // Whatever the row's own key is, it is the row of the only key.
        let row = loaded.values().next().cloned();
        return Ok(vec![row.and_then(downcast)]);
    }
    let mut found: Vec<Option<Arc<M>>> = keys.iter().map(|key| loaded.get_model(key)).collect();
    let open: Vec<usize> = (0..keys.len()).filter(|at| found[*at].is_none()).collect();
    if open.is_empty() {
        return Ok(found);
    }
    let mut rows = PairedRows::new();
    for batch in open.chunks(D::Dialect::PAIR_LIMIT) {
        view.inspect(|view| view.count_statement());
        let keys = batch.iter().map(|at| keys[*at].clone()).collect();
        M::each_paired(conn, keys, origin, &mut rows).await?;
        rows.end_batch(batch.len());
    }
    let PairedRows {
        positions,
        mut objects,
        ..
    } = rows;
    merge(&mut objects, &loaded, view, mode);
    for (position, object) in positions.into_iter().zip(objects) {
        // A key that finds several rows stands for the first.
        found[open[position]].get_or_insert(object);
    }
    Ok(found)
}

/// Makes one object of each row, also of those that are among the `loaded`, and lets the map take them in.
fn merge(
    objects: &mut dyn ObjectsMut,
    loaded: &ObjectsByKey,
    view: Option<&ReadView>,
    mode: CacheMode,
) {
    if let Some(view) = view.filter(|_| mode == CacheMode::Cached) {
        view.adopt_all(objects);
    }
    let mut new = ObjectsByKey::default();
    for at in 0..objects.count() {
        let object = objects.get(at);
        let known = loaded.get_same(&*object);
        objects.set(at, known.unwrap_or_else(|| new.first_of_key(&object)));
    }
    if let Some(view) = view.filter(|_| mode == CacheMode::Fresh) {
        view.replace(&new);
    }
}

/// Loads the rows that keys of the program's find, as objects that are in no map: aligned with the keys.
pub(crate) async fn load_by_given_keys<M, Conn, D>(
    keys: &[M::Key],
    conn: &mut Conn,
) -> QueryResult<Vec<Option<Arc<M>>>>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    M: LoadByKeys<Conn, D>,
{
    let request = KeyRequest {
        view: None,
        mode: CacheMode::Uncached,
        keys,
        origin: KeyOrigin::Program,
    };
    load_found::<M, _, _>(request, conn).await
}

/// The objects by their keys. The map takes them in, if there is one.
fn by_key(view: Option<&ReadView>, mode: CacheMode, objects: &mut dyn ObjectsMut) -> ObjectsByKey {
    if let Some(view) = view.filter(|_| mode == CacheMode::Cached) {
        ambiguous_keys::notice(objects);
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
