//! A list of columns that cannot be a key, and a column that is no field of its own.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

diesel::table! {
    pages (site, number) {
        site -> Text,
        number -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        site -> Text,
        page -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(primary_key(site, number))]
struct Page {
    site: String,
    number: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = posts)]
struct Place {
    site: String,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(Page, foreign_key = ()))]
#[identity_map(belongs_to(Page, foreign_key = (page, page), name = Twice))]
#[identity_map(belongs_to(Page, foreign_key = (place, page), name = Embedded))]
struct Post {
    id: i32,
    #[diesel(embed)]
    place: Place,
    page: i32,
}

fn main() {}
