//! The models. Only a comment says to what it belongs.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;

#[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = person)]
pub(super) struct Person {
    pub(super) id: i32,
    pub(super) name: String,
    pub(super) bio: String,
    pub(super) banned: bool,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = person_aggregates, primary_key(person_id))]
pub(super) struct PersonAggregates {
    pub(super) person_id: i32,
    pub(super) score: i32,
    pub(super) posts: i32,
    pub(super) comments: i32,
    pub(super) saved: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = community)]
pub(super) struct Community {
    pub(super) id: i32,
    pub(super) creator_id: Option<i32>,
    pub(super) name: String,
    pub(super) posts: i32,
    pub(super) comments: i32,
    pub(super) subscribers: i32,
    pub(super) activity: i32,
}

#[derive(Queryable, Selectable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = post)]
pub(super) struct Post {
    pub(super) id: i32,
    pub(super) person_id: i32,
    pub(super) community_id: i32,
    pub(super) title: String,
    pub(super) removed: bool,
    pub(super) score: i32,
    pub(super) comments: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = comment, belongs_to(Post))]
pub(super) struct Comment {
    pub(super) id: i32,
    pub(super) post_id: i32,
    pub(super) person_id: i32,
    pub(super) parent_id: Option<i32>,
    pub(super) body: String,
    pub(super) deleted: bool,
    pub(super) score: i32,
    pub(super) replies: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = post_vote, primary_key(person_id, post_id))]
pub(super) struct PostVote {
    pub(super) person_id: i32,
    pub(super) post_id: i32,
    pub(super) vote: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = comment_vote, primary_key(person_id, comment_id))]
pub(super) struct CommentVote {
    pub(super) person_id: i32,
    pub(super) comment_id: i32,
    pub(super) vote: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = follow, primary_key(person_id, community_id))]
pub(super) struct Follow {
    pub(super) person_id: i32,
    pub(super) community_id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = saved_post, primary_key(person_id, post_id))]
pub(super) struct SavedPost {
    pub(super) person_id: i32,
    pub(super) post_id: i32,
}

/// What a person has not read yet: a trigger puts it there.
#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = inbox, primary_key(comment_id))]
pub(super) struct Inbox {
    pub(super) comment_id: i32,
    pub(super) person_id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = site)]
pub(super) struct Site {
    pub(super) id: i32,
    pub(super) people: i32,
    pub(super) communities: i32,
    pub(super) posts: i32,
    pub(super) comments: i32,
    pub(super) follows: i32,
}

/// A row of the front page, which is a view of three tables.
#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = front_page)]
pub(super) struct FrontPage {
    pub(super) id: i32,
    pub(super) title: String,
    pub(super) score: i32,
    pub(super) community: String,
    pub(super) activity: i32,
    pub(super) author: String,
}

/// A post with its author's name and score.
#[derive(HasQuery, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = post)]
#[diesel(base_query = post::table.inner_join(person::table.on(person::id.eq(post::person_id)))
    .inner_join(person_aggregates::table.on(person_aggregates::person_id.eq(post::person_id))))]
pub(super) struct Signed {
    pub(super) id: i32,
    #[diesel(select_expression = person::name)]
    pub(super) author: String,
    #[diesel(select_expression = person_aggregates::score)]
    pub(super) score: i32,
}

/// All objects that were ever loaded.
#[derive(Default)]
pub(super) struct Held {
    pub(super) person: Vec<Arc<Person>>,
    pub(super) person_aggregates: Vec<Arc<PersonAggregates>>,
    pub(super) community: Vec<Arc<Community>>,
    pub(super) post: Vec<Arc<Post>>,
    pub(super) comment: Vec<Arc<Comment>>,
    pub(super) post_vote: Vec<Arc<PostVote>>,
    pub(super) comment_vote: Vec<Arc<CommentVote>>,
    pub(super) follow: Vec<Arc<Follow>>,
    pub(super) saved_post: Vec<Arc<SavedPost>>,
    pub(super) inbox: Vec<Arc<Inbox>>,
    pub(super) site: Vec<Arc<Site>>,
    pub(super) front_page: Vec<Arc<FrontPage>>,
    pub(super) signed: Vec<Arc<Signed>>,
}
