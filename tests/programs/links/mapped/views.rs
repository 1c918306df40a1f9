//! The views of pages, with shared objects for models.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::links::models::*;

// wants: view structs by a derive
#[derive(Debug)]
pub(crate) struct PostView {
    pub(crate) post: Arc<Post>,
    pub(crate) creator: Arc<Person>,
    pub(crate) community: Arc<Community>,
    pub(crate) moderator: Option<Arc<CommunityModerator>>,
    pub(crate) saved: Option<DateTime<Utc>>,
    pub(crate) read: bool,
    pub(crate) my_vote: Option<i16>,
    pub(crate) subscribed: Option<FollowState>,
}

/// A row of the query behind a [`PostView`].
pub(crate) type PostRow = (
    (
        Arc<Post>,
        Arc<Person>,
        Arc<Community>,
        Option<Arc<CommunityModerator>>,
    ),
    Option<Arc<PostSaved>>,
    Option<Arc<PostRead>>,
    Option<Arc<PostVote>>,
    Option<Arc<CommunityFollow>>,
);

impl From<PostRow> for PostView {
    fn from((models, saved, read, vote, follow): PostRow) -> Self {
        let (post, creator, community, moderator) = models;
        Self {
            post,
            creator,
            community,
            moderator,
            saved: saved.map(|saved| saved.saved_at),
            read: read.is_some(),
            my_vote: vote.map(|vote| vote.score),
            subscribed: follow.map(|follow| follow.state),
        }
    }
}

#[derive(Debug)]
pub(crate) struct CommentView {
    pub(crate) comment: Arc<Comment>,
    pub(crate) creator: Arc<Person>,
    pub(crate) post: Arc<Post>,
    pub(crate) vote: Option<Arc<CommentVote>>,
    pub(crate) depth: i32,
    pub(crate) by_author: bool,
}

pub(crate) type CommentRow = (
    Arc<Comment>,
    Arc<Person>,
    Arc<Post>,
    Option<Arc<CommentVote>>,
);

impl From<CommentRow> for CommentView {
    fn from((comment, creator, post, vote): CommentRow) -> Self {
        // wants: `mapped()` of tuples with plain expressions beside models
        Self {
            depth: comment.path.ids().len() as i32,
            by_author: comment.creator_id == post.creator_id,
            comment,
            creator,
            post,
            vote,
        }
    }
}

#[derive(Debug)]
pub(crate) struct CommunityView {
    pub(crate) community: Arc<Community>,
    pub(crate) instance: Arc<Instance>,
    pub(crate) follow: Option<Arc<CommunityFollow>>,
    pub(crate) blocked: bool,
}

pub(crate) type CommunityRow = (
    Arc<Community>,
    Arc<Instance>,
    Option<Arc<CommunityFollow>>,
    Option<Arc<InstanceBlock>>,
);

impl From<CommunityRow> for CommunityView {
    fn from((community, instance, follow, block): CommunityRow) -> Self {
        Self {
            community,
            instance,
            follow,
            blocked: block.is_some(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct ReportView {
    pub(crate) report: Arc<PostReport>,
    pub(crate) post: Arc<Post>,
    pub(crate) community: Arc<Community>,
    pub(crate) creator: Arc<Person>,
    pub(crate) author: Arc<Person>,
    pub(crate) resolver: Option<Arc<Person>>,
}

#[derive(Debug)]
pub(crate) struct MessageView {
    pub(crate) message: Arc<PrivateMessage>,
    pub(crate) creator: Arc<Person>,
    pub(crate) recipient: Arc<Person>,
}

#[derive(Debug)]
pub(crate) struct NotificationView {
    pub(crate) notification: Arc<Notification>,
    pub(crate) comment: Option<(Arc<Comment>, Arc<Post>)>,
    pub(crate) message: Option<Arc<PrivateMessage>>,
}
