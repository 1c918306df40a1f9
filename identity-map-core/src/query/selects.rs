//! What a query selects, and how a row of it is decoded: [`Selects`].

use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::{FromSqlRow, QueryableByName, StaticallySizedRow};
use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::expression::Selectable;
use diesel::result::Error::DeserializationError;
use diesel::row::Row;
use diesel::sql_types::{SingleValue, Untyped};

use super::share::{Plain, Share};
use crate::model::Model;

/// What a query selects, if that gives `U` with shared objects for models: a model gives an `Arc` of it, any other
/// expression what Diesel decodes it to, and a tuple a tuple of these.
///
/// `K` says which of the three it is. rustc finds it.
#[diagnostic::on_unimplemented(
    message = "this query does not select `{U}`",
    note = "select models by `Post::as_select()` (or `Option::<Post>::as_select()`), which gives `Arc<Post>`, alone or \
            in tuples, and beside them what you like"
)]
pub trait Selects<U, DB: Backend, K> {
    /// A row as Diesel decodes it.
    type Row: Share<Shared = U>;
    /// How many fields of a row it takes.
    #[doc(hidden)]
    const FIELD_COUNT: usize;
    /// It selects expressions that the program says, which may call routines.
    #[doc(hidden)]
    const HAS_VALUES: bool = false;
    /// The query is a text of the program's, which may be more than a query.
    #[doc(hidden)]
    const IS_TEXT: bool = false;

    /// Decodes the fields of a row from `first` on.
    #[doc(hidden)]
    fn decode<'r>(row: &impl Row<'r, DB>, first: usize) -> QueryResult<Self::Row>;
}

/// What a query selects, if that is one model.
#[diagnostic::on_unimplemented(
    message = "this query does not select a whole model",
    note = "select it by `Post::as_select()`; the model must derive `IdentityMapped`"
)]
pub trait SelectsModel<DB> {
    /// The model.
    type Model: Model;
}

impl<M, DB> SelectsModel<DB> for AsSelect<M, DB>
where
    DB: Backend,
    M: Selectable<DB> + Model,
{
    type Model = M;
}

/// What is selected is a model.
#[doc(hidden)]
#[derive(Debug)]
pub struct OfModel;

/// What is selected is a value that is no model.
#[doc(hidden)]
#[derive(Debug)]
pub struct OfValue;

/// What is selected is whatever a text of the program's selects.
#[doc(hidden)]
#[derive(Debug)]
pub struct OfText;

impl<T, U, DB> Selects<U, DB, OfModel> for AsSelect<T, DB>
where
    DB: Backend,
    T: Selectable<DB> + Share<Shared = U>,
    T: FromSqlRow<SqlTypeOf<T::SelectExpression>, DB>,
    T: StaticallySizedRow<SqlTypeOf<T::SelectExpression>, DB>,
{
    type Row = T;
    const FIELD_COUNT: usize =
        <T as StaticallySizedRow<SqlTypeOf<T::SelectExpression>, DB>>::FIELD_COUNT;

    fn decode<'r>(row: &impl Row<'r, DB>, first: usize) -> QueryResult<T> {
        decode_fields(row, first, Self::FIELD_COUNT)
    }
}

impl<ST, U, DB> Selects<U, DB, OfValue> for ST
where
    DB: Backend,
    ST: SingleValue,
    U: FromSqlRow<ST, DB> + Send,
{
    type Row = Plain<U>;
    const FIELD_COUNT: usize = 1;
    const HAS_VALUES: bool = true;

    fn decode<'r>(row: &impl Row<'r, DB>, first: usize) -> QueryResult<Plain<U>> {
        decode_fields::<U, ST, DB>(row, first, 1).map(Plain)
    }
}

/// The rows of `sql_query` have names, by which the model is decoded.
impl<M, DB> Selects<Arc<M>, DB, OfText> for Untyped
where
    DB: Backend,
    M: Model + QueryableByName<DB>,
{
    type Row = M;
    const FIELD_COUNT: usize = 0;
    const IS_TEXT: bool = true;

    fn decode<'r>(row: &impl Row<'r, DB>, _: usize) -> QueryResult<M> {
        M::build(row).map_err(DeserializationError)
    }
}

fn decode_fields<'r, T, ST, DB>(
    row: &impl Row<'r, DB>,
    first: usize,
    count: usize,
) -> QueryResult<T>
where
    DB: Backend,
    T: FromSqlRow<ST, DB>,
{
    T::build_from_row(&row.partial_row(first..first + count)).map_err(DeserializationError)
}

macro_rules! tuples {
    ($(($($part:ident $shared:ident $kind:ident),+))+) => {$(
        impl<DB, $($part, $shared, $kind),+> Selects<($($shared,)+), DB, ($($kind,)+)> for ($($part,)+)
        where
            DB: Backend,
            $($part: Selects<$shared, DB, $kind>,)+
        {
            type Row = ($($part::Row,)+);
            const FIELD_COUNT: usize = 0 $(+ $part::FIELD_COUNT)+;
            const HAS_VALUES: bool = false $(|| $part::HAS_VALUES)+;

            fn decode<'r>(row: &impl Row<'r, DB>, mut first: usize) -> QueryResult<Self::Row> {
                let mut pass_over = |count| {
                    first += count;
                    first - count
                };
                Ok(($($part::decode(row, pass_over($part::FIELD_COUNT))?,)+))
            }
        }
    )+};
}

tuples! {
    (A U0 K0)
    (A U0 K0, B U1 K1)
    (A U0 K0, B U1 K1, C U2 K2)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9, L U10 K10)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9, L U10 K10, M U11 K11)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9, L U10 K10, M U11 K11, N U12 K12)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9, L U10 K10, M U11 K11, N U12 K12, O U13 K13)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9, L U10 K10, M U11 K11, N U12 K12, O U13 K13, P U14 K14)
    (A U0 K0, B U1 K1, C U2 K2, E U3 K3, F U4 K4, G U5 K5, H U6 K6, I U7 K7, J U8 K8, K U9 K9, L U10 K10, M U11 K11, N U12 K12, O U13 K13, P U14 K14, Q U15 K15)
}
