//! What is known of the statement of a query from its type alone: [`StatementType`].

use std::any::{TypeId, type_name};

use diesel::query_builder::QueryId;

use crate::connection::SelectedColumns;

/// What is known of the statement of a query from its type alone, after the type is lost.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum StatementType {
    /// The id for Diesel's cache of prepared statements.
    Id(fn(SelectedColumns) -> TypeId),
    /// The name, where Diesel knows the statement by its text. A query that borrows has no id.
    Name(fn() -> &'static str),
}

impl StatementType {
    /// Of the statement `S`. The names of queries are long, so a program has only those that are needed.
    pub(super) const fn of<S: QueryId>() -> Self {
        if S::HAS_STATIC_QUERY_ID {
            Self::Id(id_of::<S::QueryId>)
        } else {
            Self::Name(type_name::<S>)
        }
    }

    /// The id of the statement with these columns; `None` if the type does not tell the text.
    pub(super) fn id(self, columns: SelectedColumns) -> Option<TypeId> {
        match self {
            Self::Id(id) => Some(id(columns)),
            Self::Name(_) => None,
        }
    }
}

/// The id of what Diesel knows a statement by, and of the columns that it selects.
fn id_of<Id: 'static>(columns: SelectedColumns) -> TypeId {
    struct Key;
    struct Model;
    struct KeyAndModel;
    match columns {
        SelectedColumns::Key => TypeId::of::<(Id, Key)>(),
        SelectedColumns::Model => TypeId::of::<(Id, Model)>(),
        SelectedColumns::KeyAndModel => TypeId::of::<(Id, KeyAndModel)>(),
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_types::Integer;

    use super::*;

    const ALL: [SelectedColumns; 3] = [
        SelectedColumns::Key,
        SelectedColumns::Model,
        SelectedColumns::KeyAndModel,
    ];

    #[test]
    fn each_choice_of_columns_has_an_id() {
        fn ids<S: QueryId>(_: &S) -> [Option<TypeId>; 3] {
            ALL.map(|columns| StatementType::of::<S>().id(columns))
        }
        let one = ids(&diesel::select(1.into_sql::<Integer>()));
        let other = ids(&diesel::select(1.into_sql::<Integer>().eq(2)));
        let mut all: Vec<TypeId> = one.into_iter().chain(other).flatten().collect();
        assert_eq!(all.len(), 6);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        let text = ids(&diesel::dsl::sql::<Integer>("1"));
        assert_eq!(text, [None; 3], "its type does not tell the text");
    }
}
