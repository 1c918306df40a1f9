//! A "key" that two rows have: one object stands for both, and debug builds say so.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use crate::db::sqlite::Db;
use crate::mapped;
use crate::repeats::events::Events;

diesel::table! {
    views (id) {
        id -> Integer,
        name -> Text,
    }
}

/// Declares a model of its own, since the warning comes once for a model.
macro_rules! model {
    ($Model:ident $($Derive:ident)?) => {
        #[derive(Queryable, Selectable, IdentityMapped, Debug $(, $Derive)?)]
        #[diesel(table_name = views)]
        struct $Model {
            id: i32,
            #[allow(dead_code)] // compared, where it can be
            name: String,
        }
    };
}

model!(Ambiguous PartialEq);
model!(Repeated PartialEq);
model!(Incomparable);

/// The warnings of a load.
macro_rules! heard {
    ($Model:ident, $conn:expr) => {{
        let events = Events::default();
        tracing::subscriber::with_default(events.clone(), || {
            tracing::callsite::rebuild_interest_cache();
            let objects = $Model::cached().load($conn).unwrap();
            assert_eq!(objects.len(), 3);
            assert!(Arc::ptr_eq(&objects[0], &objects[1]));
            assert_eq!(objects[0].id, 1);
        });
        events.take()
    }};
}

#[test]
fn debug_builds_say_that_a_key_is_none() {
    let db = Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute("CREATE VIEW views (id, name) AS VALUES (1, 'a'), (1, 'a'), (2, 'b')")
        .unwrap();
    assert_eq!(
        heard!(Repeated, conn),
        Vec::<String>::new(),
        "one row twice, as joins have it"
    );
    conn.batch_execute(
        "DROP VIEW views; CREATE VIEW views (id, name) AS VALUES (1, 'a'), (1, 'z'), (2, 'b')",
    )
    .unwrap();
    assert_eq!(heard!(Incomparable, conn), Vec::<String>::new());
    let [warning]: [String; 1] = heard!(Ambiguous, conn).try_into().unwrap();
    assert!(
        warning.starts_with("WARN ") && warning.contains("Ambiguous"),
        "{warning}"
    );
    assert!(
        warning.contains("two different rows of one result have the same key"),
        "{warning}"
    );
    conn.identity_map().unwrap().clear();
    assert_eq!(
        heard!(Ambiguous, conn),
        Vec::<String>::new(),
        "once for a model"
    );
}
