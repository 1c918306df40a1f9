//! What pages show: several models of one row of a query, and what it means to the person who reads.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;

use crate::links::models::*;
use crate::links::schema::*;

#[derive(Debug, Queryable, Selectable)]
#[diesel(check_for_backend(Pg))]
pub(crate) struct PostView {
    #[diesel(embed)]
    pub(crate) post: Post,
    #[diesel(embed)]
    pub(crate) creator: Person,
    #[diesel(embed)]
    pub(crate) community: Community,
    #[diesel(embed)]
    pub(crate) moderator: Option<CommunityModerator>,
    #[diesel(select_expression = post_saved::saved_at.nullable())]
    pub(crate) saved: Option<DateTime<Utc>>,
    #[diesel(select_expression = post_read::post_id.nullable().is_not_null())]
    pub(crate) read: bool,
    #[diesel(select_expression = post_vote::score.nullable())]
    pub(crate) my_vote: Option<i16>,
    #[diesel(select_expression = community_follow::state.nullable())]
    pub(crate) subscribed: Option<FollowState>,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(check_for_backend(Pg))]
pub(crate) struct CommentView {
    #[diesel(embed)]
    pub(crate) comment: Comment,
    #[diesel(embed)]
    pub(crate) creator: Person,
    #[diesel(embed)]
    pub(crate) post: Post,
    #[diesel(embed)]
    pub(crate) vote: Option<CommentVote>,
    #[diesel(select_expression = path_depth(comment::path))]
    pub(crate) depth: i32,
    #[diesel(select_expression = comment::creator_id.eq(post::creator_id))]
    pub(crate) by_author: bool,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(check_for_backend(Pg))]
pub(crate) struct CommunityView {
    #[diesel(embed)]
    pub(crate) community: Community,
    #[diesel(embed)]
    pub(crate) instance: Instance,
    #[diesel(embed)]
    pub(crate) follow: Option<CommunityFollow>,
    #[diesel(select_expression = instance_block::person_id.nullable().is_not_null())]
    pub(crate) blocked: bool,
}

#[derive(Debug)]
pub(crate) struct ReportView {
    pub(crate) report: PostReport,
    pub(crate) post: Post,
    pub(crate) community: Community,
    pub(crate) creator: Person,
    pub(crate) author: Person,
    pub(crate) resolver: Option<Person>,
}

#[derive(Debug)]
pub(crate) struct MessageView {
    pub(crate) message: PrivateMessage,
    pub(crate) creator: Person,
    pub(crate) recipient: Person,
}

#[derive(Debug)]
pub(crate) struct NotificationView {
    pub(crate) notification: Notification,
    pub(crate) comment: Option<(Comment, Post)>,
    pub(crate) message: Option<PrivateMessage>,
}
