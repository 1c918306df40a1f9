//! What waits for somebody: messages, notifications, reports, and the log of what moderators did.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::views::{MessageView, NotificationView, ReportView};
use crate::links::models::*;
use crate::links::schema::*;

/// What the tables of persons are called where one row of a query has several.
pub(crate) mod aliases {
    use crate::links::schema::person;

    diesel::alias!(
        pub(crate) const AUTHOR: Alias<Author> = person as author;
        pub(crate) const RESOLVER: Alias<Resolver> = person as resolver
    );
}
use aliases::{AUTHOR, RESOLVER};

/// The reports on posts of the communities that `me` moderates.
pub(crate) async fn reports_for(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    unresolved: bool,
) -> QueryResult<Vec<ReportView>> {
    let mine = community_moderator::table
        .filter(community_moderator::person_id.eq(me))
        .select(community_moderator::community_id);
    let mut reports = post_report::table
        .inner_join(post::table.inner_join(community::table))
        .inner_join(person::table)
        .inner_join(AUTHOR.on(AUTHOR.field(person::id).eq(post::creator_id)))
        .left_join(
            RESOLVER.on(RESOLVER
                .field(person::id)
                .nullable()
                .eq(post_report::resolver_id)),
        )
        .filter(post::community_id.eq_any(mine))
        .order(post_report::id.desc())
        .select((
            PostReport::as_select(),
            Post::as_select(),
            Community::as_select(),
            Person::as_select(),
            AUTHOR.fields(person::all_columns),
            RESOLVER.fields(person::all_columns).nullable(),
        ))
        .into_boxed();
    if unresolved {
        reports = reports.filter(post_report::resolved.eq(false));
    }
    let rows = reports.load(conn).await?;
    let view = |(report, post, community, creator, author, resolver)| ReportView {
        report,
        post,
        community,
        creator,
        author,
        resolver,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What two persons wrote to each other.
pub(crate) async fn messages_between(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    other: PersonId,
) -> QueryResult<Vec<MessageView>> {
    let pair = [me, other];
    let rows = private_message::table
        .inner_join(person::table)
        .inner_join(AUTHOR.on(AUTHOR.field(person::id).eq(private_message::recipient_id)))
        .filter(private_message::creator_id.eq_any(pair))
        .filter(private_message::recipient_id.eq_any(pair))
        .filter(private_message::deleted.eq(false))
        .order(private_message::id)
        .select((
            PrivateMessage::as_select(),
            Person::as_select(),
            AUTHOR.fields(person::all_columns),
        ))
        .load(conn)
        .await?;
    let view = |(message, creator, recipient)| MessageView {
        message,
        creator,
        recipient,
    };
    Ok(rows.into_iter().map(view).collect())
}

pub(crate) async fn inbox(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    unread: bool,
) -> QueryResult<Vec<NotificationView>> {
    let mut rows = notification::table
        .left_join(comment::table.inner_join(post::table))
        .left_join(private_message::table)
        .filter(notification::recipient_id.eq(me))
        .order(notification::id.desc())
        .select((
            Notification::as_select(),
            Option::<(Comment, Post)>::as_select(),
            Option::<PrivateMessage>::as_select(),
        ))
        .into_boxed();
    if unread {
        rows = rows.filter(notification::read.eq(false));
    }
    let view = |(notification, comment, message)| NotificationView {
        notification,
        comment,
        message,
    };
    Ok(rows.load(conn).await?.into_iter().map(view).collect())
}

pub(crate) async fn unread_count(conn: &mut AsyncPgConnection, me: PersonId) -> QueryResult<i64> {
    notification::table
        .filter(notification::recipient_id.eq(me))
        .filter(notification::read.eq(false))
        .count()
        .get_result(conn)
        .await
}

/// A page of the log, from before an entry.
pub(crate) async fn moderation_log(
    conn: &mut AsyncPgConnection,
    before: Option<ModerationId>,
) -> QueryResult<Vec<(Moderation, Option<Person>, Option<Post>)>> {
    let mut log = moderation::table
        .left_join(person::table)
        .left_join(post::table)
        .order(moderation::id.desc())
        .limit(3)
        .select((
            Moderation::as_select(),
            Option::<Person>::as_select(),
            Option::<Post>::as_select(),
        ))
        .into_boxed();
    if let Some(before) = before {
        log = log.filter(moderation::id.lt(before));
    }
    log.load(conn).await
}

/// Sends a message, and tells its recipient.
pub(crate) async fn send_message(
    conn: &mut AsyncPgConnection,
    form: &PrivateMessageInsert,
) -> QueryResult<(PrivateMessage, Notification)> {
    conn.build_transaction()
        .run(async |conn| {
            let message: PrivateMessage = diesel::insert_into(private_message::table)
                .values(form)
                .returning(PrivateMessage::as_returning())
                .get_result(conn)
                .await?;
            let values = (
                notification::recipient_id.eq(message.recipient_id),
                notification::kind.eq(NotificationKind::Message),
                notification::message_id.eq(message.id),
            );
            let notification = diesel::insert_into(notification::table)
                .values(values)
                .returning(Notification::as_returning())
                .get_result(conn)
                .await?;
            Ok((message, notification))
        })
        .await
}

pub(crate) async fn mark_all_read(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<Notification>> {
    let mut rows: Vec<Notification> = diesel::update(notification::table)
        .filter(notification::recipient_id.eq(me))
        .filter(notification::read.eq(false))
        .set(notification::read.eq(true))
        .returning(Notification::as_returning())
        .get_results(conn)
        .await?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}
