//! An enum is no row.

use diesel_identity_map::IdentityMapped;

#[derive(IdentityMapped)]
enum Post {
    Draft { id: i32 },
    Published { id: i32 },
}

fn main() {}
