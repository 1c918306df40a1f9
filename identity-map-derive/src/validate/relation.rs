//! Makes a relation of a `belongs_to(..)`, or refuses it.
//!
//! Not every `belongs_to(..)` is a relation, by which objects can be loaded. Some only tie the
//! model's table to the parent's, so that a write to the latter expires the model's objects.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Ident, TypePath};

use super::foreign_key::{find_foreign_key, foreign_key_columns};
use crate::column::Column;
use crate::compile_errors::CompileErrors;
use crate::model::{ColumnField, ModelStruct};
use crate::parse::{AttributeValue, BelongsToAttribute};
use crate::type_syntax::as_written;

/// One way in which the model belongs to a parent.
pub(crate) struct Relation<'a> {
    pub(super) in_diesel_attribute: bool,
    pub(crate) parent: TypePath,
    pub(crate) name: Option<&'a Ident>,
    pub(crate) columns: Vec<Column>,
    /// The fields of the columns; `None` if the foreign key is refused.
    pub(crate) foreign_key: Option<Vec<ColumnField<'a>>>,
}

/// `None` if this `belongs_to(..)` is no relation. If it should be one, the errors say why.
pub(super) fn find_relation<'a>(
    model: &'a ModelStruct<'a>,
    belongs_to: &'a BelongsToAttribute,
    errors: &mut CompileErrors,
) -> Option<Relation<'a>> {
    let name = belongs_to.relation_name.as_ref();
    if borrows(belongs_to.parent.to_token_stream()) {
        if let Some(name) = name {
            let message = format!(
                "`{}` borrows, so it is no model that the relation `{name}` could lead to\n\
                 help: name the parent's model, or leave the name out",
                as_written(&belongs_to.parent),
            );
            errors.push_at(belongs_to.parent.span(), message);
        }
        return None;
    }
    let columns = foreign_key_columns(belongs_to)?;
    let foreign_key = match find_foreign_key(model, belongs_to, &columns) {
        Ok(fields) => Some(fields),
        Err(refused) => {
            if !refused.is_empty() && !must_be_relation(belongs_to) {
                return None;
            }
            errors.extend(refused);
            None
        }
    };
    Some(Relation {
        in_diesel_attribute: belongs_to.in_diesel_attribute,
        parent: resolve_self(model, &belongs_to.parent),
        name,
        columns: columns.columns,
        foreign_key,
    })
}

/// Whether a `belongs_to(..)` says that it is a relation, so that a refused foreign key is an
/// error. Diesel's never is one, because Diesel reports its errors itself.
fn must_be_relation(belongs_to: &BelongsToAttribute) -> bool {
    let names_columns = matches!(belongs_to.foreign_key, AttributeValue::Parsed(_));
    !belongs_to.in_diesel_attribute && (names_columns || belongs_to.relation_name.is_some())
}

/// Replaces `Self` by the model's name, because one of the impls may be that of a relation's name,
/// where `Self` is another type.
fn resolve_self(model: &ModelStruct, parent: &TypePath) -> TypePath {
    let mut parent = parent.clone();
    if parent.path.is_ident("Self") {
        let span = parent.span();
        parent.path = model.ident.clone().into();
        parent.path.segments[0].ident.set_span(span);
    }
    parent
}

/// Whether a type has lifetimes other than `'static`.
fn borrows(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Group(group) => borrows(group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                !matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "static")
            }
            // A `&` without a lifetime has an elided one.
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                !matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'')
            }
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
