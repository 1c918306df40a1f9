//! The tables of `migrations/`: one declaration for all three databases.

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        body -> Text,
        published -> Bool,
        score -> Integer,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        post_id -> Integer,
        user_id -> Nullable<Integer>,
        parent_id -> Nullable<BigInt>,
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

diesel::table! {
    countries (code) {
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    translations (lang, msg) {
        lang -> Text,
        msg -> Text,
        text -> Text,
    }
}

diesel::table! {
    blobs (digest) {
        digest -> Binary,
        note -> Text,
    }
}

diesel::table! {
    reviews (id) {
        id -> Integer,
        post_id -> Integer,
        author_id -> Integer,
        editor_id -> Nullable<Integer>,
    }
}

diesel::table! {
    hints (id) {
        id -> Integer,
        lang -> Nullable<Text>,
        msg -> Nullable<Text>,
    }
}

diesel::table! {
    places (id) {
        id -> Integer,
        country_code -> Nullable<Text>,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(comments -> users (user_id));
diesel::joinable!(post_tags -> posts (post_id));
diesel::joinable!(post_tags -> tags (tag_id));
diesel::joinable!(reviews -> posts (post_id));
diesel::joinable!(reviews -> users (author_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    posts,
    comments,
    tags,
    post_tags,
    countries,
    translations,
    blobs,
    reviews,
    hints,
    places,
);
