//! Writes of rows whose keys collide.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::prelude::*;

use super::models::*;
use crate::db::each_database;
use crate::schema::*;
use crate::seeded;

/// Every row as plain Diesel reads it is what a cached load gives.
macro_rules! assert_as_stored {
    ($conn:expr) => {{
        let stored: Vec<Text> = posts::table
            .order(posts::id)
            .select(Text::as_select())
            .load($conn)
            .unwrap();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let cached = Text::cached()
                .strategy(strategy)
                .order(posts::id)
                .load($conn)
                .unwrap();
            assert!(stored.iter().eq(cached.iter().map(AsRef::as_ref)));
        }
        for stored in &stored {
            assert_eq!(
                *stored,
                *Text::cached().find(stored.id).first($conn).unwrap()
            );
        }
    }};
}

each_database! {
    fn the_manager_writes_the_row_of_the_key(db) {
        let (conn, _) = &mut seeded(&db, 2, 8);
        let texts = Text::cached().order(posts::id).load(conn).unwrap();
        for text in &texts {
            let new = Text::cached().update(text, posts::score.eq(70 + text.id.0), conn).unwrap();
            assert_eq!((new.id, new.score), (text.id, 70 + text.id.0));
            assert!(Arc::ptr_eq(&new, &Text::cached().find(text.id).first(conn).unwrap()));
            assert_as_stored!(conn);
        }
        let saved = Text::cached().save(Text { score: 5, ..Text::clone(&texts[3]) }, conn).unwrap();
        assert_eq!((saved.id, saved.score), (Id(4), 5));
        let values = (posts::id.eq(100), posts::user_id.eq(1), posts::title.eq("new"), posts::body.eq(""));
        let new = Text::cached().insert(values, conn).unwrap();
        assert!(Arc::ptr_eq(&new, &Text::cached().find(new.id).first(conn).unwrap()));
        assert_as_stored!(conn);
        for text in texts.iter().step_by(2) {
            Text::cached().delete(text, conn).unwrap();
            let gone = Text::cached().find(text.id).first(conn);
            assert!(matches!(gone, Err(Error::NotFound)));
            assert_as_stored!(conn);
        }
    }

    /// G1: a write to one row leaves the others their objects.
    fn a_write_to_one_keeps_the_others(db) {
        let (conn, sent) = &mut seeded(&db, 2, 8);
        let held = Text::cached().order(posts::id).load(conn).unwrap();
        let check = |written: &[usize], conn: &mut Conn| {
            sent.take();
            for (at, text) in held.iter().enumerate().filter(|(at, _)| !written.contains(at)) {
                let again = Text::cached().find(text.id).first(conn).unwrap();
                assert!(Arc::ptr_eq(text, &again), "row {at} after a write to {written:?}");
            }
            assert_eq!(sent.take().len(), 0, "after a write to {written:?}");
        };
        Text::cached().update(&held[0], posts::score.eq(50), conn).unwrap();
        check(&[0], conn);
        Text::cached().save(Text { score: 51, ..Text::clone(&held[1]) }, conn).unwrap();
        check(&[0, 1], conn);
        Text::cached().delete(&held[2], conn).unwrap();
        check(&[0, 1, 2], conn);
        Text::cached().expire(&held[3], conn).unwrap();
        check(&[0, 1, 2, 3], conn);
        conn.identity_map().unwrap().expire::<Text>(&Id(4));
        Text::cached().refresh(&held[3], conn).unwrap();
        check(&[0, 1, 2, 3], conn);
        let values = (posts::id.eq(100), posts::user_id.eq(1), posts::title.eq("new"), posts::body.eq(""));
        let new = Text::cached().insert(values, conn).unwrap();
        check(&[0, 1, 2, 3], conn);
        diesel::delete(posts::table.find(100)).execute(&mut db.connect()).unwrap();
        let gone = Text::cached().update(&new, posts::score.eq(1), conn).unwrap_err();
        assert!(matches!(gone, Error::NotFound));
        check(&[0, 1, 2, 3], conn);
        conn.transaction(|conn| {
            Text::cached().update(&held[4], posts::score.eq(52), conn)?;
            check(&[0, 1, 2, 3, 4], conn);
            let undone = conn.transaction(|conn| {
                Text::cached().update(&held[5], posts::score.eq(53), conn)?;
                check(&[0, 1, 2, 3, 4, 5], conn);
                QueryResult::<()>::Err(Error::RollbackTransaction)
            });
            assert!(undone.is_err());
            QueryResult::Ok(())
        })
        .unwrap();
        // What the rolled back savepoint read comes back as it was, or is read again.
        check(&[0, 1, 2, 3, 4, 5], conn);
        let undone = conn.transaction(|conn| {
            Text::cached().update(&held[6], posts::score.eq(54), conn)?;
            QueryResult::<()>::Err(Error::RollbackTransaction)
        });
        assert!(undone.is_err());
        check(&[0, 1, 2, 3, 4, 5, 6], conn);
        assert_as_stored!(conn);
    }

    fn what_is_expired_is_read_again(db) {
        let (conn, sent) = &mut seeded(&db, 2, 8);
        let other = &mut db.connect();
        for id in 1..=8 {
            let held = Text::cached().order(posts::id).load(conn).unwrap();
            let text = &held[id as usize - 1];
            diesel::update(posts::table.find(id)).set(posts::score.eq(90 + id)).execute(other).unwrap();
            if id % 2 == 0 {
                Text::cached().expire(text, conn).unwrap();
            } else {
                conn.identity_map().unwrap().expire::<Text>(&text.id);
            }
            sent.take();
            let again = Text::cached().find(text.id).first(conn).unwrap();
            assert_eq!(sent.take().len(), 1, "its row was read");
            assert_eq!((again.id, again.score), (text.id, 90 + id));
            assert_as_stored!(conn);
        }
        let held = Text::cached().order(posts::id).load(conn).unwrap();
        diesel::update(posts::table.find(3)).set(posts::score.eq(1)).execute(other).unwrap();
        assert_eq!(Text::cached().refresh(&held[2], conn).unwrap().score, 1);
        assert_as_stored!(conn);
    }

    /// A row that is gone is found out by a write, which expires the key alone.
    fn a_write_of_a_row_that_is_gone(db) {
        let (conn, _) = &mut seeded(&db, 2, 8);
        let other = &mut db.connect();
        let held = Text::cached().order(posts::id).load(conn).unwrap();
        for text in held.iter().rev() {
            diesel::delete(posts::table.find(text.id)).execute(other).unwrap();
            let error = Text::cached().update(text, posts::score.eq(1), conn).unwrap_err();
            assert!(matches!(error, Error::NotFound));
            let gone = Text::cached().find(text.id).first(conn);
            assert!(matches!(gone, Err(Error::NotFound)));
        }
    }

    fn transactions(db) {
        let (conn, _) = &mut seeded(&db, 2, 8);
        let held = Text::cached().order(posts::id).load(conn).unwrap();
        let rolled_back = conn.transaction(|conn| {
            for text in &held[2..5] {
                let new = Text::cached().update(text, posts::score.eq(50), conn)?;
                assert!(Arc::ptr_eq(&new, &Text::cached().find(text.id).first(conn)?));
                assert_as_stored!(conn);
            }
            Text::cached().delete(&held[6], conn)?;
            assert_as_stored!(conn);
            QueryResult::<()>::Err(Error::RollbackTransaction)
        });
        assert!(rolled_back.is_err());
        assert_as_stored!(conn);
        conn.transaction(|conn| {
            for text in &held[2..5] {
                Text::cached().update(text, posts::score.eq(60), conn)?;
            }
            conn.transaction(|conn| Text::cached().delete(&held[6], conn).map(drop))?;
            assert_as_stored!(conn);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_as_stored!(conn);
    }

    /// G1: what did not change keeps its object, where the model asks for it.
    fn unchanged_rows_keep_their_objects(db) {
        let (conn, _) = &mut seeded(&db, 2, 6);
        let held = Kept::cached().order(posts::id).load(conn).unwrap();
        let same = |conn: &mut Conn| -> Vec<bool> {
            let again = Kept::cached().order(posts::id).load(conn).unwrap();
            held.iter().zip(&again).map(|(one, other)| Arc::ptr_eq(one, other)).collect()
        };
        diesel::sql_query("UPDATE posts SET title = 'x' WHERE id = 3").execute(conn).unwrap();
        assert_eq!(same(conn), [true, true, false, true, true, true]);
        conn.identity_map().unwrap().expire_all::<Kept>();
        assert_eq!(same(conn), [true, true, false, true, true, true]);
        conn.identity_map().unwrap().expire::<Kept>(&Id(5));
        assert_eq!(same(conn), [true, true, false, true, true, true]);
    }
}
