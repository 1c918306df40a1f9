//! Every table, row by row and as a list, beside plain Diesel.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::models::*;
use super::schema::*;
use super::world::World;

/// For each model: finds the row of every key that plain Diesel knows, and loads all rows.
macro_rules! models {
    ($($table:ident $model:ident ($($key:ident),+);)+) => {
        /// Finds each row, and that a row is gone which another object was of.
        pub(super) async fn found(site: &mut World) {
            $({
                let rows: Vec<$model> = $table::table
                    .select($model::as_select())
                    .load(&mut site.plain)
                    .await
                    .unwrap();
                let mut keys: HashSet<_> = rows.iter().map(IdentityMapped::key).collect();
                let held = site.held.values().filter_map(|object| object.downcast_ref::<$model>());
                keys.extend(held.map(IdentityMapped::key));
                for key in keys {
                    let row = rows.iter().find(|row| row.key() == key);
                    let plain = format!("{row:#?}");
                    let call = concat!(stringify!($model), "::find");
                    site.reads(call, plain, async |conn| {
                        $model::cached().find(key.clone()).first(conn).await.optional().unwrap()
                    })
                    .await;
                }
            })+
        }

        pub(super) async fn listed(site: &mut World) {
            $({
                let rows: Vec<$model> = $table::table
                    .order(($($table::$key),+))
                    .select($model::as_select())
                    .load(&mut site.plain)
                    .await
                    .unwrap();
                let call = concat!(stringify!($model), "::load");
                site.reads(call, format!("{rows:#?}"), async |conn| {
                    $model::cached().order(($($table::$key),+)).load(conn).await.unwrap()
                })
                .await;
            })+
        }

        /// All rows, by plain Diesel.
        pub(super) async fn written(conn: &mut AsyncPgConnection) -> String {
            let mut all = String::new();
            $({
                let rows: Vec<$model> = $table::table
                    .order(($($table::$key),+))
                    .select($model::as_select())
                    .load(conn)
                    .await
                    .unwrap();
                all.push_str(&format!("{rows:#?}\n"));
            })+
            all
        }
    };
}

models! {
    instance Instance (id);
    site Site (id);
    person Person (id);
    person_setting PersonSetting (person_id, name);
    registration_application RegistrationApplication (id);
    image Image (alias);
    rate_limit RateLimit (action);
    community Community (id);
    community_language CommunityLanguage (community_id, language_id);
    community_follow CommunityFollow (person_id, community_id);
    community_moderator CommunityModerator (community_id, person_id);
    instance_block InstanceBlock (person_id, instance_id);
    post Post (id);
    tag Tag (id);
    post_tag PostTag (post_id, tag_id);
    post_vote PostVote (person_id, post_id);
    post_saved PostSaved (person_id, post_id);
    post_read PostRead (person_id, post_id);
    post_report PostReport (id);
    comment Comment (id);
    comment_vote CommentVote (person_id, comment_id);
    private_message PrivateMessage (id);
    notification Notification (id);
    moderation Moderation (id);
    outgoing_activity OutgoingActivity (id);
    delivery_state DeliveryState (instance_id);
}
