//! Refuses relations that cannot be told apart: two to one parent without a name, or a name that
//! is taken.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, TypePath};

use super::relation::{Relation, find_relation};
use crate::column::Column;
use crate::compile_errors::CompileErrors;
use crate::model::ModelStruct;
use crate::parse::belongs_to_as_written;
use crate::type_syntax::as_written;

/// The relations of the model, including those whose foreign key is refused.
pub(crate) fn find_relations<'a>(
    model: &'a ModelStruct<'a>,
    errors: &mut CompileErrors,
) -> Vec<Relation<'a>> {
    let mut relations: Vec<Relation> = Vec::new();
    for belongs_to in &model.belongs_to {
        if let Some(relation) = find_relation(model, belongs_to, errors) {
            match indistinct_error(model, &relations, &relation) {
                Some(error) => errors.push(error),
                None => relations.push(relation),
            }
        }
    }
    relations
}

/// The error of a relation that cannot be told from those before it, or from the model.
fn indistinct_error(
    model: &ModelStruct,
    before: &[Relation],
    relation: &Relation,
) -> Option<syn::Error> {
    let Some(name) = relation.name else {
        let parent = as_written(&relation.parent);
        let first = before
            .iter()
            .find(|first| first.name.is_none() && as_written(&first.parent) == parent)?;
        let message = two_unnamed_message(model, first, relation);
        return Some(syn::Error::new(relation.parent.span(), message));
    };
    let message = taken_name_message(model, before, relation, name)?;
    Some(syn::Error::new(name.span(), message))
}

fn two_unnamed_message(model: &ModelStruct, first: &Relation, second: &Relation) -> String {
    let (model_name, parent) = (model.ident.unraw(), as_written(&second.parent));
    if first.columns == second.columns {
        return format!(
            "`{model_name}` belongs to `{parent}` twice by the same foreign key\n\
             help: say it once"
        );
    }
    let name = suggested_name(model, second);
    let foreign_key = foreign_key_as_written(&second.columns);
    let relation = belongs_to_as_written(&second.parent, &foreign_key, Some(&name));
    let help = if second.in_diesel_attribute {
        "say this one with a name instead"
    } else {
        "give it a name"
    };
    format!(
        "`{model_name}` belongs to `{parent}` in two ways, and `{parent}` does not say which one is \
         meant\n\
         help: {help}: `#[identity_map({relation})]`"
    )
}

fn taken_name_message(
    model: &ModelStruct,
    before: &[Relation],
    relation: &Relation,
    name: &Ident,
) -> Option<String> {
    let name_text = name.unraw();
    let mut names_before = before.iter().filter_map(|first| first.name);
    if name_text == model.ident.unraw() {
        Some(format!(
            "the relation's name `{name_text}` is that of the model\n\
             help: say what the parent is to it: `name = {}`",
            suggested_name(model, relation),
        ))
    } else if model.parents().any(|parent| parent.path.is_ident(name)) {
        Some(format!(
            "the relation's name `{name_text}` is that of a parent\n\
             help: leave it out where the parent's type says which relation is meant, or say \
             what the parent is to `{}`: `name = {}`",
            model.ident.unraw(),
            suggested_name(model, relation),
        ))
    } else if names_before.any(|first| first.unraw() == name_text) {
        Some(format!(
            "two relations of the name `{name_text}`\n\
             help: give each a name of its own"
        ))
    } else {
        None
    }
}

/// A name made of the foreign key's column, which usually says what the parent is to the model:
/// `editor_id` makes `Editor`.
fn suggested_name(model: &ModelStruct, relation: &Relation) -> Ident {
    let column = relation.columns.first().map(Column::to_string);
    let column = column.unwrap_or_default();
    let role = column.strip_suffix("_id").unwrap_or(&column);
    let mut name = String::new();
    for word in role.split('_') {
        let mut characters = word.chars();
        name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(characters.as_str());
    }
    let is_taken = |name: &str| {
        let is_parent = |parent: &TypePath| parent.path.segments.iter().any(|s| s.ident == name);
        model.ident.unraw() == name || model.parents().any(is_parent)
    };
    if is_taken(&name) || syn::parse_str::<Ident>(&name).is_err() {
        name = "Other".to_owned() + &name;
    }
    Ident::new(&name, Span::call_site())
}

/// The value of `foreign_key = ..`: one column stands alone, several stand in parentheses.
fn foreign_key_as_written(columns: &[Column]) -> String {
    let columns: Vec<_> = columns.iter().map(as_written).collect();
    if let [column] = &columns[..] {
        column.clone()
    } else {
        format!("({})", columns.join(", "))
    }
}
