//! A foreign key is read from a field of the model. The uses of the relation are not reported.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;
use diesel_identity_map::model::{BelongsTo, ChildrenOf};

diesel::table! {
    users (id) {
        id -> Integer,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        author_id -> Integer,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
struct User {
    id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[identity_map(belongs_to(User, foreign_key = autor_id))]
#[identity_map(belongs_to(User, name = Author))]
struct Post {
    id: i32,
    author_id: i32,
}

fn parents<R, M: BelongsTo<R>>(_: &M) {}
fn children<X: ChildrenOf<User>>() {}

fn uses(post: &Post) {
    parents::<User, _>(post);
    parents::<Author, _>(post);
    children::<Post>();
    children::<Author>();
}

fn main() {}
