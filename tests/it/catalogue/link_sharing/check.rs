//! What every model gives, beside plain Diesel's rows on the same connection.

/// Compares all models on a connection, and holds what was found. `$finds` says whether objects are found one by
/// one before they are loaded, or after.
macro_rules! check {
    ($conn:expr, $held:expr, $finds:expr, $when:expr) => {
        check!(@ $conn, $held, $finds, $when,
            person person Person (id)
            person_aggregates person_aggregates PersonAggregates (person_id)
            community community Community (id)
            post post Post (id)
            comment comment Comment (id)
            post_vote post_vote PostVote (person_id, post_id)
            comment_vote comment_vote CommentVote (person_id, comment_id)
            follow follow Follow (person_id, community_id)
            saved_post saved_post SavedPost (person_id, post_id)
            inbox inbox Inbox (comment_id)
            site site Site (id)
            front_page front_page FrontPage (id)
        );
        let rows = wait!(Signed::query().order(post::id).load($conn)).unwrap();
        check!(@model $conn, $held.signed, $finds, $when, rows, Signed, post (id));
    };
    (@ $conn:expr, $held:expr, $finds:expr, $when:expr,
        $($field:ident $table:ident $model:ident ($($key:ident),+))+) => {$(
        let rows = $table::table.order(($($table::$key),+)).select($model::as_select());
        let rows: Vec<$model> = wait!(rows.load($conn)).unwrap();
        check!(@model $conn, $held.$field, $finds, $when, rows, $model, $table ($($key),+));
    )+};
    (@model $conn:expr, $held:expr, $finds:expr, $when:expr, $rows:ident, $model:ident, $table:ident ($($key:ident),+)) => {
        for finds in [$finds, !$finds] {
            if finds {
                let known: std::collections::BTreeSet<_> =
                    $held.iter().map(|object| ($(object.$key),+)).collect();
                for key in known {
                    let found = wait!($model::cached().find(key).first($conn)).optional().unwrap();
                    let row = $rows.iter().find(|row| ($(row.$key),+) == key);
                    assert_eq!(found.as_deref(), row, "found after {}", $when);
                    $held.extend(found);
                }
            } else {
                let found = wait!($model::cached().order(($($table::$key),+)).load($conn)).unwrap();
                let objects: Vec<&$model> = found.iter().map(|object| &**object).collect();
                assert_eq!(objects, $rows.iter().collect::<Vec<_>>(), "loaded after {}", $when);
                $held.extend(found);
            }
        }
    };
}
pub(super) use check;
