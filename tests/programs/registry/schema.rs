//! The tables of `schema.sql`.

#[allow(unreachable_pub)] // a table's columns are public, and so are their types
pub(super) mod sql_types {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    #[derive(SqlType, QueryId, Clone, Copy)]
    #[diesel(postgres_type(name = "owner_kind"))]
    pub struct OwnerKind;

    #[derive(SqlType, QueryId, Clone, Copy)]
    #[diesel(postgres_type(name = "dependency_kind"))]
    pub struct DependencyKind;

    #[derive(SqlType, QueryId, Clone, Copy)]
    #[diesel(postgres_type(name = "token_scope"))]
    pub struct TokenScope;
}

diesel::table! {
    users (id) {
        id -> Integer,
        login -> Text,
        display_name -> Nullable<Text>,
        is_admin -> Bool,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    teams (id) {
        id -> Integer,
        slug -> Text,
        org_id -> BigInt,
        title -> Nullable<Text>,
    }
}

diesel::table! {
    emails (id) {
        id -> Integer,
        user_id -> Integer,
        address -> Text,
        verified -> Bool,
        token -> Text,
    }
}

diesel::table! {
    packages (id) {
        id -> Integer,
        name -> Text,
        description -> Nullable<Text>,
        homepage -> Nullable<Text>,
        score -> Integer,
        max_size -> Nullable<Integer>,
        trusted_only -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    package_downloads (package_id) {
        package_id -> Integer,
        total -> BigInt,
    }
}

diesel::table! {
    versions (id) {
        id -> Integer,
        package_id -> Integer,
        num -> Text,
        license -> Nullable<Text>,
        size -> Integer,
        checksum -> Binary,
        downloads -> Integer,
        yanked -> Bool,
        yank_message -> Nullable<Text>,
        published_by -> Nullable<Integer>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    default_versions (package_id) {
        package_id -> Integer,
        version_id -> Integer,
        num_versions -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::{Array, Bool, Integer, Nullable, Text};
    use super::sql_types::DependencyKind;

    dependencies (id) {
        id -> Integer,
        version_id -> Integer,
        package_id -> Integer,
        req -> Text,
        kind -> DependencyKind,
        optional -> Bool,
        target -> Nullable<Text>,
        features -> Array<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable};
    use super::sql_types::OwnerKind;

    package_owners (package_id, owner_id, owner_kind) {
        package_id -> Integer,
        owner_id -> Integer,
        owner_kind -> OwnerKind,
        added_by -> Nullable<Integer>,
        deleted -> Bool,
    }
}

diesel::table! {
    categories (id) {
        id -> Integer,
        path -> Text,
        label -> Text,
        packages_count -> Integer,
    }
}

diesel::table! {
    packages_categories (package_id, category_id) {
        package_id -> Integer,
        category_id -> Integer,
    }
}

diesel::table! {
    keywords (id) {
        id -> Integer,
        word -> Text,
        packages_count -> Integer,
    }
}

diesel::table! {
    packages_keywords (package_id, keyword_id) {
        package_id -> Integer,
        keyword_id -> Integer,
    }
}

diesel::table! {
    version_downloads (version_id, day) {
        version_id -> Integer,
        day -> Date,
        downloads -> Integer,
        counted -> Integer,
        processed -> Bool,
    }
}

diesel::table! {
    readme_renderings (version_id) {
        version_id -> Integer,
        html -> Text,
        rendered_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamp};
    use super::sql_types::TokenScope;

    api_tokens (id) {
        id -> Integer,
        user_id -> Integer,
        name -> Text,
        digest -> Binary,
        revoked -> Bool,
        scopes -> Nullable<Array<TokenScope>>,
        last_used_at -> Nullable<Timestamp>,
        expires_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    publish_limits (user_id, action) {
        user_id -> Integer,
        action -> Text,
        tokens -> Integer,
        last_refill -> Timestamp,
    }
}

diesel::table! {
    background_jobs (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Text,
        priority -> SmallInt,
        retries -> Integer,
        last_retry -> Timestamp,
    }
}

diesel::table! {
    deleted_packages (id) {
        id -> Integer,
        name -> Text,
        deleted_by -> Nullable<Integer>,
        message -> Nullable<Text>,
        deleted_at -> Timestamp,
        available_at -> Timestamp,
    }
}

diesel::table! {
    trusted_publishers (id) {
        id -> Integer,
        package_id -> Integer,
        provider -> Text,
        repository -> Text,
        workflow -> Text,
        environment -> Nullable<Text>,
    }
}

diesel::table! {
    follows (user_id, package_id) {
        user_id -> Integer,
        package_id -> Integer,
    }
}

diesel::table! {
    package_votes (user_id, package_id) {
        user_id -> Integer,
        package_id -> Integer,
        vote -> SmallInt,
    }
}

diesel::table! {
    badges (package_id, badge) {
        package_id -> Integer,
        badge -> Text,
        attributes -> Text,
    }
}

diesel::table! {
    comments (id) {
        id -> Integer,
        package_id -> Integer,
        user_id -> Nullable<Integer>,
        path -> Text,
        body -> Text,
        child_count -> Integer,
        deleted -> Bool,
    }
}

diesel::joinable!(emails -> users (user_id));
diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(package_downloads -> packages (package_id));
diesel::joinable!(versions -> packages (package_id));
diesel::joinable!(versions -> users (published_by));
diesel::joinable!(default_versions -> packages (package_id));
diesel::joinable!(default_versions -> versions (version_id));
diesel::joinable!(dependencies -> versions (version_id));
diesel::joinable!(dependencies -> packages (package_id));
diesel::joinable!(package_owners -> packages (package_id));
diesel::joinable!(package_owners -> users (owner_id));
diesel::joinable!(package_owners -> teams (owner_id));
diesel::joinable!(packages_categories -> packages (package_id));
diesel::joinable!(packages_categories -> categories (category_id));
diesel::joinable!(packages_keywords -> packages (package_id));
diesel::joinable!(packages_keywords -> keywords (keyword_id));
diesel::joinable!(version_downloads -> versions (version_id));
diesel::joinable!(readme_renderings -> versions (version_id));
diesel::joinable!(trusted_publishers -> packages (package_id));
diesel::joinable!(follows -> packages (package_id));
diesel::joinable!(package_votes -> packages (package_id));
diesel::joinable!(comments -> packages (package_id));
diesel::joinable!(comments -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_tokens,
    badges,
    categories,
    comments,
    default_versions,
    deleted_packages,
    dependencies,
    emails,
    follows,
    keywords,
    package_downloads,
    package_owners,
    package_votes,
    packages,
    packages_categories,
    packages_keywords,
    readme_renderings,
    teams,
    trusted_publishers,
    users,
    version_downloads,
    versions,
);
