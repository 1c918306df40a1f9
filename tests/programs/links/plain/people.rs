//! Persons, the site, and what belongs to them.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) async fn person_view(
    conn: &mut AsyncPgConnection,
    name: &str,
    domain: &str,
) -> QueryResult<Option<(Person, Instance)>> {
    person::table
        .inner_join(instance::table)
        .filter(person::name.eq(name).and(instance::domain.eq(domain)))
        .select((Person::as_select(), Instance::as_select()))
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn admins(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Person>> {
    person::table
        .filter(person::admin.eq(true).and(person::deleted.eq(false)))
        .order(person::id)
        .select(Person::as_select())
        .get_results(conn)
        .await
}

pub(crate) async fn site_view(
    conn: &mut AsyncPgConnection,
) -> QueryResult<(Site, Instance, Vec<Language>)> {
    let (site, instance) = site::table
        .inner_join(instance::table)
        .select((Site::as_select(), Instance::as_select()))
        .first(conn)
        .await?;
    let languages = language::table
        .order(language::id)
        .select(Language::as_select())
        .load(conn)
        .await?;
    Ok((site, instance, languages))
}

pub(crate) async fn settings_of(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<PersonSetting>> {
    person_setting::table
        .filter(person_setting::person_id.eq(me))
        .order(person_setting::name)
        .select(PersonSetting::as_select())
        .load(conn)
        .await
}

pub(crate) async fn setting(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    name: SettingName,
) -> QueryResult<Option<PersonSetting>> {
    person_setting::table
        .find((me, name))
        .select(PersonSetting::as_select())
        .first(conn)
        .await
        .optional()
}

/// Whom and which instances a person does not want to see.
pub(crate) async fn blocks_of(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<(Vec<Person>, Vec<Instance>)> {
    let persons = person_block::table
        .inner_join(person::table)
        .filter(person_block::person_id.eq(me))
        .order(person::name)
        .select(Person::as_select())
        .load(conn)
        .await?;
    let instances = instance_block::table
        .inner_join(instance::table)
        .filter(instance_block::person_id.eq(me))
        .order(instance::domain)
        .select(Instance::as_select())
        .load(conn)
        .await?;
    Ok((persons, instances))
}

pub(crate) async fn rate_limit(
    conn: &mut AsyncPgConnection,
    action: RateAction,
) -> QueryResult<RateLimit> {
    rate_limit::table
        .find(action)
        .select(RateLimit::as_select())
        .first(conn)
        .await
}

pub(crate) async fn rate_limits(
    conn: &mut AsyncPgConnection,
    actions: &[RateAction],
) -> QueryResult<Vec<RateLimit>> {
    rate_limit::table
        .filter(rate_limit::action.eq_any(actions))
        .order(rate_limit::action)
        .select(RateLimit::as_select())
        .load(conn)
        .await
}

/// Applications that no admin has answered.
pub(crate) async fn open_applications(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(RegistrationApplication, Person)>> {
    registration_application::table
        .inner_join(person::table)
        .filter(registration_application::admin_id.is_null())
        .order(registration_application::id.desc())
        .select((RegistrationApplication::as_select(), Person::as_select()))
        .load(conn)
        .await
}

/// Each instance, and how far it has been told.
pub(crate) async fn linked_instances(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Instance, Option<DeliveryState>)>> {
    instance::table
        .left_join(delivery_state::table)
        .order(instance::domain)
        .select((Instance::as_select(), Option::<DeliveryState>::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn images_of(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<Image>> {
    image::table
        .filter(image::person_id.eq(me))
        .order(image::alias.desc())
        .select(Image::as_select())
        .load(conn)
        .await
}

pub(crate) async fn image(
    conn: &mut AsyncPgConnection,
    alias: &ImageAlias,
) -> QueryResult<Option<Image>> {
    image::table
        .find(alias)
        .select(Image::as_select())
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn instance_or_new(
    conn: &mut AsyncPgConnection,
    domain: &str,
) -> QueryResult<Instance> {
    let known = instance::table
        .filter(instance::domain.eq(domain))
        .select(Instance::as_select())
        .first(conn)
        .await
        .optional()?;
    if let Some(instance) = known {
        return Ok(instance);
    }
    // Another request may have made it meanwhile.
    diesel::insert_into(instance::table)
        .values(instance::domain.eq(domain))
        .on_conflict(instance::domain)
        .do_update()
        .set(instance::domain.eq(domain))
        .returning(Instance::as_returning())
        .get_result(conn)
        .await
}

/// A person as another instance tells of it, who may be known already.
pub(crate) async fn upsert_person(
    conn: &mut AsyncPgConnection,
    form: &PersonInsert,
) -> QueryResult<Person> {
    diesel::insert_into(person::table)
        .values(form)
        .on_conflict(person::actor_url)
        .do_update()
        .set(form)
        .returning(Person::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn set_setting(
    conn: &mut AsyncPgConnection,
    form: &PersonSetting,
) -> QueryResult<PersonSetting> {
    diesel::insert_into(person_setting::table)
        .values(form)
        .on_conflict((person_setting::person_id, person_setting::name))
        .do_update()
        .set(person_setting::value.eq(&form.value))
        .returning(PersonSetting::as_returning())
        .get_result(conn)
        .await
}

pub(crate) async fn set_rate_limit(
    conn: &mut AsyncPgConnection,
    action: RateAction,
    max_requests: i32,
) -> QueryResult<RateLimit> {
    diesel::update(rate_limit::table.find(action))
        .set(rate_limit::max_requests.eq(max_requests))
        .returning(RateLimit::as_returning())
        .get_result(conn)
        .await
}

/// Does not show an instance any more, and follows nothing of it.
pub(crate) async fn block_instance(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    instance: InstanceId,
) -> QueryResult<usize> {
    let block = InstanceBlock {
        person_id: me,
        instance_id: instance,
    };
    diesel::insert_into(instance_block::table)
        .values(block)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    let communities = community::table
        .filter(community::instance_id.eq(instance))
        .select(community::id);
    let follows = community_follow::table
        .filter(community_follow::person_id.eq(me))
        .filter(community_follow::community_id.eq_any(communities));
    diesel::delete(follows).execute(conn).await
}
