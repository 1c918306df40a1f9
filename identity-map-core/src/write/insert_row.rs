//! What `insert` takes ([`InsertRow`]), and the bound on its connection ([`Inserts`]).

use diesel::backend::Backend;
use diesel::insertable::{CanInsertInSingleQuery, Insertable};
use diesel::query_builder::QueryFragment;

use super::writes::Writes;
use crate::connection::{ConnectionKind, Driver};
use crate::model::Model;
use crate::query::Given;

/// Values of one row of `M`, as plain Diesel inserts them on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted as a `{M}` on this connection",
    note = "`insert` takes what `diesel::insert_into(..).values(..)` takes for one row: a struct \
            that derives `Insertable` for the table of `{M}`, or a tuple of `column.eq(value)`"
)]
pub trait InsertRow<M: Model, DB: Backend>: Sized + Send {
    /// The row, as a part of a statement.
    type Values: QueryFragment<DB> + Send + Sync;

    /// The row; `None` if these are the values of no row or of several.
    fn into_row(self) -> Option<Self::Values>;
}

#[diagnostic::do_not_recommend]
impl<M, DB, V> InsertRow<M, DB> for V
where
    M: Model,
    DB: Backend,
    V: Insertable<M::Table> + Send,
    V::Values: QueryFragment<DB> + CanInsertInSingleQuery<DB> + Send + Sync,
{
    type Values = V::Values;

    fn into_row(self) -> Option<Self::Values> {
        let values = self.values();
        (values.rows_to_insert() == Some(1)).then_some(values)
    }
}

/// A connection on which `V` can be inserted as a row of `M`.
#[diagnostic::on_unimplemented(
    message = "`{V}` cannot be inserted as a `{M}` on `{Self}`",
    note = "`insert` takes what `diesel::insert_into(..).values(..)` takes for one row: a struct \
            that derives `Insertable` for the table of `{M}`, or a tuple of `column.eq(value)`",
    note = "`{M}` must be loadable on this connection, and implement `Hooks<{Self}>` if it says \
            `#[identity_map(hooks)]`"
)]
pub trait Inserts<M: Model, V, D: ConnectionKind>:
    Writes<M, D> + Given<V, Is: InsertRow<M, <Self as Driver<D>>::Backend>>
{
}

#[diagnostic::do_not_recommend]
impl<M, V, D, Conn> Inserts<M, V, D> for Conn
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
    V: InsertRow<M, <Conn as Driver<D>>::Backend>,
{
}
