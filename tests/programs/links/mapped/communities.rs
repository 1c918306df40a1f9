//! Communities and who follows them.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::views::CommunityView;
use crate::links::models::*;
use crate::links::schema::*;

/// Communities whose name begins so, those with most subscribers first.
pub(crate) async fn list_communities(
    conn: &mut AsyncPgConnection,
    begin: Option<&str>,
    local: bool,
    me: PersonId,
) -> QueryResult<Vec<CommunityView>> {
    let mut communities = community::table
        .inner_join(instance::table)
        .left_join(
            community_follow::table.on(community_follow::community_id
                .eq(community::id)
                .and(community_follow::person_id.eq(me))),
        )
        .left_join(
            instance_block::table.on(instance_block::instance_id
                .eq(instance::id)
                .and(instance_block::person_id.eq(me))),
        )
        .filter(
            community::deleted
                .eq(false)
                .and(community::removed.eq(false)),
        )
        .order((community::subscribers.desc(), community::id))
        .select((
            Community::as_select(),
            Instance::as_select(),
            Option::<CommunityFollow>::as_select(),
            Option::<InstanceBlock>::as_select(),
        ))
        .into_boxed::<Pg>();
    if let Some(begin) = begin {
        communities = communities.filter(community::name.like(format!("{begin}%")));
    }
    if local {
        let visible = [Visibility::Public, Visibility::Local];
        communities = communities
            .filter(community::visibility.eq_any(visible))
            .filter(community::instance_id.eq(InstanceId(1)));
    }
    let rows = communities.mapped().load(conn).await?;
    Ok(rows.into_iter().map(CommunityView::from).collect())
}

pub(crate) async fn followed(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<(Arc<CommunityFollow>, Arc<Community>)>> {
    CommunityFollow::cached()
        .inner_join(community::table)
        .filter(community_follow::person_id.eq(me))
        .filter(community_follow::state.ne(FollowState::Pending))
        .order(community::name)
        .with::<Community>()
        .load(conn)
        .await
}

pub(crate) async fn moderators(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
) -> QueryResult<Vec<(Arc<CommunityModerator>, Arc<Person>)>> {
    CommunityModerator::cached()
        .filter(community_moderator::community_id.eq(community))
        .order(community_moderator::rank)
        .with::<Person>()
        .load(conn)
        .await
}

pub(crate) async fn languages_of(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
) -> QueryResult<Vec<Arc<Language>>> {
    let ids = community_language::table
        .filter(community_language::community_id.eq(community))
        .select(community_language::language_id);
    Language::cached()
        .filter(language::id.eq_any(ids))
        .order(language::code)
        .load(conn)
        .await
}

/// Every community with its tags; the tags in the order of their names.
pub(crate) async fn communities_with_tags(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Arc<Community>, Vec<Arc<Tag>>)>> {
    Community::cached()
        .order(community::id)
        .with_children_from(Tag::cached().order((tag::name, tag::id)))
        .load(conn)
        .await
}

pub(crate) async fn follow(
    conn: &mut AsyncPgConnection,
    form: &CommunityFollow,
) -> QueryResult<Arc<CommunityFollow>> {
    // wants: upsert through the manager
    diesel::insert_into(community_follow::table)
        .values(form)
        .on_conflict((community_follow::person_id, community_follow::community_id))
        .do_update()
        .set(community_follow::state.eq(form.state))
        .execute(conn)
        .await?;
    CommunityFollow::cached().find(form.key()).first(conn).await
}

/// Accepts whoever waits for it.
pub(crate) async fn accept_followers(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
    by: PersonId,
) -> QueryResult<usize> {
    CommunityFollow::cached()
        .filter(community_follow::community_id.eq(community))
        .filter(community_follow::state.eq(FollowState::Approval))
        .update_all(
            (
                community_follow::state.eq(FollowState::Accepted),
                community_follow::approver_id.eq(by),
            ),
            conn,
        )
        .await
}

pub(crate) async fn unfollow(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    community: CommunityId,
) -> QueryResult<usize> {
    CommunityFollow::cached()
        .find((me, community))
        .delete_all(conn)
        .await
}

/// Makes a person the first moderator of a community, before all others.
pub(crate) async fn hand_over(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
    to: PersonId,
) -> QueryResult<Vec<Arc<CommunityModerator>>> {
    conn.build_transaction()
        .run(async |conn| {
            CommunityModerator::cached()
                .filter(community_moderator::community_id.eq(community))
                .update_all(
                    community_moderator::rank.eq(community_moderator::rank + 1),
                    conn,
                )
                .await?;
            let first = CommunityModerator {
                community_id: community,
                person_id: to,
                rank: 1,
            };
            // wants: upsert through the manager
            diesel::insert_into(community_moderator::table)
                .values(first)
                .on_conflict((
                    community_moderator::community_id,
                    community_moderator::person_id,
                ))
                .do_update()
                .set(community_moderator::rank.eq(1))
                .execute(conn)
                .await?;
            CommunityModerator::cached()
                .filter(community_moderator::community_id.eq(community))
                .order((community_moderator::rank, community_moderator::person_id))
                .load(conn)
                .await
        })
        .await
}

/// Gives a community exactly these languages.
pub(crate) async fn set_languages(
    conn: &mut AsyncPgConnection,
    community: CommunityId,
    languages: &[LanguageId],
) -> QueryResult<usize> {
    conn.build_transaction()
        .run(async |conn| {
            CommunityLanguage::cached()
                .filter(community_language::community_id.eq(community))
                .filter(community_language::language_id.ne_all(languages))
                .delete_all(conn)
                .await?;
            let rows: Vec<CommunityLanguage> = languages
                .iter()
                .map(|&language_id| CommunityLanguage {
                    community_id: community,
                    language_id,
                })
                .collect();
            // wants: upsert through the manager
            diesel::insert_into(community_language::table)
                .values(rows)
                .on_conflict_do_nothing()
                .execute(conn)
                .await
        })
        .await
}
