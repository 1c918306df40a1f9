//! Says what keeps a struct from being mapped: all of it at once, and what to do about it.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, GenericArgument, GenericParam, PathArguments, Type};

use crate::attr::{KeyColumns, Selected};
use crate::column::Column;
use crate::errors::Errors;
use crate::model::{ColumnField, Field, Model};

/// The core implements keys of up to this many columns.
pub(crate) const MAX_KEY_COLUMNS: usize = 8;

const ANOTHER_KEY: &str = "name another key with `#[diesel(primary_key(..))]`";

/// A primary key that was found among the fields, in the order of `primary_key(..)`.
pub(crate) struct Key<'a> {
    pub(crate) parts: Vec<ColumnField<'a>>,
}

/// Refuses what is no concrete struct with named fields.
pub(crate) fn check_shape(item: &DeriveInput, errors: &mut Errors) {
    let name = item.ident.unraw();
    let row_struct = "derive it on the struct that a row of the table is loaded into";
    let refused = match &item.data {
        Data::Enum(_) => Some(("an enum", row_struct.to_owned())),
        Data::Union(_) => Some(("a union", row_struct.to_owned())),
        Data::Struct(data) => match data.fields {
            Fields::Named(_) => None,
            Fields::Unnamed(_) => Some((
                "a tuple struct",
                format!("give its fields the names of the columns: `struct {name} {{ id: .. }}`"),
            )),
            Fields::Unit => Some((
                "a unit struct",
                format!("give it a field for every column: `struct {name} {{ id: .. }}`"),
            )),
        },
    };
    if let Some((what, help)) = refused {
        errors.at(
            item.ident.span(),
            format!(
                "`IdentityMapped` needs a struct with named fields, but `{name}` is {what}\n\
                 help: {help}"
            ),
        );
    }
    for param in &item.generics.params {
        check_param(&name, param, errors);
    }
}

fn check_param(name: &syn::Ident, param: &GenericParam, errors: &mut Errors) {
    match param {
        GenericParam::Lifetime(param) => errors.at(
            param.lifetime.span(),
            format!(
                "`{name}` borrows for `{lifetime}`, but models are shared in `Arc`s and outlive \
                 the borrow\n\
                 help: own the data: `String` instead of `&{lifetime} str`",
                lifetime = param.lifetime,
            ),
        ),
        GenericParam::Type(syn::TypeParam { ident, .. })
        | GenericParam::Const(syn::ConstParam { ident, .. }) => errors.at(
            ident.span(),
            format!(
                "`{name}` has the parameter `{ident}`, but one table has one model type\n\
                 help: derive `IdentityMapped` on a concrete struct, without `{ident}`"
            ),
        ),
    }
}

/// Finds the key among the fields; `None` if it is not there or cannot be a key.
pub(crate) fn find_key<'a>(model: &'a Model<'a>, errors: &mut Errors) -> Option<Key<'a>> {
    let KeyColumns { span, columns } = model.key_columns.as_ref()?;
    let mut refused = false;
    let mut refuse = |span, message: String| {
        refused = true;
        errors.at(span, message);
    };

    if columns.is_empty() {
        refuse(
            *span,
            "`primary_key()` names no column\n\
             help: the correct format looks like `#[diesel(primary_key(id))]`"
                .to_owned(),
        );
    }
    if let Some(ninth) = columns.get(MAX_KEY_COLUMNS) {
        refuse(
            ninth.span(),
            format!(
                "a key of {} columns, but an identity map takes keys of up to {MAX_KEY_COLUMNS}\n\
                 help: name a shorter unique key with `#[diesel(primary_key(..))]`",
                columns.len(),
            ),
        );
    }

    let mut parts = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            refuse(
                column.span(),
                format!(
                    "the key column `{column}` is named twice\n\
                     help: name every column of the primary key once"
                ),
            );
            continue;
        }
        match model.find(column) {
            Some(part) => {
                for (span, message) in refusals(part.field) {
                    refuse(span, message);
                }
                parts.push(part);
            }
            None if model.has_unread_column() => {}
            None => refuse(column.span(), missing(model, column)),
        }
    }
    (!refused && parts.len() == columns.len()).then_some(Key { parts })
}

fn missing(model: &Model, column: &Column) -> String {
    let note = if model.embeds() {
        "\nnote: a key field must stand beside an `embed` field, not inside it"
    } else {
        ""
    };
    format!(
        "`{}` has no field for the key column `{column}` of the table `{}`\n\
         help: add the field, or name the key with `#[diesel(primary_key(..))]`{note}",
        model.ident.unraw(),
        model.table_display(),
    )
}

/// What keeps a field from being (a part of) a key.
fn refusals(field: &Field) -> Vec<(proc_macro2::Span, String)> {
    let name = field.ident.unraw();
    let mut refusals = Vec::new();
    let mut refuse = |span, message| refusals.push((span, message));
    match field.selected {
        // Its type is that of the embedded struct, about which there is nothing to say.
        Some(Selected::Embedded(span)) => {
            let message = format!(
                "the key field `{name}` is embedded, but a key must be a plain column\n\
                 help: put the key field beside the embedded struct, or {ANOTHER_KEY}"
            );
            return vec![(span, message)];
        }
        Some(Selected::Expression(span)) => refuse(
            span,
            format!(
                "the key field `{name}` is selected by an expression, but a key must be a plain \
                 column\n\
                 help: select the column itself, or {ANOTHER_KEY}"
            ),
        ),
        None => {}
    }
    let inner = option_argument(field.ty);
    if let Some(inner) = inner {
        refuse(
            type_span(field.ty),
            format!(
                "the key field `{name}` is an `Option`, but a nullable key identifies no row\n\
                 help: make the column `NOT NULL` and the field `{}`, or {ANOTHER_KEY}",
                spelled(inner),
            ),
        );
    }
    let plain = inner.unwrap_or(field.ty);
    if let Some(float) = last_segment(plain).filter(|s| s.ident == "f32" || s.ident == "f64") {
        refuse(
            float.ident.span(),
            format!(
                "the key field `{name}` is an `{}`, but floats are not `Eq`: no two of them are \
                 surely the same key\n\
                 help: use an integer, a decimal or a string, or {ANOTHER_KEY}",
                float.ident,
            ),
        );
    }
    refusals
}

pub(crate) fn option_argument(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

pub(crate) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        // What a `macro_rules!` wraps a `$t:ty` in.
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

pub(crate) fn type_span(ty: &Type) -> proc_macro2::Span {
    syn::spanned::Spanned::span(ty)
}

/// A type as one writes it: tokens print with a space between any two.
pub(crate) fn spelled(ty: &impl ToTokens) -> String {
    let tokens = ty.to_token_stream().to_string();
    tokens
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace(" , ", ", ")
}
