//! Says what keeps a `belongs_to(..)` from being a relation.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, TypePath};

use crate::attr::{Given, KeyColumns, Selected};
use crate::belongs_to::BelongsTo;
use crate::column::Column;
use crate::errors::Errors;
use crate::model::{ColumnField, Model, snake_case};
use crate::valid::{MAX_KEY_COLUMNS, spelled};

/// One way in which the model belongs to a parent.
pub(crate) struct Relation<'a> {
    is_diesels: bool,
    pub(crate) parent: TypePath,
    pub(crate) name: Option<&'a Ident>,
    pub(crate) columns: Vec<Column>,
    /// The fields of the columns; `None` if they cannot be a foreign key.
    pub(crate) key: Option<Vec<ColumnField<'a>>>,
}

/// Finds the relations that the model has; those that it could have with their error mended too.
pub(crate) fn find_relations<'a>(model: &'a Model<'a>, errors: &mut Errors) -> Vec<Relation<'a>> {
    let mut found: Vec<Relation> = Vec::new();
    for written in &model.belongs_to {
        if let Some(relation) = find_relation(model, written, errors) {
            match clash(model, &found, &relation) {
                Some((span, message)) => errors.at(span, message),
                None => found.push(relation),
            }
        }
    }
    found
}

/// `None` if it is a tie between tables and no more.
fn find_relation<'a>(
    model: &'a Model<'a>,
    written: &'a BelongsTo,
    errors: &mut Errors,
) -> Option<Relation<'a>> {
    let name = written.name.as_ref();
    if borrows(written.parent.to_token_stream()) {
        if let Some(name) = name {
            let message = format!(
                "`{}` borrows, so it is no model that the relation `{name}` could lead to\n\
                 help: name the parent's model, or leave the name out",
                spelled(&written.parent),
            );
            errors.at(written.parent.span(), message);
        }
        return None;
    }
    let inferred;
    let (columns, is_named) = match &written.foreign_key {
        Given::Absent => {
            inferred = inferred_key(written);
            (&inferred, false)
        }
        Given::Read(columns) => (columns, true),
        Given::Malformed => return None,
    };
    let mut refusals = Vec::new();
    let key = find_key(model, written, columns, &mut refusals);
    // Without a key or a name of its own it need not be more than what ties the tables.
    let is_relation = !written.is_diesels && (is_named || name.is_some());
    if !refusals.is_empty() && !is_relation {
        return None;
    }
    for (span, message) in refusals {
        errors.at(span, message);
    }
    Some(Relation {
        is_diesels: written.is_diesels,
        parent: own_name_of(model, &written.parent),
        name,
        columns: columns.columns.clone(),
        key,
    })
}

fn find_key<'a>(
    model: &'a Model<'a>,
    written: &BelongsTo,
    KeyColumns { span, columns }: &KeyColumns,
    refusals: &mut Vec<(Span, String)>,
) -> Option<Vec<ColumnField<'a>>> {
    if columns.is_empty() {
        let message = "a foreign key of no columns\n\
             help: the correct format looks like \
             `#[identity_map(belongs_to(User, foreign_key = editor_id))]`";
        refusals.push((*span, message.to_owned()));
    }
    if let Some(ninth) = columns.get(MAX_KEY_COLUMNS) {
        let message = format!(
            "a foreign key of {} columns, but an identity map takes keys of up to \
             {MAX_KEY_COLUMNS}\n\
             help: name the columns that hold the parent's primary key, and no others",
            columns.len(),
        );
        refusals.push((ninth.span(), message));
    }
    let mut parts = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            let message = format!(
                "the foreign key column `{column}` is named twice\n\
                 help: name one column for each of the parent's primary key, in its order"
            );
            refusals.push((column.span(), message));
            continue;
        }
        match model.find(column) {
            Some(part) => {
                refusals.extend(refusal(&part));
                parts.push(part);
            }
            None if model.has_unread_column() => {}
            None => refusals.push((column.span(), missing(model, written, column))),
        }
    }
    (refusals.is_empty() && parts.len() == columns.len()).then_some(parts)
}

fn missing(model: &Model, written: &BelongsTo, column: &Column) -> String {
    let help = if let Given::Absent = written.foreign_key {
        format!(
            "say which column it is: `#[identity_map({})]`",
            spelled_out(&written.parent, "..", written.name.as_ref()),
        )
    } else {
        "add the field, or name the column of another".to_owned()
    };
    let note = if model.embeds() {
        "\nnote: a foreign key field must stand beside an `embed` field, not inside it"
    } else {
        ""
    };
    format!(
        "`{}` has no field for the foreign key column `{column}` of the table `{}`\n\
         help: {help}{note}",
        model.ident.unraw(),
        model.table_display(),
    )
}

fn refusal(part: &ColumnField) -> Option<(Span, String)> {
    let name = part.field.ident.unraw();
    match part.field.selected? {
        Selected::Embedded(span) => Some((
            span,
            format!(
                "the foreign key field `{name}` is embedded, but a foreign key must be a plain \
                 column\n\
                 help: put the foreign key field beside the embedded struct"
            ),
        )),
        Selected::Expression(span) => Some((
            span,
            format!(
                "the foreign key field `{name}` is selected by an expression, but a foreign key \
                 must be a plain column\n\
                 help: select the column itself"
            ),
        )),
    }
}

/// What keeps a relation from standing beside those before it, and beside the model.
fn clash(model: &Model, found: &[Relation], relation: &Relation) -> Option<(Span, String)> {
    let Some(name) = relation.name else {
        let parent = spelled(&relation.parent);
        let first = found
            .iter()
            .find(|first| first.name.is_none() && spelled(&first.parent) == parent)?;
        return Some((relation.parent.span(), ambiguous(model, first, relation)));
    };
    let plain = name.unraw();
    let message = if plain == model.ident.unraw() {
        format!(
            "the relation's name `{plain}` is that of the model\n\
             help: say what the parent is to it: `name = {}`",
            suggested_name(model, relation),
        )
    } else if model
        .belongs_to
        .iter()
        .any(|written| written.parent.path.is_ident(name))
    {
        format!(
            "the relation's name `{plain}` is that of a parent\n\
             help: leave it out where the parent's type says which relation is meant, or say \
             what the parent is to `{}`: `name = {}`",
            model.ident.unraw(),
            suggested_name(model, relation),
        )
    } else if found
        .iter()
        .any(|first| first.name.is_some_and(|first| first.unraw() == plain))
    {
        format!(
            "two relations of the name `{plain}`\n\
             help: give each a name of its own"
        )
    } else {
        return None;
    };
    Some((name.span(), message))
}

fn ambiguous(model: &Model, first: &Relation, second: &Relation) -> String {
    let (model_name, parent) = (model.ident.unraw(), spelled(&second.parent));
    if first.columns == second.columns {
        return format!(
            "`{model_name}` belongs to `{parent}` twice by the same foreign key\n\
             help: say it once"
        );
    }
    let name = suggested_name(model, second);
    let relation = spelled_out(&second.parent, &spelled_key(&second.columns), Some(&name));
    let help = if second.is_diesels {
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

/// `editor_id` is to an `Editor`.
fn suggested_name(model: &Model, relation: &Relation) -> Ident {
    let column = relation.columns.first().map(Column::to_string);
    let column = column.unwrap_or_default();
    let role = column.strip_suffix("_id").unwrap_or(&column);
    let mut name = String::new();
    for word in role.split('_') {
        let mut characters = word.chars();
        name.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(characters.as_str());
    }
    let taken = |name: &str| {
        let parents = model.belongs_to.iter().map(|written| &written.parent);
        let is_parent = |parent: &TypePath| parent.path.segments.iter().any(|s| s.ident == name);
        model.ident.unraw() == name || parents.into_iter().any(is_parent)
    };
    if taken(&name) || syn::parse_str::<Ident>(&name).is_err() {
        name = "Other".to_owned() + &name;
    }
    Ident::new(&name, Span::call_site())
}

/// A `belongs_to(..)` as one would write it.
fn spelled_out(parent: &TypePath, foreign_key: &str, name: Option<&Ident>) -> String {
    let name = name.map(|name| format!(", name = {name}"));
    format!(
        "belongs_to({}, foreign_key = {foreign_key}{})",
        spelled(parent),
        name.unwrap_or_default(),
    )
}

fn spelled_key(columns: &[Column]) -> String {
    let columns: Vec<_> = columns.iter().map(spelled).collect();
    if let [column] = &columns[..] {
        column.clone()
    } else {
        format!("({})", columns.join(", "))
    }
}

/// Diesel's rule: the parent's name in snake case, and `_id`.
fn inferred_key(written: &BelongsTo) -> KeyColumns {
    let segments = &written.parent.path.segments;
    let columns = segments.last().map(|parent| {
        let name = snake_case(&parent.ident) + "_id";
        Column::from(&Ident::new(&name, parent.ident.span()))
    });
    KeyColumns {
        span: written.parent.span(),
        columns: columns.into_iter().collect(),
    }
}

/// The model by its name: in the impls on a relation's name `Self` is another.
fn own_name_of(model: &Model, parent: &TypePath) -> TypePath {
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
            // Without a lifetime it is one that is not written.
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
