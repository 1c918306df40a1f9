//! What waits for somebody: messages, notifications, reports, and the log of what moderators did.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::views::{MessageView, NotificationView, ReportView};
use crate::links::models::*;
use crate::links::schema::*;

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
        .filter(post::community_id.eq_any(mine))
        .order(post_report::id.desc())
        .select((
            PostReport::as_select(),
            Post::as_select(),
            Community::as_select(),
            Person::as_select(),
        ))
        .into_boxed();
    if unresolved {
        reports = reports.filter(post_report::resolved.eq(false));
    }
    let rows = reports.mapped().load(conn).await?;
    // wants: a model by the fields of an alias in `mapped()`
    let posts: Vec<Arc<Post>> = rows.iter().map(|row| Arc::clone(&row.1)).collect();
    let reports: Vec<Arc<PostReport>> = rows.iter().map(|row| Arc::clone(&row.0)).collect();
    let authors = posts.load_parents::<Person>(conn).await?;
    let resolvers = reports.load_parents::<PostReportResolver>(conn).await?;
    let mut views = Vec::new();
    for ((row, author), resolver) in rows.into_iter().zip(authors).zip(resolvers) {
        let (report, post, community, creator) = row;
        views.push(ReportView {
            report,
            post,
            community,
            creator,
            author: author.ok_or(diesel::NotFound)?,
            resolver,
        });
    }
    Ok(views)
}

/// What two persons wrote to each other.
pub(crate) async fn messages_between(
    conn: &mut AsyncPgConnection,
    me: PersonId,
    other: PersonId,
) -> QueryResult<Vec<MessageView>> {
    let pair = [me, other];
    let rows = PrivateMessage::cached()
        .filter(private_message::creator_id.eq_any(pair))
        .filter(private_message::recipient_id.eq_any(pair))
        .filter(private_message::deleted.eq(false))
        .order(private_message::id)
        .with::<Person>()
        .with::<PrivateMessageRecipient>()
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
    let rows = rows.mapped().load(conn).await?;
    Ok(rows.into_iter().map(view).collect())
}

pub(crate) async fn unread_count(conn: &mut AsyncPgConnection, me: PersonId) -> QueryResult<i64> {
    Notification::cached()
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
) -> QueryResult<Vec<(Arc<Moderation>, Option<Arc<Person>>, Option<Arc<Post>>)>> {
    let mut log = Moderation::cached()
        .order(moderation::id.desc())
        .limit(3)
        .into_boxed();
    if let Some(before) = before {
        log = log.filter(moderation::id.lt(before));
    }
    log.with::<Person>().with::<Post>().load(conn).await
}

/// Sends a message, and tells its recipient.
pub(crate) async fn send_message(
    conn: &mut AsyncPgConnection,
    form: &PrivateMessageInsert,
) -> QueryResult<(Arc<PrivateMessage>, Arc<Notification>)> {
    conn.build_transaction()
        .run(async |conn| {
            let message = PrivateMessage::cached().insert(form, conn).await?;
            let values = (
                notification::recipient_id.eq(message.recipient_id),
                notification::kind.eq(NotificationKind::Message),
                notification::message_id.eq(message.id),
            );
            let notification = Notification::cached().insert(values, conn).await?;
            Ok((message, notification))
        })
        .await
}

pub(crate) async fn mark_all_read(
    conn: &mut AsyncPgConnection,
    me: PersonId,
) -> QueryResult<Vec<Arc<Notification>>> {
    conn.build_transaction()
        .run(async |conn| {
            // wants: `Notification::cached().filter(..).update_returning(changes, conn)`
            let unread = Notification::cached()
                .filter(notification::recipient_id.eq(me))
                .filter(notification::read.eq(false));
            let ids: Vec<NotificationId> = unread
                .clone()
                .order(notification::id)
                .for_update()
                .load(conn)
                .await?
                .iter()
                .map(|row| row.id)
                .collect();
            unread.update_all(notification::read.eq(true), conn).await?;
            let rows = Notification::cached().find_many(ids).load(conn).await?;
            Ok(rows.into_iter().flatten().collect())
        })
        .await
}
