//! Messages, notifications, moderation, and what is sent to other instances.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::keys::*;
use super::{Comment, Instance, Person, Post};
use crate::links::schema::{
    delivery_state, moderation, notification, outgoing_activity, private_message,
};

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = private_message, belongs_to(Person, foreign_key = creator_id), check_for_backend(diesel::pg::Pg)))]
#[cfg_attr(all(), identity_map(belongs_to(Person, foreign_key = recipient_id, name = PrivateMessageRecipient)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PrivateMessage {
    pub(crate) id: PrivateMessageId,
    pub(crate) creator_id: PersonId,
    pub(crate) recipient_id: PersonId,
    pub(crate) content: String,
    pub(crate) deleted: bool,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = private_message)]
pub(crate) struct PrivateMessageInsert {
    pub(crate) creator_id: PersonId,
    pub(crate) recipient_id: PersonId,
    pub(crate) content: String,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = private_message)]
pub(crate) struct PrivateMessageUpdate {
    pub(crate) content: Option<String>,
    pub(crate) deleted: Option<bool>,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = notification, belongs_to(Person, foreign_key = recipient_id), belongs_to(Comment), belongs_to(PrivateMessage, foreign_key = message_id), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Notification {
    pub(crate) id: NotificationId,
    pub(crate) recipient_id: PersonId,
    pub(crate) kind: NotificationKind,
    pub(crate) comment_id: Option<CommentId>,
    pub(crate) message_id: Option<PrivateMessageId>,
    pub(crate) read: bool,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = moderation, belongs_to(Person, foreign_key = moderator_id), belongs_to(Post), check_for_backend(diesel::pg::Pg)))]
#[cfg_attr(all(), identity_map(belongs_to(Person, foreign_key = person_id, name = ModerationPerson)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moderation {
    pub(crate) id: ModerationId,
    pub(crate) moderator_id: Option<PersonId>,
    pub(crate) post_id: Option<PostId>,
    pub(crate) person_id: Option<PersonId>,
    pub(crate) action: String,
    pub(crate) reason: Option<String>,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = outgoing_activity, belongs_to(Instance), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutgoingActivity {
    pub(crate) id: ActivityId,
    pub(crate) instance_id: InstanceId,
    pub(crate) payload: String,
    pub(crate) state: ActivityState,
    pub(crate) attempts: i16,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = outgoing_activity)]
pub(crate) struct OutgoingActivityInsert {
    pub(crate) instance_id: InstanceId,
    pub(crate) payload: String,
    pub(crate) state: Option<ActivityState>,
    pub(crate) attempts: Option<i16>,
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
#[cfg_attr(all(), diesel(table_name = delivery_state, primary_key(instance_id), belongs_to(Instance), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeliveryState {
    pub(crate) instance_id: InstanceId,
    pub(crate) last_activity: Option<ActivityId>,
    pub(crate) failures: i32,
}
