//! The tables of the site, as `schema.sql` makes them.

mod joins;

/// The enumerations of the database.
#[allow(unreachable_pub)] // as the columns of Diesel's tables are
pub(super) mod sql_types {
    #[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "visibility"))]
    pub struct Visibility;

    #[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "follow_state"))]
    pub struct FollowState;

    #[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "rate_action"))]
    pub struct RateAction;

    #[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(name = "activity_state"))]
    pub struct ActivityState;
}

diesel::table! {
    language (id) {
        id -> Integer,
        code -> Text,
    }
}

diesel::table! {
    instance (id) {
        id -> Integer,
        domain -> Text,
        software -> Nullable<Text>,
        published -> Timestamptz,
    }
}

diesel::table! {
    site (id) {
        id -> Integer,
        instance_id -> Integer,
        name -> Text,
        sidebar -> Nullable<Text>,
        people -> BigInt,
        communities -> BigInt,
        posts -> BigInt,
        comments -> BigInt,
    }
}

diesel::table! {
    person (id) {
        id -> Integer,
        instance_id -> Integer,
        name -> Text,
        actor_url -> Text,
        bio -> Nullable<Text>,
        admin -> Bool,
        banned -> Bool,
        deleted -> Bool,
        posts -> Integer,
        post_score -> Integer,
        comments -> Integer,
        comment_score -> Integer,
        updated -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    person_setting (person_id, name) {
        person_id -> Integer,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    registration_application (id) {
        id -> Integer,
        person_id -> Integer,
        answer -> Text,
        admin_id -> Nullable<Integer>,
        deny_reason -> Nullable<Text>,
    }
}

diesel::table! {
    image (alias) {
        alias -> Text,
        person_id -> Nullable<Integer>,
        bytes -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::RateAction;

    rate_limit (action) {
        action -> RateAction,
        max_requests -> Integer,
        seconds -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Visibility;

    community (id) {
        id -> Integer,
        instance_id -> Integer,
        name -> Text,
        title -> Text,
        visibility -> Visibility,
        removed -> Bool,
        deleted -> Bool,
        subscribers -> BigInt,
        posts -> BigInt,
        comments -> BigInt,
    }
}

diesel::table! {
    community_language (community_id, language_id) {
        community_id -> Integer,
        language_id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::FollowState;

    community_follow (person_id, community_id) {
        person_id -> Integer,
        community_id -> Integer,
        state -> FollowState,
        approver_id -> Nullable<Integer>,
    }
}

diesel::table! {
    community_moderator (community_id, person_id) {
        community_id -> Integer,
        person_id -> Integer,
        rank -> Integer,
    }
}

diesel::table! {
    person_block (person_id, target_id) {
        person_id -> Integer,
        target_id -> Integer,
    }
}

diesel::table! {
    instance_block (person_id, instance_id) {
        person_id -> Integer,
        instance_id -> Integer,
    }
}

diesel::table! {
    post (id) {
        id -> Integer,
        creator_id -> Integer,
        community_id -> Integer,
        language_id -> Integer,
        title -> Text,
        url -> Nullable<Text>,
        body -> Nullable<Text>,
        removed -> Bool,
        deleted -> Bool,
        locked -> Bool,
        featured -> Bool,
        score -> Integer,
        upvotes -> Integer,
        downvotes -> Integer,
        comments -> Integer,
        reports -> Integer,
        published -> Timestamptz,
        newest_comment -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tag (id) {
        id -> Integer,
        community_id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    post_tag (post_id, tag_id) {
        post_id -> Integer,
        tag_id -> Integer,
    }
}

diesel::table! {
    post_vote (person_id, post_id) {
        person_id -> Integer,
        post_id -> Integer,
        score -> SmallInt,
    }
}

diesel::table! {
    post_saved (person_id, post_id) {
        person_id -> Integer,
        post_id -> Integer,
        saved_at -> Timestamptz,
    }
}

diesel::table! {
    post_read (person_id, post_id) {
        person_id -> Integer,
        post_id -> Integer,
        comments_seen -> Integer,
    }
}

diesel::table! {
    post_report (id) {
        id -> Integer,
        creator_id -> Integer,
        post_id -> Integer,
        reason -> Text,
        resolved -> Bool,
        resolver_id -> Nullable<Integer>,
    }
}

diesel::table! {
    comment (id) {
        id -> Integer,
        creator_id -> Integer,
        post_id -> Integer,
        path -> Text,
        content -> Text,
        removed -> Bool,
        deleted -> Bool,
        score -> Integer,
        children -> Integer,
        published -> Timestamptz,
    }
}

diesel::table! {
    comment_vote (person_id, comment_id) {
        person_id -> Integer,
        comment_id -> Integer,
        score -> SmallInt,
    }
}

diesel::table! {
    private_message (id) {
        id -> Integer,
        creator_id -> Integer,
        recipient_id -> Integer,
        content -> Text,
        deleted -> Bool,
    }
}

diesel::table! {
    notification (id) {
        id -> Integer,
        recipient_id -> Integer,
        kind -> Text,
        comment_id -> Nullable<Integer>,
        message_id -> Nullable<Integer>,
        read -> Bool,
    }
}

diesel::table! {
    moderation (id) {
        id -> Integer,
        moderator_id -> Nullable<Integer>,
        post_id -> Nullable<Integer>,
        person_id -> Nullable<Integer>,
        action -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::ActivityState;

    outgoing_activity (id) {
        id -> BigInt,
        instance_id -> Integer,
        payload -> Text,
        state -> ActivityState,
        attempts -> SmallInt,
    }
}

diesel::table! {
    delivery_state (instance_id) {
        instance_id -> Integer,
        last_activity -> Nullable<BigInt>,
        failures -> Integer,
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// How many comments stand above the one of this path, and itself.
    fn path_depth(path: diesel::sql_types::Text) -> diesel::sql_types::Integer;

    /// What a post of this score and age is worth on the front page.
    fn hot_rank(
        score: diesel::sql_types::Integer,
        published: diesel::sql_types::Timestamptz,
    ) -> diesel::sql_types::Double;
}
