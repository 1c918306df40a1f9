//! What a reader asks for.

use super::models::{CommunityId, PersonId, Post};

#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum PostSort {
    #[default]
    New,
    Top,
    Hot,
}

/// Which posts, in which order, and behind which.
#[derive(Debug, Clone, Default)]
pub(crate) struct PostQuery {
    pub(crate) community: Option<CommunityId>,
    pub(crate) creator: Option<PersonId>,
    pub(crate) words: Option<String>,
    pub(crate) subscribed: bool,
    pub(crate) saved: bool,
    pub(crate) unread: bool,
    pub(crate) featured_first: bool,
    pub(crate) sort: PostSort,
    pub(crate) after: Option<Post>,
    pub(crate) limit: i64,
}
