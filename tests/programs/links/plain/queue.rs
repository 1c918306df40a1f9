//! The queue of what is sent to other instances.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) async fn enqueue(
    conn: &mut AsyncPgConnection,
    forms: &[OutgoingActivityInsert],
) -> QueryResult<Vec<OutgoingActivity>> {
    diesel::insert_into(outgoing_activity::table)
        .values(forms)
        .returning(OutgoingActivity::as_returning())
        .get_results(conn)
        .await
}

/// The next activities that no worker has taken, which this one takes.
pub(crate) async fn take_activities(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<OutgoingActivity>> {
    conn.build_transaction()
        .run(async |conn| {
            let next: Vec<OutgoingActivity> = outgoing_activity::table
                .filter(outgoing_activity::state.eq(ActivityState::Waiting))
                .order(outgoing_activity::id)
                .limit(limit)
                .for_update()
                .skip_locked()
                .select(OutgoingActivity::as_select())
                .load(conn)
                .await?;
            let ids = next.iter().map(|activity| activity.id);
            let taken = outgoing_activity::table.filter(outgoing_activity::id.eq_any(ids));
            let mut taken: Vec<OutgoingActivity> = diesel::update(taken)
                .set((
                    outgoing_activity::state.eq(ActivityState::Running),
                    outgoing_activity::attempts.eq(outgoing_activity::attempts + 1),
                ))
                .returning(OutgoingActivity::as_returning())
                .get_results(conn)
                .await?;
            taken.sort_by_key(|activity| activity.id);
            Ok(taken)
        })
        .await
}

/// Notes that an activity has arrived, and is done with it.
pub(crate) async fn delivered(
    conn: &mut AsyncPgConnection,
    activity: ActivityId,
) -> QueryResult<DeliveryState> {
    conn.build_transaction()
        .run(async |conn| {
            let instance_id: InstanceId = diesel::delete(outgoing_activity::table.find(activity))
                .returning(outgoing_activity::instance_id)
                .get_result(conn)
                .await?;
            let state = DeliveryState {
                instance_id,
                last_activity: Some(activity),
                failures: 0,
            };
            diesel::insert_into(delivery_state::table)
                .values(&state)
                .on_conflict(delivery_state::instance_id)
                .do_update()
                .set((
                    delivery_state::last_activity.eq(activity),
                    delivery_state::failures.eq(0),
                ))
                .returning(DeliveryState::as_returning())
                .get_result(conn)
                .await
        })
        .await
}

/// Notes that an activity did not arrive; after so many attempts it is given up.
pub(crate) async fn failed(
    conn: &mut AsyncPgConnection,
    activity: ActivityId,
    attempts: i16,
) -> QueryResult<OutgoingActivity> {
    conn.build_transaction()
        .run(async |conn| {
            let row: OutgoingActivity = outgoing_activity::table
                .find(activity)
                .for_update()
                .select(OutgoingActivity::as_select())
                .first(conn)
                .await?;
            let state = if row.attempts < attempts {
                ActivityState::Waiting
            } else {
                ActivityState::Failed
            };
            diesel::update(delivery_state::table.find(row.instance_id))
                .set(delivery_state::failures.eq(delivery_state::failures + 1))
                .execute(conn)
                .await?;
            diesel::update(&row)
                .set(outgoing_activity::state.eq(state))
                .returning(OutgoingActivity::as_returning())
                .get_result(conn)
                .await
        })
        .await
}

pub(crate) async fn prune(conn: &mut AsyncPgConnection) -> QueryResult<usize> {
    let failed =
        outgoing_activity::table.filter(outgoing_activity::state.eq(ActivityState::Failed));
    diesel::delete(failed).execute(conn).await
}

/// The queue in its order.
pub(crate) async fn queue_of(
    conn: &mut AsyncPgConnection,
    instance: InstanceId,
) -> QueryResult<Vec<OutgoingActivity>> {
    outgoing_activity::table
        .filter(outgoing_activity::instance_id.eq(instance))
        .order(outgoing_activity::id)
        .select(OutgoingActivity::as_select())
        .load(conn)
        .await
}
