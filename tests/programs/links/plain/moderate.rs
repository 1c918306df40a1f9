//! What moderators and admins do.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::links::models::*;
use crate::links::schema::*;

/// Takes a post away, says so in the log, and resolves the reports on it.
pub(crate) async fn remove_post(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    post: PostId,
    reason: &str,
) -> QueryResult<(Post, Moderation, usize)> {
    conn.build_transaction()
        .run(async |conn| {
            let removed = diesel::update(post::table.find(post))
                .set(post::removed.eq(true))
                .returning(Post::as_returning())
                .get_result(conn)
                .await?;
            let entry = (
                moderation::moderator_id.eq(by),
                moderation::post_id.eq(post),
                moderation::action.eq("remove post"),
                moderation::reason.eq(reason),
            );
            let entry = diesel::insert_into(moderation::table)
                .values(entry)
                .returning(Moderation::as_returning())
                .get_result(conn)
                .await?;
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
    let open = post_report::table
        .filter(post_report::post_id.eq(post))
        .filter(post_report::resolved.eq(false));
    let resolved = PostReportUpdate {
        resolved: Some(true),
        resolver_id: Some(Some(by)),
    };
    diesel::update(open).set(resolved).execute(conn).await
}

/// Bans a person, and takes away what it has written.
pub(crate) async fn ban_person(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    person: PersonId,
) -> QueryResult<(Person, usize, usize)> {
    conn.build_transaction()
        .run(async |conn| {
            let form = PersonUpdate {
                banned: Some(true),
                ..PersonUpdate::default()
            };
            let banned: Person = diesel::update(person::table.find(person))
                .set(&form)
                .returning(Person::as_returning())
                .get_result(conn)
                .await?;
            let posts = diesel::update(post::table.filter(post::creator_id.eq(person)))
                .set(post::removed.eq(true))
                .execute(conn)
                .await?;
            let comments = diesel::update(comment::table.filter(comment::creator_id.eq(person)))
                .set(comment::removed.eq(true))
                .execute(conn)
                .await?;
            let entry = (
                moderation::moderator_id.eq(by),
                moderation::person_id.eq(person),
                moderation::action.eq("ban"),
            );
            diesel::insert_into(moderation::table)
                .values(entry)
                .execute(conn)
                .await?;
            Ok((banned, posts, comments))
        })
        .await
}

/// Soft deletion by a comment's author; answers stay where they are.
pub(crate) async fn delete_comment(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    id: CommentId,
) -> QueryResult<Option<Comment>> {
    diesel::update(comment::table)
        .filter(comment::id.eq(id).and(comment::creator_id.eq(me)))
        .set((comment::deleted.eq(true), comment::content.eq("")))
        .returning(Comment::as_returning())
        .get_result(conn)
        .await
        .optional()
}

/// Takes away a comment and all answers to it.
pub(crate) async fn remove_branch(
    conn: &mut AsyncPgConnection,
    path: &CommentPath,
) -> QueryResult<usize> {
    let branch = comment::table.filter(
        comment::path
            .eq(path)
            .or(comment::path.like(format!("{path}.%"))),
    );
    diesel::update(branch)
        .set(comment::removed.eq(true))
        .execute(conn)
        .await
}

/// Deletes a person with all that belongs to it: foreign keys do so.
pub(crate) async fn purge_person(
    conn: &mut AsyncPgConnection,
    person: PersonId,
) -> QueryResult<usize> {
    diesel::delete(person::table.find(person))
        .execute(conn)
        .await
}

pub(crate) async fn approve(
    conn: &mut AsyncPgConnection,
    by: PersonId,
    id: RegistrationApplicationId,
) -> QueryResult<(RegistrationApplication, PersonSetting)> {
    conn.build_transaction()
        .run(async |conn| {
            let application: RegistrationApplication =
                diesel::update(registration_application::table.find(id))
                    .set(registration_application::admin_id.eq(by))
                    .returning(RegistrationApplication::as_returning())
                    .get_result(conn)
                    .await?;
            let setting = PersonSetting {
                person_id: application.person_id,
                name: SettingName::Sort,
                value: "new".to_owned(),
            };
            let setting = diesel::insert_into(person_setting::table)
                .values(setting)
                .returning(PersonSetting::as_returning())
                .get_result(conn)
                .await?;
            Ok((application, setting))
        })
        .await
}
