//! Communities, who follows and who moderates them.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::keys::*;
use super::{Instance, Language, Person};
use crate::links::schema::{
    community, community_follow, community_language, community_moderator, tag,
};

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = community, belongs_to(Instance), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Community {
    pub(crate) id: CommunityId,
    pub(crate) instance_id: InstanceId,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    pub(crate) removed: bool,
    pub(crate) deleted: bool,
    pub(crate) subscribers: i64,
    pub(crate) posts: i64,
    pub(crate) comments: i64,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = community)]
pub(crate) struct CommunityInsert {
    pub(crate) instance_id: InstanceId,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) visibility: Option<Visibility>,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = community)]
pub(crate) struct CommunityUpdate {
    pub(crate) title: Option<String>,
    pub(crate) visibility: Option<Visibility>,
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
#[cfg_attr(all(), diesel(table_name = community_language, primary_key(community_id, language_id), belongs_to(Community), belongs_to(Language), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommunityLanguage {
    pub(crate) community_id: CommunityId,
    pub(crate) language_id: LanguageId,
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
#[cfg_attr(all(), diesel(table_name = community_follow, primary_key(person_id, community_id), belongs_to(Person), belongs_to(Community), check_for_backend(diesel::pg::Pg)))]
#[cfg_attr(all(), identity_map(belongs_to(Person, foreign_key = approver_id, name = CommunityFollowApprover)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommunityFollow {
    pub(crate) person_id: PersonId,
    pub(crate) community_id: CommunityId,
    pub(crate) state: FollowState,
    pub(crate) approver_id: Option<PersonId>,
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
#[cfg_attr(all(), diesel(table_name = community_moderator, primary_key(community_id, person_id), belongs_to(Community), belongs_to(Person), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommunityModerator {
    pub(crate) community_id: CommunityId,
    pub(crate) person_id: PersonId,
    pub(crate) rank: i32,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = tag, belongs_to(Community), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tag {
    pub(crate) id: TagId,
    pub(crate) community_id: CommunityId,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = tag)]
pub(crate) struct TagInsert {
    pub(crate) community_id: CommunityId,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = tag)]
pub(crate) struct TagUpdate {
    pub(crate) name: Option<String>,
}
