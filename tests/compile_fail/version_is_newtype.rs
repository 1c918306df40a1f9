//! A type of the user's own that cannot be counted.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    posts (id) {
        id -> Integer,
        lock_version -> Text,
    }
}

#[derive(Clone)]
struct Checksum(String);

#[derive(IdentityMapped)]
#[identity_map(version = lock_version)]
struct Post {
    id: i32,
    lock_version: Checksum,
}

fn main() {}
