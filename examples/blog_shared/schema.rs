//! The tables of `migrations/`, as far as the blog uses them.

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        body -> Text,
        published -> Bool,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        post_id -> Integer,
        user_id -> Nullable<Integer>,
        body -> Text,
    }
}

diesel::table! {
    tags (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    post_tags (post_id, tag_id) {
        post_id -> Integer,
        tag_id -> Integer,
        position -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, posts, comments, tags, post_tags);
