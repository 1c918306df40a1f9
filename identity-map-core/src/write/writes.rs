//! A connection on which the rows of a model can be written: [`Writes`].

use std::collections::HashMap;
use std::future::Future;
use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::{EmptyChangeset, Error};

use super::database::{known_database, returns};
use super::hooks::RunsHooks;
use super::mysql::{self, Place, Retold, Told};
use super::send::{Keys, load_keys, read_told, returned, returned_keys, send};
use super::statement::{Delete, Insert, Returning, ThisRow, Update};
use crate::connection::{Driver, Spoken};
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::{Lock, Model, ModelSelection, VersionNumber};
use crate::query::{BindKey, CachedQuery, Given, KeyIs, KeyTold, LoadByKeys, Speaks};

/// A connection, of dialect `D`, on which the rows of `M` can be inserted, updated and deleted.
#[diagnostic::on_unimplemented(
    message = "rows of `{M}` cannot be written on `{Self}`",
    note = "`{M}` must be loadable on this connection, and its key a value that Diesel can bind",
    note = "if `{M}` says `#[identity_map(hooks)]`, it must implement `Hooks<{Self}>`",
    note = "the connection's feature (`sqlite`, `postgres`, `mysql`) must be enabled in \
            `diesel-identity-map`"
)]
pub trait Writes<M: Model, D: Spoken>: Driver<D> + Given<M, Is: RunsHooks<Self, D>> {
    /// Inserts the values of one row, and says what the row is then.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_one<V>(
        &mut self,
        values: &V,
        counts: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<M>> + Send
    where
        V: QueryFragment<Self::Backend> + Sync;

    /// Inserts the values of several rows, and says what they are then, in the order of the
    /// database, which must be one that returns rows.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_all<V>(
        &mut self,
        values: &V,
        counts: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Vec<M>>> + Send
    where
        V: QueryFragment<Self::Backend> + Sync;

    /// Inserts the values of rows whose keys the server is told to remember.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn insert_told<V>(
        &mut self,
        values: &V,
        told: &Told,
        counts: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Vec<M>>> + Send
    where
        V: QueryFragment<Self::Backend> + Sync;

    /// Updates the row of this key and version. `None`: there is no such row.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn update_one<C>(
        &mut self,
        changes: C,
        row: (M::Key, M::Version),
        sets_version: bool,
        counts: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Option<M>>> + Send
    where
        C: QueryFragment<Self::Backend> + Send;

    /// Deletes the row of this key and version, and says whether there was one.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn delete_one(
        &mut self,
        row: (M::Key, M::Version),
        counts: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<bool>> + Send;

    /// Sends a statement for many rows to a database that returns what it writes, and takes their keys.
    ///
    /// The statement is not kept for the time of waiting, so it need not be `Send`.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn write_keys<'c, S>(
        &'c mut self,
        statement: S,
        keys: &'c mut Vec<M::Key>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        S: QueryFragment<Self::Backend> + 'c;

    /// Reads the row of a key.
    ///
    /// # Errors
    /// Whatever the database answers, and a row that does not decode.
    #[doc(hidden)]
    fn read_one(
        &mut self,
        key: M::Key,
        counts: Option<&IdentityMap>,
    ) -> impl Future<Output = QueryResult<Option<M>>> + Send;

    /// Whether these assignments name a part of the key; `true` if that cannot be told.
    #[doc(hidden)]
    fn moves_key<C>(changes: &C) -> bool
    where
        C: QueryFragment<Self::Backend>;

    /// Whether the model's rows have versions.
    #[doc(hidden)]
    fn has_versions() -> bool;
}

#[diagnostic::do_not_recommend]
impl<M, D, Conn, DB> Writes<M, D> for Conn
where
    D: Spoken,
    DB: Speaks<D::Dialect>,
    Conn: Driver<D, Backend = DB>,
    M: RunsHooks<Conn, D> + ModelSelection<DB> + FromSqlRow<SqlTypeOf<M::Selection>, DB>,
    M::Table: QueryFragment<DB>,
    M::Selection: QueryFragment<DB>,
    M::KeyColumns: QueryFragment<DB>,
    M::Key: BindKey<M::KeyColumns, DB, M::KeyShape>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
    M::VersionColumn: Lock<M::Version, DB>,
    M: LoadByKeys<Conn, D>,
    M::Query: FilterDsl<KeyIs<M>> + FilterDsl<KeyTold<M>>,
    Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
    Filter<M::Query, KeyTold<M>>: CachedQuery<M, Conn, D> + 'static,
    DB: QueryMetadata<SqlTypeOf<M::Selection>> + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
{
    async fn insert_one<V>(&mut self, values: &V, counts: Option<&IdentityMap>) -> QueryResult<M>
    where
        V: QueryFragment<DB> + Sync,
    {
        let rows = if returns(known_database(self).await) {
            Writes::<M, D>::insert_all(self, values, counts).await?
        } else {
            let key = mysql::names(&DB::text(&M::key_columns()).unwrap_or_default());
            // No text: MySQL behind a `MultiConnection`.
            let text = DB::text(values).ok_or_else(key_not_returned::<M>)?;
            let told = mysql::tell_inserted(&text, 0, &key);
            let (text, told) = told.ok_or_else(key_not_returned::<M>)?;
            let retold = Retold { values, text };
            Writes::<M, D>::insert_told(self, &retold, &told, counts).await?
        };
        rows.into_iter().next().ok_or(Error::NotFound)
    }

    async fn insert_all<V>(
        &mut self,
        values: &V,
        counts: Option<&IdentityMap>,
    ) -> QueryResult<Vec<M>>
    where
        V: QueryFragment<DB> + Sync,
    {
        let statement = Insert {
            table: M::table(),
            values,
        };
        if M::IS_PLAIN {
            return returned::<M, DB, Conn, D, _>(self, statement, counts).await;
        }
        let mut rows = Vec::new();
        for key in returned_keys::<M, DB, Conn, D, _>(self, statement, counts).await? {
            let row = Writes::<M, D>::read_one(self, key, counts).await?;
            rows.push(row.ok_or(Error::NotFound)?);
        }
        Ok(rows)
    }

    async fn insert_told<V>(
        &mut self,
        values: &V,
        told: &Told,
        counts: Option<&IdentityMap>,
    ) -> QueryResult<Vec<M>>
    where
        V: QueryFragment<DB> + Sync,
    {
        let statement = Insert {
            table: M::table(),
            values,
        };
        send(self, statement, counts).await?;
        if told.rows == 1 {
            let row = read_told::<M, DB, Conn, D>(self, told, counts).await?;
            return Ok(vec![row.ok_or_else(key_not_returned::<M>)?]);
        }
        let keys = load_keys::<M, DB, Conn, D>(self, told.keys(), counts).await?;
        let mut by_key = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(M::batch_limit()) {
            counts.inspect(|map| map.count_statement());
            let mut take = |row: M| {
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
        counts: Option<&IdentityMap>,
    ) -> QueryResult<Option<M>>
    where
        C: QueryFragment<DB> + Send,
    {
        let returns = returns(known_database(self).await);
        let (key, version) = row;
        let text = DB::text(&changes);
        if text.as_deref() == Some("") {
            // Diesel would find out only after it has shown the statement to an instrumentation.
            return Err(Error::QueryBuilderError(Box::new(EmptyChangeset)));
        }
        let assigned = text.map(|text| mysql::assigned(&text));
        let knows_key = returns || assigned.is_some();
        let sets_version = match (M::VersionColumn::COLUMN, &assigned) {
            (Some(column), Some(assigned)) => assigned.iter().any(|name| name == column),
            _ => sets_version,
        };
        let key_names = mysql::names(&DB::text(&M::key_columns()).unwrap_or_default());
        let moves = !returns
            && assigned.is_some_and(|names| names.iter().any(|name| key_names.contains(name)));
        let also = if moves {
            mysql::tell_updated(&key_names)
        } else {
            String::new()
        };
        let update = Update {
            table: M::table(),
            changes,
            lock: M::version_column(),
            next_version: (!sets_version).then(|| version.next()),
            also: &also,
            condition: ThisRow {
                key: KeyIs::<M>::new(key.clone()),
                lock: M::version_column(),
                version,
            },
        };
        if returns && M::IS_PLAIN {
            let rows = returned::<M, DB, Conn, D, _>(self, update, counts).await?;
            return Ok(rows.into_iter().next());
        }
        let written = if returns {
            returned_keys::<M, DB, Conn, D, _>(self, update, counts)
                .await?
                .pop()
        } else {
            (send(self, update, counts).await? > 0).then_some(key)
        };
        let Some(key) = written else { return Ok(None) };
        if moves {
            let told = Told {
                rows: 1,
                place: Place::Variables {
                    first: 0,
                    columns: key_names.len(),
                },
            };
            return read_told::<M, DB, Conn, D>(self, &told, counts).await;
        }
        match Writes::<M, D>::read_one(self, key, counts).await? {
            None if !knows_key => Err(key_not_returned::<M>()),
            row => Ok(row),
        }
    }

    async fn delete_one(
        &mut self,
        (key, version): (M::Key, M::Version),
        counts: Option<&IdentityMap>,
    ) -> QueryResult<bool> {
        let delete = Delete {
            table: M::table(),
            condition: ThisRow {
                key: KeyIs::<M>::new(key),
                lock: M::version_column(),
                version,
            },
        };
        Ok(send(self, delete, counts).await? > 0)
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
        self.each_row(returning, Keys::<M>(keys))
    }

    async fn read_one(
        &mut self,
        key: M::Key,
        counts: Option<&IdentityMap>,
    ) -> QueryResult<Option<M>> {
        counts.inspect(|map| map.count_statement());
        let mut read = None;
        let mut take = |model| {
            read = Some(model);
            ControlFlow::Break(())
        };
        let query = M::query().filter(KeyIs::new(key));
        query.each_model(self, &mut take).await?;
        Ok(read)
    }

    fn moves_key<C>(changes: &C) -> bool
    where
        C: QueryFragment<DB>,
    {
        let (Some(changes), Some(key)) = (DB::text(changes), DB::text(&M::key_columns())) else {
            return true;
        };
        let key = mysql::names(&key);
        mysql::assigned(&changes)
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
