//! Refuses a foreign key without its fields. It may be nullable, unlike a primary key.

use syn::Ident;
use syn::spanned::Spanned;

use super::column_role::ColumnRole;
use super::key_column_list::{KeyRules, find_key_fields};
use crate::column::{Column, ColumnList};
use crate::inferred_names::inferred_foreign_key_name;
use crate::model::{ColumnField, ModelStruct};
use crate::parse::{AttributeValue, BelongsToAttribute, belongs_to_as_written};

/// The columns of the foreign key, or those that Diesel infers; `None` if they are malformed.
pub(super) fn foreign_key_columns(belongs_to: &BelongsToAttribute) -> Option<ColumnList> {
    let given = belongs_to.foreign_key.clone();
    given.or_default(|| {
        let segments = &belongs_to.parent.path.segments;
        let column = segments.last().map(|parent| {
            let name = inferred_foreign_key_name(&parent.ident);
            Column::from(&Ident::new(&name, parent.ident.span()))
        });
        ColumnList {
            span: belongs_to.parent.span(),
            columns: column.into_iter().collect(),
        }
    })
}

/// Returns the fields of the foreign key or its errors, as [`find_key_fields`] does.
pub(super) fn find_foreign_key<'a>(
    model: &'a ModelStruct<'a>,
    belongs_to: &BelongsToAttribute,
    columns: &ColumnList,
) -> Result<Vec<ColumnField<'a>>, Vec<syn::Error>> {
    let missing_field_help = if let AttributeValue::Absent = belongs_to.foreign_key {
        let relation_name = belongs_to.relation_name.as_ref();
        format!(
            "say which column it is: `#[identity_map({})]`",
            belongs_to_as_written(&belongs_to.parent, "..", relation_name),
        )
    } else {
        "add the field, or name the column of another".to_owned()
    };
    let rules = KeyRules {
        role: ColumnRole::ForeignKey,
        no_columns: "a foreign key of no columns\n\
            help: the correct format looks like \
            `#[identity_map(belongs_to(User, foreign_key = editor_id))]`",
        too_many_help: "name the columns that hold the parent's primary key, and no others",
        named_twice_help: "name one column for each of the parent's primary key, in its order",
        missing_field_help: &missing_field_help,
        // The types are the parent's key's, which the compiler sees to.
        type_errors: |_| Vec::new(),
    };
    find_key_fields(model, columns, &rules)
}
