//! The tables and views of a random schema, and their models.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

macro_rules! relations {
    ($($table:ident $model:ident)+) => {$(
        diesel::table! {
            $table (id) {
                id -> Integer,
                parent -> Nullable<Integer>,
                note -> Integer,
            }
        }

        #[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
        #[diesel(table_name = $table)]
        pub(super) struct $model {
            pub(super) id: i32,
            pub(super) parent: Option<i32>,
            pub(super) note: i32,
        }
    )+};
}

relations! {
    t0 T0
    t1 T1
    t2 T2
    t3 T3
    t4 T4
    v0 V0
    v1 V1
    v2 V2
}

diesel::define_sql_function! {
    /// Writes somewhere.
    fn bump() -> diesel::sql_types::Integer;
}

diesel::define_sql_function! {
    /// Calls the other one.
    fn bump_more() -> diesel::sql_types::Integer;
}

diesel::allow_tables_to_appear_in_same_query!(t0, t1, t2, t3, t4);

/// A row of one table, with how many rows of another one have its note.
#[derive(HasQuery, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = t1)]
#[diesel(base_query = t1::table.left_join(t3::table.on(t3::note.eq(t1::note))).group_by((t1::id, t1::note)))]
pub(super) struct Joined {
    pub(super) id: i32,
    pub(super) note: i32,
    #[diesel(select_expression = diesel::dsl::count(t3::id.nullable()))]
    pub(super) others: i64,
}
