//! Refuses a primary key that identifies no row: a nullable one, or a floating point number.

use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::column_role::{ColumnRole, OR_ANOTHER_KEY};
use super::key_column_list::{KeyRules, find_key_fields};
use crate::compile_errors::CompileErrors;
use crate::model::{ColumnField, Field, ModelStruct};
use crate::type_syntax::{as_written, last_segment, option_argument};

/// The fields of the primary key, in the order of `primary_key(..)`.
pub(crate) struct PrimaryKey<'a> {
    pub(crate) fields: Vec<ColumnField<'a>>,
}

const RULES: KeyRules = KeyRules {
    role: ColumnRole::PrimaryKey,
    no_columns: "`primary_key()` names no column\n\
        help: the correct format looks like `#[diesel(primary_key(id))]`",
    too_many_help: "name a shorter unique key with `#[diesel(primary_key(..))]`",
    named_twice_help: "name every column of the primary key once",
    missing_field_help: "add the field, or name the key with `#[diesel(primary_key(..))]`",
    type_errors,
};

/// `None` if the key is refused.
pub(crate) fn find_primary_key<'a>(
    model: &'a ModelStruct<'a>,
    errors: &mut CompileErrors,
) -> Option<PrimaryKey<'a>> {
    let columns = model.primary_key.as_ref()?;
    match find_key_fields(model, columns, &RULES) {
        Ok(fields) => Some(PrimaryKey { fields }),
        Err(refused) => {
            errors.extend(refused);
            None
        }
    }
}

fn type_errors(field: &Field) -> Vec<syn::Error> {
    let inner = option_argument(field.ty);
    let nullable = inner.map(|inner| {
        let message = format!(
            "the key field `{}` is an `Option`, but a nullable key identifies no row\n\
             help: make the column `NOT NULL` and the field `{}`{OR_ANOTHER_KEY}",
            field.ident.unraw(),
            as_written(inner),
        );
        syn::Error::new(field.ty.span(), message)
    });
    let segment = last_segment(inner.unwrap_or(field.ty));
    let float = segment.filter(|segment| segment.ident == "f32" || segment.ident == "f64");
    let float = float.map(|float| {
        let message = format!(
            "the key field `{}` is an `{}`, but floats are not `Eq`: no two of them are surely \
             the same key\n\
             help: use an integer, a decimal or a string{OR_ANOTHER_KEY}",
            field.ident.unraw(),
            float.ident,
        );
        syn::Error::new(float.ident.span(), message)
    });
    nullable.into_iter().chain(float).collect()
}
