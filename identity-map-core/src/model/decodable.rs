//! The one bound for decoding rows of a model: [`DecodableModel`].

use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::SqlTypeOf;

use super::engine_model::{Model, ModelSelection};

/// A model whose rows, and whose keys alone, are decoded on the backend `DB`. It says once what every
/// load and write of the model asks for.
#[doc(hidden)]
pub trait DecodableModel<DB: Backend>:
    ModelSelection<DB>
    + FromSqlRow<SqlTypeOf<<Self as ModelSelection<DB>>::Selection>, DB>
    + Model<KeyRow: FromSqlRow<SqlTypeOf<<Self as Model>::KeyColumns>, DB>>
{
}

#[diagnostic::do_not_recommend]
impl<M, DB> DecodableModel<DB> for M
where
    DB: Backend,
    M: ModelSelection<DB> + FromSqlRow<SqlTypeOf<M::Selection>, DB>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, DB>,
{
}
