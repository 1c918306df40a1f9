//! The queue of what is sent to other instances.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) async fn enqueue(
    conn: &mut AsyncPgConnection,
    forms: &[OutgoingActivityInsert],
) -> QueryResult<Vec<Arc<OutgoingActivity>>> {
    OutgoingActivity::cached()
        .insert_many(forms.iter(), conn)
        .await
}

/// The next activities that no worker has taken, which this one takes.
pub(crate) async fn take_activities(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<Arc<OutgoingActivity>>> {
    conn.build_transaction()
        .run(async |conn| {
            let next = OutgoingActivity::cached()
                .filter(outgoing_activity::state.eq(ActivityState::Waiting))
                .order(outgoing_activity::id)
                .limit(limit)
                .for_update()
                .skip_locked()
                .load(conn)
                .await?;
            let ids: Vec<ActivityId> = next.iter().map(|activity| activity.id).collect();
            // wants: `OutgoingActivity::cached().filter(..).update_returning(changes, conn)`
            OutgoingActivity::cached()
                .filter(outgoing_activity::id.eq_any(ids.clone()))
                .update_all(
                    (
                        outgoing_activity::state.eq(ActivityState::Running),
                        outgoing_activity::attempts.eq(outgoing_activity::attempts + 1),
                    ),
                    conn,
                )
                .await?;
            let taken = OutgoingActivity::cached().find_many(ids).load(conn).await?;
            Ok(taken.into_iter().flatten().collect())
        })
        .await
}

/// Notes that an activity has arrived, and is done with it.
pub(crate) async fn delivered(
    conn: &mut AsyncPgConnection,
    activity: ActivityId,
) -> QueryResult<Arc<DeliveryState>> {
    conn.build_transaction()
        .run(async |conn| {
            // wants: `delete_returning` by key
            let activity = OutgoingActivity::cached()
                .find(activity)
                .first(conn)
                .await?;
            OutgoingActivity::cached().delete(&activity, conn).await?;
            let state = DeliveryState {
                instance_id: activity.instance_id,
                last_activity: Some(activity.id),
                failures: 0,
            };
            // wants: upsert through the manager
            diesel::insert_into(delivery_state::table)
                .values(&state)
                .on_conflict(delivery_state::instance_id)
                .do_update()
                .set((
                    delivery_state::last_activity.eq(activity.id),
                    delivery_state::failures.eq(0),
                ))
                .execute(conn)
                .await?;
            DeliveryState::cached().find(state.key()).first(conn).await
        })
        .await
}

/// Notes that an activity did not arrive; after so many attempts it is given up.
pub(crate) async fn failed(
    conn: &mut AsyncPgConnection,
    activity: ActivityId,
    attempts: i16,
) -> QueryResult<Arc<OutgoingActivity>> {
    conn.build_transaction()
        .run(async |conn| {
            let row = OutgoingActivity::cached()
                .find(activity)
                .for_update()
                .first(conn)
                .await?;
            let state = if row.attempts < attempts {
                ActivityState::Waiting
            } else {
                ActivityState::Failed
            };
            DeliveryState::cached()
                .find(row.instance_id)
                .update_all(
                    delivery_state::failures.eq(delivery_state::failures + 1),
                    conn,
                )
                .await?;
            OutgoingActivity::cached()
                .update(&row, outgoing_activity::state.eq(state), conn)
                .await
        })
        .await
}

pub(crate) async fn prune(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    OutgoingActivity::cached()
        .filter(outgoing_activity::state.eq(ActivityState::Failed))
        .delete_all(conn)
        .await
}

/// The queue in its order.
pub(crate) async fn queue_of(
    conn: &mut AsyncPgConnection,
    instance: InstanceId,
) -> QueryResult<Vec<Arc<OutgoingActivity>>> {
    OutgoingActivity::cached()
        .filter(outgoing_activity::instance_id.eq(instance))
        .order(outgoing_activity::id)
        .load(conn)
        .await
}
