//! Posts and comments, and what persons think of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::keys::*;
use super::{Community, Language, Person, Tag};
use crate::links::schema::{
    comment, comment_vote, community, hot_rank, person, post, post_read, post_report, post_saved,
    post_tag, post_vote,
};

#[cfg_attr(
    all(),
    derive(
        Queryable,
        Selectable,
        Identifiable,
        Associations,
        AsChangeset,
        IdentityMapped
    )
)]
#[cfg_attr(all(), diesel(table_name = post, belongs_to(Person, foreign_key = creator_id), belongs_to(Community), belongs_to(Language), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Post {
    pub(crate) id: PostId,
    pub(crate) creator_id: PersonId,
    pub(crate) community_id: CommunityId,
    pub(crate) language_id: LanguageId,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) removed: bool,
    pub(crate) deleted: bool,
    pub(crate) locked: bool,
    pub(crate) featured: bool,
    pub(crate) score: i32,
    pub(crate) upvotes: i32,
    pub(crate) downvotes: i32,
    pub(crate) comments: i32,
    pub(crate) reports: i32,
    pub(crate) published: DateTime<Utc>,
    pub(crate) newest_comment: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = post)]
pub(crate) struct PostInsert {
    pub(crate) creator_id: PersonId,
    pub(crate) community_id: CommunityId,
    pub(crate) language_id: Option<LanguageId>,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) published: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = post)]
pub(crate) struct PostUpdate {
    pub(crate) title: Option<String>,
    pub(crate) url: Option<Option<String>>,
    pub(crate) body: Option<Option<String>>,
    pub(crate) removed: Option<bool>,
    pub(crate) deleted: Option<bool>,
    pub(crate) locked: Option<bool>,
    pub(crate) featured: Option<bool>,
}

#[cfg_attr(
    all(),
    derive(
        Queryable,
        Selectable,
        Identifiable,
        Associations,
        Insertable,
        IdentityMapped
    )
)]
#[cfg_attr(all(), diesel(table_name = post_tag, primary_key(post_id, tag_id), belongs_to(Post), belongs_to(Tag), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PostTag {
    pub(crate) post_id: PostId,
    pub(crate) tag_id: TagId,
}

#[cfg_attr(
    all(),
    derive(
        Queryable,
        Selectable,
        Identifiable,
        Associations,
        Insertable,
        IdentityMapped
    )
)]
#[cfg_attr(all(), diesel(table_name = post_vote, primary_key(person_id, post_id), belongs_to(Person), belongs_to(Post), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PostVote {
    pub(crate) person_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) score: i16,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = post_saved, primary_key(person_id, post_id), belongs_to(Person), belongs_to(Post), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PostSaved {
    pub(crate) person_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) saved_at: DateTime<Utc>,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = post_read, primary_key(person_id, post_id), belongs_to(Person), belongs_to(Post), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PostRead {
    pub(crate) person_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) comments_seen: i32,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = post_report, belongs_to(Person, foreign_key = creator_id), belongs_to(Post), check_for_backend(diesel::pg::Pg)))]
#[cfg_attr(all(), identity_map(belongs_to(Person, foreign_key = resolver_id, name = PostReportResolver)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PostReport {
    pub(crate) id: PostReportId,
    pub(crate) creator_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) reason: String,
    pub(crate) resolved: bool,
    pub(crate) resolver_id: Option<PersonId>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = post_report)]
pub(crate) struct PostReportInsert {
    pub(crate) creator_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = post_report)]
pub(crate) struct PostReportUpdate {
    pub(crate) resolved: Option<bool>,
    pub(crate) resolver_id: Option<Option<PersonId>>,
}

#[cfg_attr(
    all(),
    derive(
        Queryable,
        Selectable,
        Identifiable,
        Associations,
        AsChangeset,
        IdentityMapped
    )
)]
#[cfg_attr(all(), diesel(table_name = comment, belongs_to(Person, foreign_key = creator_id), belongs_to(Post), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comment {
    pub(crate) id: CommentId,
    pub(crate) creator_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) path: CommentPath,
    pub(crate) content: String,
    pub(crate) removed: bool,
    pub(crate) deleted: bool,
    pub(crate) score: i32,
    pub(crate) children: i32,
    pub(crate) published: DateTime<Utc>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = comment)]
pub(crate) struct CommentInsert {
    pub(crate) creator_id: PersonId,
    pub(crate) post_id: PostId,
    pub(crate) path: Option<CommentPath>,
    pub(crate) content: String,
    pub(crate) published: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = comment)]
pub(crate) struct CommentUpdate {
    pub(crate) path: Option<CommentPath>,
    pub(crate) content: Option<String>,
    pub(crate) removed: Option<bool>,
    pub(crate) deleted: Option<bool>,
}

#[cfg_attr(
    all(),
    derive(
        Queryable,
        Selectable,
        Identifiable,
        Associations,
        Insertable,
        IdentityMapped
    )
)]
#[cfg_attr(all(), diesel(table_name = comment_vote, primary_key(person_id, comment_id), belongs_to(Person), belongs_to(Comment), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommentVote {
    pub(crate) person_id: PersonId,
    pub(crate) comment_id: CommentId,
    pub(crate) score: i16,
}

/// A line of a community's page: a post, the names beside it, and its rank.
#[derive(HasQuery, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = post, check_for_backend(diesel::pg::Pg))]
#[diesel(base_query = post::table.inner_join(person::table).inner_join(community::table)
    .filter(post::deleted.eq(false).and(post::removed.eq(false))))]
pub(crate) struct PostSummary {
    pub(crate) id: PostId,
    pub(crate) title: String,
    pub(crate) comments: i32,
    #[diesel(select_expression = person::name)]
    pub(crate) creator: String,
    #[diesel(select_expression = community::name)]
    pub(crate) community: String,
    #[diesel(select_expression = community::subscribers)]
    pub(crate) subscribers: i64,
    #[diesel(select_expression = hot_rank(post::score, post::published))]
    pub(crate) rank: f64,
}
