//! What moderators and admins do.

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;

use super::crud::Crud;
use crate::links::models::*;
use crate::links::schema::*;

/// Takes a post away, says so in the log, and resolves the reports on it.
pub(crate) async fn remove_post(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    post: PostId,
    reason: &str,
) -> QueryResult<(Arc<Post>, Arc<Moderation>, usize)> {
    conn.build_transaction()
        .run(async |conn| {
            // wants: update by key without loading
            let removed = Post::cached().find(post).first(conn).await?;
            let removed = Post::cached()
                .update(&removed, post::removed.eq(true), conn)
                .await?;
            let entry = (
                moderation::moderator_id.eq(by),
                moderation::post_id.eq(post),
                moderation::action.eq("remove post"),
                moderation::reason.eq(reason),
            );
            let entry = Moderation::cached().insert(entry, conn).await?;
            let reports = resolve_reports(conn, by, post).await?;
            Ok((removed, entry, reports))
        })
        .await
}

pub(crate) async fn resolve_reports(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    post: PostId,
) -> QueryResult<usize> {
    let resolved = PostReportUpdate {
        resolved: Some(true),
        resolver_id: Some(Some(by)),
    };
    PostReport::cached()
        .filter(post_report::post_id.eq(post))
        .filter(post_report::resolved.eq(false))
        .update_all(resolved, conn)
        .await
}

/// Bans a person, and takes away what it has written.
pub(crate) async fn ban_person(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    person: PersonId,
) -> QueryResult<(Arc<Person>, usize, usize)> {
    conn.build_transaction()
        .run(async |conn| {
            let form = PersonUpdate {
                banned: Some(true),
                ..PersonUpdate::default()
            };
            let banned = Person::update(conn, person, &form).await?;
            let posts = Post::cached()
                .filter(post::creator_id.eq(person))
                .update_all(post::removed.eq(true), conn)
                .await?;
            let comments = Comment::cached()
                .filter(comment::creator_id.eq(person))
                .update_all(comment::removed.eq(true), conn)
                .await?;
            let entry = (
                moderation::moderator_id.eq(by),
                moderation::person_id.eq(person),
                moderation::action.eq("ban"),
            );
            Moderation::cached().insert(entry, conn).await?;
            Ok((banned, posts, comments))
        })
        .await
}

/// Soft deletion by a comment's author; answers stay where they are.
pub(crate) async fn delete_comment(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    id: CommentId,
) -> QueryResult<Option<Arc<Comment>>> {
    // wants: `Comment::cached().filter(..).update_returning(changes, conn)`
    let own = Comment::cached().filter(comment::id.eq(id).and(comment::creator_id.eq(me)));
    let changes = (comment::deleted.eq(true), comment::content.eq(""));
    match own.update_all(changes, conn).await? {
        0 => Ok(None),
        _ => Comment::cached().find(id).first(conn).await.map(Some),
    }
}

/// Takes away a comment and all answers to it.
pub(crate) async fn remove_branch(
    conn: &mut AsyncPgConnection,
    path: &CommentPath,
) -> QueryResult<usize> {
    Comment::cached()
        .filter(
            comment::path
                .eq(path)
                .or(comment::path.like(format!("{path}.%"))),
        )
        .update_all(comment::removed.eq(true), conn)
        .await
}

/// Deletes a person with all that belongs to it: foreign keys do so.
pub(crate) async fn purge_person(
    conn: &mut AsyncPgConnection,
    person: PersonId,
) -> QueryResult<usize> {
    Person::cached().find(person).delete_all(conn).await
}

pub(crate) async fn approve(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    id: RegistrationApplicationId,
) -> QueryResult<(Arc<RegistrationApplication>, Arc<PersonSetting>)> {
    conn.build_transaction()
        .run(async |conn| {
            let form = RegistrationApplicationUpdate {
                admin_id: Some(Some(by)),
                deny_reason: None,
            };
            let application = RegistrationApplication::update(conn, id, &form).await?;
            let setting = PersonSetting {
                person_id: application.person_id,
                name: SettingName::Sort,
                value: "new".to_owned(),
            };
            let setting = PersonSetting::cached().insert(setting, conn).await?;
            Ok((application, setting))
        })
        .await
}
