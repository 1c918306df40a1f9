//! As a bound: what a function over models says of a struct that is none.

use diesel_identity_map::IdentityMap;

struct Post;

fn held(map: &IdentityMap) -> usize {
    map.len::<Post>()
}

fn main() {}
