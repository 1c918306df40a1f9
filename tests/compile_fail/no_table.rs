//! The table is not where the model says.

use diesel_identity_map::IdentityMapped;

#[derive(IdentityMapped)]
struct Post {
    id: i32,
}

fn main() {}
