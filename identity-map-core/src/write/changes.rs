//! What `update` and `save` take ([`Changes`], [`Changed`]), and the bound on their connection
//! ([`Updates`]).

use diesel::backend::Backend;
use diesel::query_builder::{AsChangeset, QueryFragment};

use super::writes::Writes;
use crate::connection::{ConnectionKind, Driver};
use crate::model::Model;
use crate::query::Given;

/// Changes to rows of `M`, as plain Diesel sets them on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no change of a `{M}` on this connection",
    note = "`update` takes what `diesel::update(..).set(..)` takes: a struct that derives \
            `AsChangeset` for the table of `{M}`, `column.eq(value)`, or a tuple of those"
)]
pub trait Changes<M: Model, DB: Backend>: Sized + Send {
    /// The assignments, as a part of a statement.
    type Changeset: QueryFragment<DB> + Send;

    /// The assignments.
    fn into_changeset(self) -> Self::Changeset;
}

#[diagnostic::do_not_recommend]
impl<M, DB, C> Changes<M, DB> for C
where
    M: Model,
    M::Table: diesel::QuerySource,
    DB: Backend,
    C: AsChangeset<Target = M::Table> + Send,
    C::Changeset: QueryFragment<DB> + Send,
{
    type Changeset = C::Changeset;

    fn into_changeset(self) -> Self::Changeset {
        self.as_changeset()
    }
}

/// A connection on which the changes `C` can be made to rows of `M`.
#[diagnostic::on_unimplemented(
    message = "`{C}` is no change of a `{M}` on `{Self}`",
    note = "`update` takes what `diesel::update(..).set(..)` takes: a struct that derives \
            `AsChangeset` for the table of `{M}`, `column.eq(value)`, or a tuple of those",
    note = "`{M}` must be loadable on this connection, and implement `Hooks<{Self}>` if it says \
            `#[identity_map(hooks)]`"
)]
pub trait Updates<M: Model, C, D: ConnectionKind>:
    Writes<M, D> + Given<C, Is: Changes<M, <Self as Driver<D>>::Backend>>
{
}

#[diagnostic::do_not_recommend]
impl<M, C, D, Conn> Updates<M, C, D> for Conn
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
    C: Changes<M, <Conn as Driver<D>>::Backend>,
{
}

/// A whole changed model: the model, or a reference to one that can be cloned.
pub trait Changed<M> {
    /// The model.
    fn into_model(self) -> M;
}

impl<M> Changed<M> for M {
    fn into_model(self) -> M {
        self
    }
}

impl<M: Clone> Changed<M> for &M {
    fn into_model(self) -> M {
        self.clone()
    }
}
