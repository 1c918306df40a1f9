//! G3 and G4 for lazy parents: what is kept for a loop never outlives a write, or its undoing.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error::RollbackTransaction;
use diesel_identity_map::prelude::*;

use super::{add_reviews, insert};
use crate::db::{Database, Recorder, each_database};
use crate::models::*;
use crate::schema::*;
use crate::{mapped, seeded};

/// The ways to write.
#[derive(Debug, Clone, Copy)]
enum Way {
    Manager,
    Plain,
    Raw,
    Batch,
}

const WAYS: [Way; 4] = [Way::Manager, Way::Plain, Way::Raw, Way::Batch];

macro_rules! rename {
    ($way:expr, $id:expr, $name:expr, $conn:expr) => {{
        let (id, name) = ($id, $name);
        match $way {
            Way::Manager => {
                let user = User::cached().find(id).first($conn).unwrap();
                User::cached()
                    .update(&user, users::name.eq(name), $conn)
                    .unwrap();
            }
            Way::Plain => {
                diesel::update(users::table.find(id))
                    .set(users::name.eq(name))
                    .execute($conn)
                    .unwrap();
            }
            Way::Raw => {
                diesel::sql_query(format!("UPDATE users SET name = '{name}' WHERE id = {id}"))
                    .execute($conn)
                    .unwrap();
            }
            Way::Batch => {
                $conn
                    .batch_execute(&format!(
                        "SELECT 1; UPDATE users SET name = '{name}' WHERE id = {id}"
                    ))
                    .unwrap();
            }
        }
    }};
}

macro_rules! delete {
    ($way:expr, $id:expr, $conn:expr) => {{
        let id = $id;
        match $way {
            Way::Manager => {
                let user = User::cached().find(id).first($conn).unwrap();
                User::cached().delete(&user, $conn).unwrap();
            }
            Way::Plain => {
                diesel::delete(users::table.find(id))
                    .execute($conn)
                    .unwrap();
            }
            Way::Raw => {
                diesel::sql_query(format!("DELETE FROM users WHERE id = {id}"))
                    .execute($conn)
                    .unwrap();
            }
            Way::Batch => $conn
                .batch_execute(&format!("DELETE FROM users WHERE id = {id}"))
                .unwrap(),
        }
    }};
}

macro_rules! add {
    ($way:expr, $id:expr, $conn:expr) => {{
        let id = $id;
        let row = (users::id.eq(id), users::name.eq("added"));
        match $way {
            Way::Manager => {
                User::cached().insert(row, $conn).unwrap();
            }
            Way::Plain => {
                diesel::insert_into(users::table)
                    .values(row)
                    .execute($conn)
                    .unwrap();
            }
            Way::Raw => {
                let insert = format!("INSERT INTO users (id, name) VALUES ({id}, 'added')");
                diesel::sql_query(insert).execute($conn).unwrap();
            }
            Way::Batch => insert($conn, "users (id, name)", &format!("({id}, 'added')")),
        }
    }};
}

macro_rules! name_of_author {
    ($review:expr, $conn:expr) => {
        $review
            .load_parent::<User>($conn)
            .unwrap()
            .map(|user| user.name.clone())
    };
}

/// Reviews 1 to 6 by the users 1, 2, 3, 1, 2, 99; no posts, so nothing cascades.
fn reviewed<D: Database>(db: &D) -> (D::Conn, Recorder) {
    let (mut conn, sent) = seeded(db, 4, 0);
    let rows = "(1, 0, 1, NULL), (2, 0, 2, NULL), (3, 0, 3, NULL), (4, 0, 1, NULL), \
                (5, 0, 2, NULL), (6, 0, 99, NULL)";
    add_reviews(&mut conn, rows);
    (conn, sent)
}

macro_rules! load_reviews {
    ($conn:expr) => {
        Review::cached().order(reviews::id).load($conn).unwrap()
    };
}

each_database! {
    fn a_parent_that_is_updated_between_two_accesses(db) {
        let (conn, _) = &mut reviewed(&db);
        for way in WAYS {
            for hold in [false, true] {
                let reviews = load_reviews!(conn);
                let before = name_of_author!(reviews[0], conn).unwrap();
                let _held = hold.then(|| reviews[0].load_parent::<User>(conn).unwrap());
                let name = format!("{before}'s {way:?}").replace('\'', "");
                rename!(way, 1, name.as_str(), conn);
                assert_eq!(name_of_author!(reviews[3], conn).as_ref(), Some(&name), "{way:?}");
                assert_eq!(name_of_author!(reviews[0], conn).as_ref(), Some(&name), "{way:?}");
                assert_eq!(name_of_author!(reviews[1], conn).unwrap(), "user 2");
                rename!(Way::Raw, 1, "user 1", conn);
                assert_eq!(name_of_author!(reviews[0], conn).unwrap(), "user 1");
            }
        }
    }

    fn a_parent_that_is_deleted_between_two_accesses(db) {
        let (conn, _) = &mut reviewed(&db);
        for way in WAYS {
            let reviews = load_reviews!(conn);
            let held = reviews[0].load_parent::<User>(conn).unwrap();
            delete!(way, 1, conn);
            assert!(held.is_some());
            assert_eq!(name_of_author!(reviews[3], conn), None, "{way:?}");
            assert_eq!(name_of_author!(reviews[0], conn), None, "{way:?}");
            assert_eq!(name_of_author!(reviews[4], conn).unwrap(), "user 2");
            assert!(reviews.load_parents::<User>(conn).unwrap()[0].is_none());
            add!(way, 1, conn);
            assert_eq!(name_of_author!(reviews[3], conn).unwrap(), "added", "{way:?}");
        }
    }

    fn a_parent_that_was_not_there_and_is_inserted(db) {
        let (conn, _) = &mut reviewed(&db);
        for way in WAYS {
            let reviews = load_reviews!(conn);
            assert_eq!(name_of_author!(reviews[0], conn).unwrap(), "user 1");
            assert_eq!(name_of_author!(reviews[5], conn), None, "{way:?}");
            add!(way, 99, conn);
            assert_eq!(name_of_author!(reviews[5], conn).unwrap(), "added", "{way:?}");
            delete!(way, 99, conn);
            assert_eq!(name_of_author!(reviews[5], conn), None, "{way:?}");
            assert_eq!(name_of_author!(reviews[1], conn).unwrap(), "user 2");
        }
    }

    /// Each access of a loop comes after a write: correct, if not cheap, and it ends.
    fn a_write_in_each_iteration(db) {
        let (conn, sent) = &mut reviewed(&db);
        for way in WAYS {
            let reviews = load_reviews!(conn);
            for (at, review) in reviews.iter().enumerate() {
                let name = format!("name {at}");
                rename!(way, 2, name.as_str(), conn);
                let author = name_of_author!(review, conn);
                match review.author_id {
                    2 => assert_eq!(author, Some(name)),
                    99 => assert_eq!(author, None),
                    id => assert_eq!(author, Some(format!("user {id}"))),
                }
            }
        }
        // A write to another table costs the loop nothing.
        let reviews = load_reviews!(conn);
        sent.take();
        for review in &reviews {
            review.load_parent::<User>(conn).unwrap();
            diesel::insert_into(tags::table).values(tags::name.eq(review.id.to_string())).execute(conn).unwrap();
        }
        let selects = sent.take().into_iter().filter(|text| text.to_lowercase().starts_with("select")).count();
        assert_eq!(selects, 1);
    }

    fn rolled_back_means_gone(db) {
        let (conn, _) = &mut reviewed(&db);
        for way in WAYS {
            for ask_before in [false, true] {
                let reviews = load_reviews!(conn);
                if ask_before {
                    assert_eq!(name_of_author!(reviews[0], conn).unwrap(), "user 1");
                    assert_eq!(name_of_author!(reviews[5], conn), None);
                }
                let mut kept = Vec::new();
                conn.transaction(|conn| {
                    rename!(way, 1, "uncommitted", conn);
                    delete!(way, 3, conn);
                    add!(way, 99, conn);
                    assert_eq!(name_of_author!(reviews[3], conn).unwrap(), "uncommitted", "{way:?}");
                    assert_eq!(name_of_author!(reviews[1], conn).unwrap(), "user 2");
                    assert_eq!(name_of_author!(reviews[2], conn), None, "{way:?}");
                    assert_eq!(name_of_author!(reviews[5], conn).unwrap(), "added", "{way:?}");
                    kept = reviews.load_parents::<User>(conn).unwrap();
                    Err::<(), _>(RollbackTransaction)
                })
                .unwrap_err();
                let names: Vec<Option<String>> =
                    reviews.iter().map(|review| name_of_author!(review, conn)).collect();
                let now = ["user 1", "user 2", "user 3", "user 1", "user 2"].map(|name| Some(name.to_owned()));
                assert_eq!(names[..5], now, "{way:?}");
                assert_eq!(names[5], None, "{way:?}");
                let together = reviews.load_parents::<User>(conn).unwrap();
                assert!(together[0].as_ref().is_some_and(|user| user.name == "user 1"));
                assert!(together[5].is_none());
                drop(kept);
            }
        }
    }

    fn savepoint_by_savepoint(db) {
        let (conn, _) = &mut reviewed(&db);
        for way in WAYS {
            let reviews = load_reviews!(conn);
            conn.transaction(|conn| {
                rename!(way, 1, "outer", conn);
                assert_eq!(name_of_author!(reviews[0], conn).unwrap(), "outer");
                conn.transaction(|conn| {
                    rename!(way, 1, "inner", conn);
                    add!(way, 99, conn);
                    assert_eq!(name_of_author!(reviews[3], conn).unwrap(), "inner");
                    assert_eq!(name_of_author!(reviews[5], conn).unwrap(), "added");
                    Err::<(), _>(RollbackTransaction)
                })
                .unwrap_err();
                assert_eq!(name_of_author!(reviews[3], conn).unwrap(), "outer", "{way:?}");
                assert_eq!(name_of_author!(reviews[5], conn), None, "{way:?}");
                QueryResult::Ok(())
            })
            .unwrap();
            assert_eq!(name_of_author!(reviews[0], conn).unwrap(), "outer", "{way:?}");
            rename!(Way::Raw, 1, "user 1", conn);
        }
    }

    /// A list that was loaded in a transaction that wrote, and what was awaited for it.
    fn a_list_of_a_transaction_that_rolled_back(db) {
        let (conn, _) = &mut reviewed(&db);
        let mut list = Vec::new();
        conn.transaction(|conn| {
            diesel::update(reviews::table.find(1)).set(reviews::author_id.eq(4)).execute(conn)?;
            rename!(Way::Plain, 4, "uncommitted", conn);
            list = load_reviews!(conn);
            assert_eq!(name_of_author!(list[0], conn).unwrap(), "uncommitted");
            Err::<(), _>(RollbackTransaction)
        })
        .unwrap_err();
        // The program kept an object that never came to be; its key is what it was, the user is not.
        assert_eq!(name_of_author!(list[0], conn).unwrap(), "user 4");
        assert_eq!(name_of_author!(list[3], conn).unwrap(), "user 1");
        let map = conn.identity_map().unwrap();
        let now = load_reviews!(conn);
        assert_eq!(name_of_author!(now[0], conn).unwrap(), "user 1");
        drop((list, now));
        for _ in 0..4 {
            let _ = map.len::<User>();
        }
        assert_eq!((map.len::<User>(), map.len::<Review>()), (0, 0));
    }

    /// In one scope a commit of one connection is seen by the next access on the other.
    fn another_connection_of_the_scope_writes(db) {
        let (one, _) = &mut reviewed(&db);
        let (two, _) = &mut mapped(db.connect(), db.url());
        for way in WAYS {
            let _entered = Scope::new().entered();
            let reviews = load_reviews!(one);
            assert_eq!(name_of_author!(reviews[0], one).unwrap(), "user 1");
            assert_eq!(name_of_author!(reviews[5], one), None);
            rename!(way, 1, "by two", two);
            add!(way, 99, two);
            assert_eq!(name_of_author!(reviews[3], one).unwrap(), "by two", "{way:?}");
            assert_eq!(name_of_author!(reviews[5], one).unwrap(), "added", "{way:?}");
            two.transaction(|two| {
                rename!(way, 2, "uncommitted", two);
                delete!(way, 99, two);
                assert_eq!(name_of_author!(reviews[1], two).unwrap(), "uncommitted");
                assert_eq!(name_of_author!(reviews[5], two), None);
                assert_eq!(name_of_author!(reviews[4], one).unwrap(), "user 2", "{way:?}");
                assert_eq!(name_of_author!(reviews[5], one).unwrap(), "added", "{way:?}");
                Err::<(), _>(RollbackTransaction)
            })
            .unwrap_err();
            assert_eq!(name_of_author!(reviews[4], two).unwrap(), "user 2", "{way:?}");
            assert_eq!(name_of_author!(reviews[5], two).unwrap(), "added", "{way:?}");
            rename!(Way::Raw, 1, "user 1", two);
            delete!(Way::Raw, 99, two);
        }
    }

    /// Fresh parents and expired ones replace what is awaited.
    fn what_the_program_expires_is_read_again(db) {
        let (conn, _) = &mut reviewed(&db);
        let reviews = load_reviews!(conn);
        assert_eq!(name_of_author!(reviews[0], conn).unwrap(), "user 1");
        rename!(Way::Plain, 2, "elsewhere", &mut db.connect());
        let map = conn.identity_map().unwrap();
        map.expire::<User>(&2);
        assert_eq!(name_of_author!(reviews[1], conn).unwrap(), "elsewhere");
        rename!(Way::Plain, 3, "elsewhere", &mut db.connect());
        let fresh = User::cached().fresh().find(3).first(conn).unwrap();
        assert!(Arc::ptr_eq(&fresh, &reviews[2].load_parent::<User>(conn).unwrap().unwrap()));
        rename!(Way::Plain, 1, "elsewhere", &mut db.connect());
        map.clear();
        assert_eq!(name_of_author!(reviews[3], conn).unwrap(), "elsewhere");
    }
}
