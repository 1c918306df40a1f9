//! How the rows of a model are written, with `RETURNING` and without: the implementation of [`Writes`].

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::{EmptyChangeset, Error};

use super::key_source::{KeyLocation, KeySource, capture_inserted_key, capture_updated_key};
use super::rewritten_values::RewrittenValues;
use super::send::{
    KeyCollector, load_keys, read_row, read_row_by_source, returned_keys, returned_rows, send,
};
use super::sql_parts::{assigned_columns, column_names};
use super::statement::{Delete, Insert, KeyAndVersion, Returning, Update};
use super::writes::Writes;
use crate::connection::{ConnectionKind, Driver, identify_product};
use crate::database::{Speaks, key_batches, returns_rows};
use crate::error::IdentityMapError;
use crate::hooks::RunsHooks;
use crate::map::IdentityMap;
use crate::model::{DecodableModel, Lock, Model, VersionNumber};
use crate::query::{BindKey, CachedQuery, KeyFromServer, KeyIs, LoadByKeys};

#[diagnostic::do_not_recommend]
impl<M, D, Conn, DB> Writes<M, D> for Conn
where
    D: ConnectionKind,
    DB: Speaks<D::Dialect>,
    Conn: Driver<D, Backend = DB>,
    M: RunsHooks<Conn, D> + DecodableModel<DB> + LoadByKeys<Conn, D>,
    M::Table: QueryFragment<DB>,
    M::Selection: QueryFragment<DB>,
    M::KeyColumns: QueryFragment<DB>,
    M::Key: BindKey<M::KeyColumns, DB, M::KeyShape>,
    M::VersionColumn: Lock<M::Version, DB>,
    M::Query: FilterDsl<KeyIs<M>> + FilterDsl<KeyFromServer<M>>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
    DB: QueryMetadata<SqlTypeOf<M::Selection>> + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
{
    async fn insert_one<V>(&mut self, values: &V, map: Option<&IdentityMap>) -> QueryResult<Arc<M>>
    where
        V: QueryFragment<DB> + Sync,
    {
        let rows = if returns_rows(identify_product(self).await) {
            Writes::<M, D>::insert_all(self, values, map).await?
        } else {
            let key = column_names(&DB::text(&M::key_columns()).unwrap_or_default());
            // There is no text where MySQL is behind a `MultiConnection`.
            let text = DB::text(values).ok_or_else(key_not_returned::<M>)?;
            let source = capture_inserted_key(&text, 0, &key);
            let (text, source) = source.ok_or_else(key_not_returned::<M>)?;
            let rewritten = RewrittenValues { values, text };
            Writes::<M, D>::insert_by_source(self, &rewritten, &source, map).await?
        };
        rows.into_iter().next().ok_or(Error::NotFound)
    }

    async fn insert_all<V>(
        &mut self,
        values: &V,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        V: QueryFragment<DB> + Sync,
    {
        let statement = Insert {
            table: M::table(),
            values,
        };
        if M::IS_PLAIN {
            return returned_rows::<M, DB, Conn, D, _>(self, statement, map).await;
        }
        let mut rows = Vec::new();
        for key in returned_keys::<M, DB, Conn, D, _>(self, statement, map).await? {
            let row = Writes::<M, D>::read_one(self, key, map).await?;
            rows.push(row.ok_or(Error::NotFound)?);
        }
        Ok(rows)
    }

    async fn insert_by_source<V>(
        &mut self,
        values: &V,
        source: &KeySource,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>>
    where
        V: QueryFragment<DB> + Sync,
    {
        let statement = Insert {
            table: M::table(),
            values,
        };
        send(self, statement, map).await?;
        if source.rows == 1 {
            let row = read_row_by_source::<M, DB, Conn, D>(self, source, map).await?;
            return Ok(vec![row.ok_or_else(key_not_returned::<M>)?]);
        }
        let keys = load_keys::<M, DB, Conn, D, _>(self, source.select_keys(), map).await?;
        let mut by_key = HashMap::with_capacity(keys.len());
        for keys in key_batches::<D::Dialect, _>(&keys, M::KEY_COLUMNS) {
            map.inspect(|map| map.count_statement());
            let mut take = |row: Arc<M>| {
                by_key.insert(row.key(), row);
                ControlFlow::Continue(())
            };
            M::each_by_key(self, keys.to_vec(), &mut take).await?;
        }
        let rows = keys.iter().map(|key| by_key.remove(key));
        rows.collect::<Option<_>>()
            .ok_or_else(key_not_returned::<M>)
    }

    async fn update_one<C>(
        &mut self,
        changes: C,
        row: (M::Key, M::Version),
        sets_version: bool,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Option<Arc<M>>>
    where
        C: QueryFragment<DB> + Send,
    {
        let returns = returns_rows(identify_product(self).await);
        let (key, version) = row;
        let text = DB::text(&changes);
        if text.as_deref() == Some("") {
            // Diesel would refuse it too, but only after it has shown the statement to an
            // instrumentation.
            return Err(Error::QueryBuilderError(Box::new(EmptyChangeset)));
        }
        let assigned = text.map(|text| assigned_columns(&text));
        let is_key_known = returns || assigned.is_some();
        let sets_version = match (M::VersionColumn::COLUMN, &assigned) {
            (Some(column), Some(assigned)) => assigned.iter().any(|name| name == column),
            _ => sets_version,
        };
        let key_names = column_names(&DB::text(&M::key_columns()).unwrap_or_default());
        let may_move_key = !returns
            && assigned.is_some_and(|names| names.iter().any(|name| key_names.contains(name)));
        let key_capture = if may_move_key {
            capture_updated_key(&key_names)
        } else {
            String::new()
        };
        let update = Update {
            table: M::table(),
            changes,
            lock: M::version_column(),
            next_version: (!sets_version).then(|| version.next()),
            key_capture: &key_capture,
            condition: KeyAndVersion {
                key: KeyIs::<M>::new(key.clone()),
                lock: M::version_column(),
                version,
            },
        };
        if returns && M::IS_PLAIN {
            let rows = returned_rows::<M, DB, Conn, D, _>(self, update, map).await?;
            return Ok(rows.into_iter().next());
        }
        let written = if returns {
            returned_keys::<M, DB, Conn, D, _>(self, update, map)
                .await?
                .pop()
        } else {
            (send(self, update, map).await? > 0).then_some(key)
        };
        let Some(key) = written else { return Ok(None) };
        if may_move_key {
            let source = KeySource {
                rows: 1,
                location: KeyLocation::Variables {
                    first: 0,
                    columns: key_names.len(),
                },
            };
            return read_row_by_source::<M, DB, Conn, D>(self, &source, map).await;
        }
        match Writes::<M, D>::read_one(self, key, map).await? {
            None if !is_key_known => Err(key_not_returned::<M>()),
            row => Ok(row),
        }
    }

    async fn delete_one(
        &mut self,
        (key, version): (M::Key, M::Version),
        map: Option<&IdentityMap>,
    ) -> QueryResult<bool> {
        let delete = Delete {
            table: M::table(),
            condition: KeyAndVersion {
                key: KeyIs::<M>::new(key),
                lock: M::version_column(),
                version,
            },
        };
        Ok(send(self, delete, map).await? > 0)
    }

    fn write_keys<'c, S>(
        &'c mut self,
        statement: S,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: QueryFragment<DB> + 'c,
    {
        let returning = Returning {
            statement,
            expressions: M::key_columns(),
        };
        self.visit_rows(returning, KeyCollector::<M>(keys))
    }

    async fn read_one(
        &mut self,
        key: M::Key,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Option<Arc<M>>> {
        read_row(self, key, map).await
    }

    fn moves_key<C>(changes: &C) -> bool
    where
        C: QueryFragment<DB>,
    {
        let (Some(changes), Some(key)) = (DB::text(changes), DB::text(&M::key_columns())) else {
            return true;
        };
        let key = column_names(&key);
        assigned_columns(&changes)
            .iter()
            .any(|name| key.contains(name))
    }

    fn has_versions() -> bool {
        M::VersionColumn::COLUMN.is_some()
    }
}

fn key_not_returned<M: Model>() -> Error {
    IdentityMapError::KeyNotReturned { model: M::name() }.into()
}
