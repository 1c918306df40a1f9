//! The models: what is around a table of an odd name, and such tables.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    children (id) {
        id -> Integer,
        parent -> Integer,
    }
}

diesel::table! {
    ledger (id) {
        id -> Integer,
        n -> Integer,
    }
}

diesel::table! {
    levers (id) {
        id -> Integer,
        n -> Integer,
    }
}

diesel::table! {
    shown (id) {
        id -> Integer,
        v -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = children)]
pub(super) struct Child {
    pub(super) id: i32,
    pub(super) parent: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = ledger)]
pub(super) struct Ledger {
    pub(super) id: i32,
    pub(super) n: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = levers)]
pub(super) struct Lever {
    pub(super) id: i32,
    pub(super) n: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = shown)]
pub(super) struct Shown {
    pub(super) id: i32,
    pub(super) v: i32,
}

/// A module of each name, with the table, its model, and the name.
macro_rules! odd {
    ($($module:ident $name:literal)+) => {$(
        pub(super) mod $module {
            use diesel::prelude::*;
            use diesel_identity_map::prelude::*;

            pub(in crate::catalogue::odd_names) const NAME: &str = $name;

            diesel::table! {
                #[sql_name = $name]
                odd (id) {
                    id -> Integer,
                    #[sql_name = $name]
                    k -> Integer,
                    v -> Integer,
                }
            }

            #[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
            #[diesel(table_name = odd)]
            pub(in crate::catalogue::odd_names) struct Odd {
                pub(in crate::catalogue::odd_names) id: i32,
                pub(in crate::catalogue::odd_names) k: i32,
                pub(in crate::catalogue::odd_names) v: i32,
            }
        }
    )+};
}

odd! {
    dot "a.b"
    dashes "a -- b"
    opened "a /* b"
    double "a\"b"
    doubled "a\"\"b"
    tick "a`b"
    tail "a "
    brackets "a[b]"
    capital "Odd"
    small "odd"
    keyword "order"
    accent "größe"
    long "a_name_of_sixty_three_bytes_which_is_the_longest_that_postgresa"
    longer "a_name_of_sixty_three_bytes_which_is_the_longest_that_postgresb"
}

/// The table `b` of the schema `a`, with a column as the table `a.b` has it.
#[cfg(feature = "postgres")]
pub(super) mod in_schema {
    use diesel::prelude::*;
    use diesel_identity_map::prelude::*;

    pub(in crate::catalogue::odd_names) const NAME: &str = "a.b";

    diesel::table! {
        #[sql_name = "b"]
        a.odd (id) {
            id -> Integer,
            #[sql_name = "a.b"]
            k -> Integer,
            v -> Integer,
        }
    }

    #[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
    #[diesel(table_name = odd)]
    pub(in crate::catalogue::odd_names) struct Odd {
        pub(in crate::catalogue::odd_names) id: i32,
        pub(in crate::catalogue::odd_names) k: i32,
        pub(in crate::catalogue::odd_names) v: i32,
    }
}
