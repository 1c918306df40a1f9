//! The statements that write rows of one model, as Diesel query fragments.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{EmptyChangeset, Error};

use crate::model::{Lock, Model};
use crate::query::BindKey;

/// `INSERT INTO table (..) VALUES (..)`
pub(super) struct Insert<T, V> {
    pub(super) table: T,
    pub(super) values: V,
}

impl<T, V, DB> QueryFragment<DB> for Insert<T, V>
where
    DB: Backend,
    T: QueryFragment<DB>,
    V: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("INSERT INTO ");
        self.table.walk_ast(pass.reborrow())?;
        pass.push_sql(" ");
        self.values.walk_ast(pass)
    }
}

/// What an update does to the version of a row.
pub(super) enum NextVersion<V> {
    /// The changes set it, or there is none.
    ByChanges,
    Is(V),
    /// One more than whatever it is.
    Incremented,
}

/// `UPDATE table SET .. WHERE ..`, with the version's assignment.
pub(super) struct Update<'a, T, C, L, V, W> {
    pub(super) table: T,
    pub(super) changes: C,
    pub(super) lock: L,
    pub(super) next_version: NextVersion<V>,
    /// Assignments that capture the key, where the changes may move it.
    pub(super) key_capture: &'a str,
    pub(super) condition: W,
}

impl<T, C, L, V, W, DB> QueryFragment<DB> for Update<'_, T, C, L, V, W>
where
    DB: Backend,
    T: QueryFragment<DB>,
    C: QueryFragment<DB>,
    L: Lock<V, DB>,
    W: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.changes.is_noop(pass.backend())? {
            return Err(Error::QueryBuilderError(Box::new(EmptyChangeset)));
        }
        pass.unsafe_to_cache_prepared();
        pass.push_sql("UPDATE ");
        self.table.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.changes.walk_ast(pass.reborrow())?;
        match &self.next_version {
            NextVersion::ByChanges => {}
            NextVersion::Is(version) => self.lock.and_assign(version, pass.reborrow())?,
            NextVersion::Incremented => self.lock.and_increment(pass.reborrow())?,
        }
        pass.push_sql(self.key_capture);
        self.condition.walk_ast(pass)
    }
}

/// `DELETE FROM table WHERE ..`
pub(super) struct Delete<T, W> {
    pub(super) table: T,
    pub(super) condition: W,
}

impl<T, W, DB> QueryFragment<DB> for Delete<T, W>
where
    DB: Backend,
    T: QueryFragment<DB>,
    W: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("DELETE FROM ");
        self.table.walk_ast(pass.reborrow())?;
        self.condition.walk_ast(pass)
    }
}

/// ` WHERE key = ? [AND version = ?]`
pub(super) struct KeyAndVersion<K, L, V> {
    pub(super) key: K,
    pub(super) lock: L,
    /// `None` for the row of any version.
    pub(super) version: Option<V>,
}

impl<K, L, V, DB> QueryFragment<DB> for KeyAndVersion<K, L, V>
where
    DB: Backend,
    K: QueryFragment<DB>,
    L: Lock<V, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(" WHERE ");
        self.key.walk_ast(pass.reborrow())?;
        match &self.version {
            Some(version) => self.lock.and_equals(version, pass),
            None => Ok(()),
        }
    }
}

/// `SELECT keys FROM table WHERE .. FOR UPDATE`
pub(super) struct LockKeys<'w, T, K, W> {
    pub(super) table: T,
    pub(super) keys: K,
    pub(super) condition: &'w W,
}

impl<T, K, W, DB> QueryFragment<DB> for LockKeys<'_, T, K, W>
where
    DB: Backend,
    T: QueryFragment<DB>,
    K: QueryFragment<DB>,
    W: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("SELECT ");
        self.keys.walk_ast(pass.reborrow())?;
        pass.push_sql(" FROM ");
        self.table.walk_ast(pass.reborrow())?;
        self.condition.walk_ast(pass.reborrow())?;
        pass.push_sql(" FOR UPDATE");
        Ok(())
    }
}

impl<T, K: Expression, W> Query for LockKeys<'_, T, K, W> {
    type SqlType = K::SqlType;
}

/// ` WHERE key = ? OR ..`
pub(super) struct WhereKeys<'k, M: Model> {
    pub(super) columns: M::KeyColumns,
    pub(super) keys: &'k [M::Key],
}

impl<M, DB> QueryFragment<DB> for WhereKeys<'_, M>
where
    M: Model<Key: BindKey<M::KeyColumns, DB, M::KeyShape>>,
    DB: Backend,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (at, key) in self.keys.iter().enumerate() {
            pass.push_sql(if at == 0 { " WHERE " } else { " OR " });
            key.equals(&self.columns, &mut pass)?;
        }
        Ok(())
    }
}

/// A statement that returns expressions of the rows it writes.
pub(super) struct Returning<S, E> {
    pub(super) statement: S,
    pub(super) expressions: E,
}

impl<S, E, DB> QueryFragment<DB> for Returning<S, E>
where
    DB: Backend,
    S: QueryFragment<DB>,
    E: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk_ast(pass.reborrow())?;
        pass.push_sql(" RETURNING ");
        self.expressions.walk_ast(pass)
    }
}

impl<S, E: Expression> Query for Returning<S, E> {
    type SqlType = E::SqlType;
}

/// Makes Diesel cache statements by their text, since the type of a fragment of values does not tell it.
macro_rules! cached_by_text {
    ($($statement:ident<$($lifetime:lifetime,)? $($param:ident),+>)+) => {$(
        impl<$($lifetime,)? $($param),+> QueryId for $statement<$($lifetime,)? $($param),+> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    )+};
}

cached_by_text! {
    Insert<T, V>
    Update<'a, T, C, L, V, W>
    Delete<T, W>
    LockKeys<'w, T, K, W>
    Returning<S, E>
}
