//! Persons, the site, and what belongs to them.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) async fn person_view(
    conn: &mut AsyncPgConnection,
    name: &str,
    domain: &str,
) -> QueryResult<Option<(Arc<Person>, Arc<Instance>)>> {
    person::table
        .inner_join(instance::table)
        .filter(person::name.eq(name).and(instance::domain.eq(domain)))
        .select((Person::as_select(), Instance::as_select()))
        .mapped()
        .first(conn)
        .await
        .optional()
}

pub(crate) async fn admins(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Arc<Person>>> {
    Person::cached()
        .filter(person::admin.eq(true).and(person::deleted.eq(false)))
        .order(person::id)
        .get_results(conn)
        .await
}

pub(crate) async fn site_view(
    conn: &mut AsyncPgConnection,
) -> QueryResult<(Arc<Site>, Arc<Instance>, Vec<Arc<Language>>)> {
    let (site, instance) = Site::cached().with::<Instance>().first(conn).await?;
    let languages = Language::cached().order(language::id).load(conn).await?;
    Ok((site, instance, languages))
}

pub(crate) async fn settings_of(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<Arc<PersonSetting>>> {
    PersonSetting::cached()
        .filter(person_setting::person_id.eq(me))
        .order(person_setting::name)
        .load(conn)
        .await
}

pub(crate) async fn setting(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    name: SettingName,
) -> QueryResult<Option<Arc<PersonSetting>>> {
    PersonSetting::cached()
        .find((me, name))
        .first(conn)
        .await
        .optional()
}

/// Whom and which instances a person does not want to see.
pub(crate) async fn blocks_of(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<(Vec<Arc<Person>>, Vec<Arc<Instance>>)> {
    let persons = person_block::table
        .inner_join(person::table)
        .filter(person_block::person_id.eq(me))
        .order(person::name)
        .select(Person::as_select())
        .mapped()
        .load(conn)
        .await?;
    let instances = instance_block::table
        .inner_join(instance::table)
        .filter(instance_block::person_id.eq(me))
        .order(instance::domain)
        .select(Instance::as_select())
        .mapped()
        .load(conn)
        .await?;
    Ok((persons, instances))
}

pub(crate) async fn rate_limit(
    conn: &mut AsyncPgConnection,
    action: RateAction,
) -> QueryResult<Arc<RateLimit>> {
    RateLimit::cached().find(action).first(conn).await
}

pub(crate) async fn rate_limits(
    conn: &mut AsyncPgConnection,
    actions: &[RateAction],
) -> QueryResult<Vec<Arc<RateLimit>>> {
    let limits = RateLimit::cached().find_many(actions.to_vec());
    let mut limits: Vec<_> = limits.load(conn).await?.into_iter().flatten().collect();
    limits.sort_by_key(|limit| limit.action);
    Ok(limits)
}

/// Applications that no admin has answered.
pub(crate) async fn open_applications(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Arc<RegistrationApplication>, Arc<Person>)>> {
    RegistrationApplication::cached()
        .filter(registration_application::admin_id.is_null())
        .order(registration_application::id.desc())
        .with::<Person>()
        .load(conn)
        .await
}

/// Each instance, and how far it has been told.
pub(crate) async fn linked_instances(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Arc<Instance>, Option<Arc<DeliveryState>>)>> {
    instance::table
        .left_join(delivery_state::table)
        .order(instance::domain)
        .select((Instance::as_select(), Option::<DeliveryState>::as_select()))
        .mapped()
        .load(conn)
        .await
}

pub(crate) async fn images_of(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<Arc<Image>>> {
    Image::cached()
        .filter(image::person_id.eq(me))
        .order(image::alias.desc())
        .load(conn)
        .await
}

pub(crate) async fn image(
    conn: &mut AsyncPgConnection,
    alias: &ImageAlias,
) -> QueryResult<Option<Arc<Image>>> {
    Image::cached().find(alias).first(conn).await.optional()
}

pub(crate) async fn instance_or_new(
    conn: &mut AsyncPgConnection,
    domain: &str,
) -> QueryResult<Arc<Instance>> {
    let by_domain = Instance::cached().filter(instance::domain.eq(domain));
    if let Some(instance) = by_domain.clone().first(conn).await.optional()? {
        return Ok(instance);
    }
    // Another request may have made it meanwhile.
    // wants: upsert through the manager
    diesel::insert_into(instance::table)
        .values(instance::domain.eq(domain))
        .on_conflict(instance::domain)
        .do_update()
        .set(instance::domain.eq(domain))
        .execute(conn)
        .await?;
    by_domain.first(conn).await
}

/// A person as another instance tells of it, who may be known already.
pub(crate) async fn upsert_person(
    conn: &mut AsyncPgConnection,
    form: &PersonInsert,
) -> QueryResult<Arc<Person>> {
    // wants: upsert through the manager
    diesel::insert_into(person::table)
        .values(form)
        .on_conflict(person::actor_url)
        .do_update()
        .set(form)
        .execute(conn)
        .await?;
    Person::cached()
        .filter(person::actor_url.eq(&form.actor_url))
        .first(conn)
        .await
}

pub(crate) async fn set_setting(
    conn: &mut AsyncPgConnection,
    form: &PersonSetting,
) -> QueryResult<Arc<PersonSetting>> {
    // wants: upsert through the manager
    diesel::insert_into(person_setting::table)
        .values(form)
        .on_conflict((person_setting::person_id, person_setting::name))
        .do_update()
        .set(person_setting::value.eq(&form.value))
        .execute(conn)
        .await?;
    PersonSetting::cached().find(form.key()).first(conn).await
}

pub(crate) async fn set_rate_limit(
    conn: &mut AsyncPgConnection,
    action: RateAction,
    max_requests: i32,
) -> QueryResult<Arc<RateLimit>> {
    // wants: update by key without loading
    let limit = RateLimit::cached().find(action).first(conn).await?;
    RateLimit::cached()
        .update(&limit, rate_limit::max_requests.eq(max_requests), conn)
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
    // wants: upsert through the manager
    diesel::insert_into(instance_block::table)
        .values(block)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    let communities = community::table
        .filter(community::instance_id.eq(instance))
        .select(community::id);
    CommunityFollow::cached()
        .filter(community_follow::person_id.eq(me))
        .filter(community_follow::community_id.eq_any(communities))
        .delete_all(conn)
        .await
}
