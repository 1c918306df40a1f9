//! Decoding the rows of a model.
//!
//! One of the places that lean on items that Diesel hides from its documentation:
//! `Row::partial_row`.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::SqlTypeOf;
use diesel::result::Error::DeserializationError;
use diesel::row::Row;

use crate::model::{DecodableModel, Model};

/// Decodes the leading key columns of a row.
pub(crate) fn key_of<'row, M, DB>(row: &impl Row<'row, DB>) -> QueryResult<M::Key>
where
    DB: Backend,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
{
    M::KeyRow::build_from_row(&row.partial_row(0..M::KEY_COLUMNS))
        .and_then(M::key_from_row)
        .map_err(DeserializationError)
}

/// Decodes the key that follows the first `skipped` columns of a row that has nothing behind it.
pub(crate) fn key_after<'row, M, DB>(
    skipped: usize,
    row: &impl Row<'row, DB>,
) -> QueryResult<M::Key>
where
    DB: Backend,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
{
    M::KeyRow::build_from_row(&row.partial_row(skipped..row.field_count()))
        .and_then(M::key_from_row)
        .map_err(DeserializationError)
}

/// Decodes the key of a row that has nothing else.
pub(super) fn only_key_of<'row, M, DB>(row: &impl Row<'row, DB>) -> QueryResult<M::Key>
where
    DB: Backend,
    M: Model,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
{
    M::KeyRow::build_from_row(row)
        .and_then(M::key_from_row)
        .map_err(DeserializationError)
}

/// Decodes the first column of a row.
pub(super) fn first_column_of<'row, T, ST, DB>(row: &impl Row<'row, DB>) -> QueryResult<T>
where
    DB: Backend,
    T: FromSqlRow<ST, DB>,
{
    T::build_from_row(&row.partial_row(0..1)).map_err(DeserializationError)
}

/// Decodes what follows the first `skipped` columns. Every row of a model is decoded here, so that this is
/// compiled once for the model and the connection.
#[inline(never)]
pub(crate) fn model_of<'row, M, DB>(skipped: usize, row: &impl Row<'row, DB>) -> QueryResult<M>
where
    DB: Backend,
    M: DecodableModel<DB>,
{
    M::build_from_row(&row.partial_row(skipped..row.field_count())).map_err(DeserializationError)
}
