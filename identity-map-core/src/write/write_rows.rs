//! How the rows of a model are written, with `RETURNING` and without: the implementation of [`Writes`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::FilterDsl;
use diesel::sql_types::BigInt;

use super::keyed_insert::{ShownValues, insert_keyed};
use super::missing_row::key_not_returned;
use super::send::{KeyCollector, read_row, returned, send};
use super::sql_parts::{Assignments, column_names};
use super::statement::{
    Delete, Insert, KeyAndVersion, LockKeys, NextVersion, Returning, Update, WhereKeys,
};
use super::update_row::RowUpdate;
use super::writes::{DeletedRow, Writes};
use crate::choice::Choice;
use crate::connection::{ConnectionKind, Driver, identify_product};
use crate::database::{Dialect, ReturnsRows as _, Speaks, key_batches, returns_rows};
use crate::hooks::RunsHooks;
use crate::map::IdentityMap;
use crate::model::{DecodableModel, IdentityMapped, Lock, Model, NoVersion};
use crate::query::{
    BindKey, CachedQuery, KeyFromServer, KeyIs, KeyOrigin, LoadByKeys, Loading, PairedRows,
    RowKeyIs, Take,
};

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
    DB: QueryMetadata<SqlTypeOf<M::Selection>>
        + QueryMetadata<SqlTypeOf<M::KeyColumns>>
        + QueryMetadata<BigInt>,
{
    fn insert_one<'c, V>(
        &'c mut self,
        values: &'c V,
        map: Option<&'c IdentityMap>,
        rows: &'c mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send
    where
        V: QueryFragment<DB> + Sync + 'c,
    {
        ReturnsRowsOn::<D>::choose(
            (self, rows),
            |(conn, rows)| async {
                let returns = returns_rows(identify_product(conn).await);
                (returns, (conn, rows))
            },
            move |(conn, rows)| Writes::<M, D>::insert_all(conn, values, map, rows),
            move |(conn, rows)| async move {
                // There is no text where MySQL is behind a `MultiConnection`.
                let shown = DB::text(values).ok_or_else(key_not_returned::<M>)?;
                Writes::<M, D>::insert_shown(conn, values, (&[shown], 0), map, rows).await
            },
        )
    }

    fn insert_all<'c, V>(
        &'c mut self,
        values: &'c V,
        map: Option<&'c IdentityMap>,
        rows: &'c mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send
    where
        V: QueryFragment<DB> + Sync + 'c,
    {
        let table = M::table();
        returned::<M, DB, Conn, D, _>(self, Insert { table, values }, map, rows)
    }

    async fn insert_shown<V>(
        &mut self,
        values: &V,
        (rows, first): (&[String], usize),
        map: Option<&IdentityMap>,
        inserted: &mut Loading<'static, M>,
    ) -> QueryResult<()>
    where
        V: QueryFragment<DB> + Sync,
    {
        let shown = ShownValues {
            values,
            rows,
            first,
            on_duplicate_key: None,
        };
        insert_keyed::<M, DB, Conn, D, V>(shown, map, inserted, self).await?;
        Ok(())
    }

    fn update_one<C>(
        &mut self,
        (changes, assigned): (C, Option<&[String]>),
        row: (M::Key, Option<M::Version>),
        sets_version: bool,
        map: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Option<Arc<M>>>> + Send
    where
        C: QueryFragment<DB> + Send,
    {
        let update = RowUpdate::<M, C> {
            changes,
            assigned,
            row,
            sets_version,
        };
        ReturnsRowsOn::<D>::choose(
            (self, update),
            |(conn, update)| async {
                let returns = returns_rows(identify_product(conn).await);
                (returns, (conn, update))
            },
            move |(conn, update)| update.send_returning::<DB, Conn, D>(conn, map),
            move |(conn, update)| update.send_and_read::<DB, Conn, D>(conn, map),
        )
    }

    async fn delete_one(
        &mut self,
        (key, version): (M::Key, M::Version),
        map: Option<&IdentityMap>,
    ) -> QueryResult<DeletedRow<M::Key>> {
        let delete = Delete {
            table: M::table(),
            condition: KeyAndVersion {
                key: RowKeyIs::<M, D::Dialect>::new(key.clone()),
                lock: M::version_column(),
                version: Some(version),
            },
        };
        <M::HasPrimitiveKey as Choice>::choose(
            (self, delete, key),
            async |(conn, delete, key): (&mut Conn, DeleteRow<M, D::Dialect>, M::Key)| {
                let deleted = send(conn, delete, map).await? > 0;
                Ok(if deleted {
                    DeletedRow::WithKey(key)
                } else {
                    DeletedRow::Missing
                })
            },
            async |(conn, delete, key): (&mut Conn, DeleteRow<M, D::Dialect>, M::Key)| {
                let is_exact = <M as LoadByKeys<Conn, D>>::keys_are_exact();
                if is_exact || !returns_rows(identify_product(conn).await) {
                    return Ok(match send(conn, delete, map).await? {
                        0 => DeletedRow::Missing,
                        _ if is_exact => DeletedRow::WithKey(key),
                        _ => DeletedRow::Found,
                    });
                }
                map.inspect(|map| map.count_statement());
                let mut keys = Vec::new();
                Writes::<M, D>::write_keys(conn, delete, &mut keys).await?;
                Ok(keys.pop().map_or(DeletedRow::Missing, DeletedRow::WithKey))
            },
        )
        .await
    }

    fn keys_are_exact() -> bool {
        <M as LoadByKeys<Conn, D>>::keys_are_exact()
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

    fn update_where<'c, C, W>(
        &'c mut self,
        changes: C,
        condition: W,
        rows: &'c mut Loading<'static, M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        C: QueryFragment<DB> + 'c,
        W: QueryFragment<DB> + 'c,
    {
        let returning = Returning {
            statement: update_where::<M, C, W>(changes, condition),
            expressions: M::selection(),
        };
        self.visit_rows(returning, rows)
    }

    fn update_keys_where<'c, C, W>(
        &'c mut self,
        changes: C,
        condition: W,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        C: QueryFragment<DB> + 'c,
        W: QueryFragment<DB> + 'c,
    {
        let update = update_where::<M, C, W>(changes, condition);
        Writes::<M, D>::write_keys(self, update, keys)
    }

    fn lock_keys<'c, W>(
        &'c mut self,
        condition: &'c W,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        W: QueryFragment<DB> + 'c,
    {
        let lock = LockKeys {
            table: M::table(),
            keys: M::key_columns(),
            condition,
        };
        self.visit_rows(lock, KeyCollector::<M>(keys))
    }

    fn update_keys<'c, C>(
        &'c mut self,
        changes: &'c C,
        keys: &'c [M::Key],
    ) -> impl Future<Output = QueryResult<usize>> + Send + 'c
    where
        C: QueryFragment<DB> + 'c,
    {
        let columns = M::key_columns();
        let condition = WhereKeys::<M> { columns, keys };
        self.execute(update_where::<M, _, _>(changes, condition))
    }

    async fn read_keys(
        &mut self,
        keys: &[M::Key],
        map: Option<&IdentityMap>,
    ) -> QueryResult<Vec<Arc<M>>> {
        let mut rows = Loading::uncached(Take::All);
        for batch in key_batches::<D::Dialect, _>(keys, M::KEY_COLUMNS) {
            map.inspect(|map| map.count_statement());
            M::each_by_key(self, batch.to_vec(), &mut rows).await?;
        }
        Ok(rows.into_objects())
    }

    async fn read_one(
        &mut self,
        key: M::Key,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Option<Arc<M>>> {
        <M::HasPrimitiveKey as Choice>::choose(
            (self, key),
            async |(conn, key): (&mut Conn, M::Key)| read_row(conn, key, map).await,
            async |(conn, key): (&mut Conn, M::Key)| {
                if !D::Dialect::JOINS_KEYS || <M as LoadByKeys<Conn, D>>::keys_are_exact() {
                    return read_row(conn, key, map).await;
                }
                map.inspect(|map| map.count_statement());
                let mut rows = PairedRows::new();
                M::each_paired(conn, vec![key], KeyOrigin::Column, &mut rows).await?;
                Ok(rows.objects.into_iter().next())
            },
        )
        .await
    }

    fn assignments<C>(changes: &C) -> Option<Assignments>
    where
        C: QueryFragment<DB>,
    {
        DB::text(changes).map(|changes| Assignments::of(&changes))
    }

    fn key_names() -> Option<Vec<String>> {
        DB::text(&M::key_columns()).map(|columns| column_names(&columns))
    }

    fn has_versions() -> bool {
        M::VersionColumn::COLUMN.is_some()
    }
}

type UpdateWhere<M, C, W> =
    Update<'static, <M as IdentityMapped>::Table, C, NoVersion, NoVersion, W>;

/// The update of all rows that a `WHERE` clause finds. Their versions stay.
fn update_where<M: Model, C, W>(changes: C, condition: W) -> UpdateWhere<M, C, W> {
    Update {
        table: M::table(),
        changes,
        lock: NoVersion,
        next_version: NextVersion::ByChanges,
        key_capture: "",
        condition,
    }
}

type DeleteRow<M, D> = Delete<
    <M as IdentityMapped>::Table,
    KeyAndVersion<RowKeyIs<M, D>, <M as Model>::VersionColumn, <M as Model>::Version>,
>;

type ReturnsRowsOn<D> = <<D as ConnectionKind>::Dialect as Dialect>::ReturnsRows;
