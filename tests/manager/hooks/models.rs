//! Models whose hooks note each call in the log of their thread, and do what a test asked of them.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{Change, Hooks, IdentityMapped, Saving};

use crate::documents::documents;
use crate::schema::*;

use super::log::happened;

/// A post whose hooks note what they are called for.
#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
pub(super) struct Noted {
    pub(super) id: i32,
    pub(super) title: String,
    pub(super) score: i32,
}

/// A child of such a post, noted as well.
#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = comments, belongs_to(Noted, foreign_key = post_id))]
#[identity_map(hooks)]
pub(super) struct Answer {
    pub(super) id: i64,
    pub(super) post_id: i32,
    body: String,
}

diesel::table! {
    leaves (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

/// A row whose parent is looked for at the commit.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = leaves)]
#[identity_map(hooks)]
pub(super) struct Leaf {
    pub(super) id: i32,
    pub(super) user_id: i32,
}

#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[identity_map(hooks, version = lock_version)]
pub(super) struct Document {
    pub(super) id: i32,
    pub(super) text: String,
    pub(super) lock_version: i32,
}

macro_rules! noted {
    ($($model:ident $name:literal)+) => {$(
        impl<C: 'static> Hooks<C> for $model {
            fn pre_save(saving: Saving<'_, Self>, conn: &mut C) -> QueryResult<()> {
                match saving {
                    Saving::Insert => happened(concat!($name, "pre_save insert").to_owned(), conn),
                    Saving::Update(old) => {
                        happened(format!("{}pre_save update {}", $name, old.id), conn)
                    }
                    Saving::Save(new) => {
                        happened(format!("{}pre_save save {}", $name, new.id), conn)
                    }
                }
            }

            fn post_save(object: &Arc<Self>, created: bool, conn: &mut C) -> QueryResult<()> {
                let what = if created { "created" } else { "updated" };
                happened(format!("{}post_save {what} {}", $name, object.id), conn)
            }

            fn pre_delete(object: &Arc<Self>, conn: &mut C) -> QueryResult<()> {
                happened(format!("{}pre_delete {}", $name, object.id), conn)
            }

            fn post_delete(object: &Arc<Self>, conn: &mut C) -> QueryResult<()> {
                happened(format!("{}post_delete {}", $name, object.id), conn)
            }

            fn post_load(object: &Arc<Self>, conn: &mut C) -> QueryResult<()> {
                happened(format!("{}post_load {}", $name, object.id), conn)
            }

            fn after_commit(object: &Arc<Self>, change: Change) {
                let event = format!("{}after_commit {change:?} {}", $name, object.id);
                happened(event, &mut ()).unwrap();
            }
        }
    )+};
}

noted! {
    Noted ""
    Answer "answer "
    Leaf "leaf "
    Document "document "
}
