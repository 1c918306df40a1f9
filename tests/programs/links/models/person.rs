//! Persons, their instance, and what belongs to them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::keys::*;
use crate::links::schema::{
    image, instance, instance_block, language, person, person_block, person_setting, rate_limit,
    registration_application, site,
};

#[cfg_attr(all(), derive(Queryable, Selectable, Identifiable, IdentityMapped))]
#[cfg_attr(all(), diesel(table_name = language, check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Language {
    pub(crate) id: LanguageId,
    pub(crate) code: String,
}

#[cfg_attr(all(), derive(Queryable, Selectable, Identifiable, IdentityMapped))]
#[cfg_attr(all(), diesel(table_name = instance, check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    pub(crate) domain: String,
    pub(crate) software: Option<String>,
    pub(crate) published: DateTime<Utc>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = instance)]
pub(crate) struct InstanceInsert {
    pub(crate) domain: String,
    pub(crate) software: Option<String>,
    pub(crate) published: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = instance)]
pub(crate) struct InstanceUpdate {
    pub(crate) software: Option<Option<String>>,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = site, belongs_to(Instance), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Site {
    pub(crate) id: SiteId,
    pub(crate) instance_id: InstanceId,
    pub(crate) name: String,
    pub(crate) sidebar: Option<String>,
    pub(crate) people: i64,
    pub(crate) communities: i64,
    pub(crate) posts: i64,
    pub(crate) comments: i64,
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
#[cfg_attr(all(), diesel(table_name = person, belongs_to(Instance), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) id: PersonId,
    pub(crate) instance_id: InstanceId,
    pub(crate) name: String,
    pub(crate) actor_url: String,
    pub(crate) bio: Option<String>,
    pub(crate) admin: bool,
    pub(crate) banned: bool,
    pub(crate) deleted: bool,
    pub(crate) posts: i32,
    pub(crate) post_score: i32,
    pub(crate) comments: i32,
    pub(crate) comment_score: i32,
    pub(crate) updated: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = person)]
pub(crate) struct PersonInsert {
    pub(crate) instance_id: InstanceId,
    pub(crate) name: String,
    pub(crate) actor_url: String,
    pub(crate) bio: Option<String>,
    pub(crate) admin: Option<bool>,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = person)]
pub(crate) struct PersonUpdate {
    pub(crate) name: Option<String>,
    pub(crate) bio: Option<Option<String>>,
    pub(crate) admin: Option<bool>,
    pub(crate) banned: Option<bool>,
    pub(crate) deleted: Option<bool>,
    pub(crate) updated: Option<Option<DateTime<Utc>>>,
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
#[cfg_attr(all(), diesel(table_name = person_setting, primary_key(person_id, name), belongs_to(Person), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PersonSetting {
    pub(crate) person_id: PersonId,
    pub(crate) name: SettingName,
    pub(crate) value: String,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = registration_application, belongs_to(Person), check_for_backend(diesel::pg::Pg)))]
#[cfg_attr(all(), identity_map(belongs_to(Person, foreign_key = admin_id, name = RegistrationApplicationAdmin)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RegistrationApplication {
    pub(crate) id: RegistrationApplicationId,
    pub(crate) person_id: PersonId,
    pub(crate) answer: String,
    pub(crate) admin_id: Option<PersonId>,
    pub(crate) deny_reason: Option<String>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = registration_application)]
pub(crate) struct RegistrationApplicationInsert {
    pub(crate) person_id: PersonId,
    pub(crate) answer: String,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = registration_application)]
pub(crate) struct RegistrationApplicationUpdate {
    pub(crate) admin_id: Option<Option<PersonId>>,
    pub(crate) deny_reason: Option<Option<String>>,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = image, primary_key(alias), belongs_to(Person), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Image {
    pub(crate) alias: ImageAlias,
    pub(crate) person_id: Option<PersonId>,
    pub(crate) bytes: i32,
}

#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Insertable, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = rate_limit, primary_key(action), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RateLimit {
    pub(crate) action: RateAction,
    pub(crate) max_requests: i32,
    pub(crate) seconds: i32,
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
#[cfg_attr(all(), diesel(table_name = person_block, primary_key(person_id, target_id), belongs_to(Person, foreign_key = target_id), check_for_backend(diesel::pg::Pg)))]
#[cfg_attr(all(), identity_map(belongs_to(Person, foreign_key = person_id, name = PersonBlockPerson)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PersonBlock {
    pub(crate) person_id: PersonId,
    pub(crate) target_id: PersonId,
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
#[cfg_attr(all(), diesel(table_name = instance_block, primary_key(person_id, instance_id), belongs_to(Person), belongs_to(Instance), check_for_backend(diesel::pg::Pg)))]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InstanceBlock {
    pub(crate) person_id: PersonId,
    pub(crate) instance_id: InstanceId,
}
