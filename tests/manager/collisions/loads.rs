//! Reads of rows whose keys collide.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::models::*;
use crate::db::each_database;
use crate::schema::*;
use crate::seeded;

const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

fn ids(texts: &[Arc<Text>]) -> Vec<i32> {
    texts.iter().map(|text| text.id.0).collect()
}

each_database! {
    fn every_strategy_tells_the_rows_apart(db) {
        let (conn, sent) = &mut seeded(&db, 3, 12);
        for strategy in STRATEGIES {
            let load = |conn: &mut Conn| {
                Text::cached().strategy(strategy).order(posts::id.desc()).load(conn).unwrap()
            };
            let texts = load(conn);
            assert_eq!(ids(&texts), (1..=12).rev().collect::<Vec<_>>());
            assert!(texts.iter().all(|text| text.title == format!("post {}", text.id.0)));
            let again = load(conn);
            assert!(texts.iter().zip(&again).all(|(one, other)| Arc::ptr_eq(one, other)));
            drop(again);
            // Some are held, the others are read again.
            let held: Vec<Arc<Text>> = texts.into_iter().step_by(3).collect();
            let again = load(conn);
            assert_eq!(ids(&again), (1..=12).rev().collect::<Vec<_>>());
            assert!(held.iter().zip(again.iter().step_by(3)).all(|(one, other)| Arc::ptr_eq(one, other)));
            assert!(again.iter().all(|text| text.title == format!("post {}", text.id.0)));
            assert_eq!(conn.identity_map().unwrap().len::<Text>(), 12);

            // A join repeats rows.
            let twice = Text::cached()
                .strategy(strategy)
                .filter(posts::id.le(2))
                .order(posts::id)
                .load(conn)
                .unwrap();
            assert!(Arc::ptr_eq(&twice[0], &again[11]) && Arc::ptr_eq(&twice[1], &again[10]));
        }
        sent.take();
        let fresh = Text::cached().order(posts::id).fresh().load(conn).unwrap();
        assert_eq!(ids(&fresh), (1..=12).collect::<Vec<_>>());
        let again = Text::cached().order(posts::id).load(conn).unwrap();
        assert!(fresh.iter().zip(&again).all(|(one, other)| Arc::ptr_eq(one, other)));
        let streamed = Text::cached().order(posts::id).load_iter(conn).unwrap();
        let streamed = streamed.collect::<QueryResult<Vec<_>>>().unwrap();
        assert!(fresh.iter().zip(&streamed).all(|(one, other)| Arc::ptr_eq(one, other)));
    }

    fn a_key_finds_its_own_row(db) {
        let (conn, sent) = &mut seeded(&db, 3, 12);
        let held: Vec<_> = [5, 1, 9].map(|id| Text::cached().find(Id(id)).first(conn).unwrap()).into();
        assert_eq!(ids(&held), [5, 1, 9]);
        sent.take();
        for text in &held {
            assert!(Arc::ptr_eq(text, &Text::cached().find(text.id).first(conn).unwrap()));
        }
        assert_eq!(sent.take().len(), 0, "each is held");
        assert!(Text::cached().find(Id(99)).first(conn).optional().unwrap().is_none());
        assert_eq!(sent.take().len(), 1, "a key that is not held is asked for");

        let keys = [9, 2, 99, 5, 2, 7, 98].map(Id);
        let found = Text::cached().find_many(keys).load(conn).unwrap();
        let found_ids: Vec<_> = found.iter().map(|text| text.as_ref().map(|text| text.id.0)).collect();
        assert_eq!(found_ids, [Some(9), Some(2), None, Some(5), Some(2), Some(7), None]);
        assert!(Arc::ptr_eq(found[0].as_ref().unwrap(), &held[2]));
        assert!(Arc::ptr_eq(found[1].as_ref().unwrap(), found[4].as_ref().unwrap()));
        assert_eq!(sent.take().len(), 1, "the missing ones together");
        let map = conn.identity_map().unwrap();
        assert_eq!(map.get::<Text>(&Id(7)).unwrap().id, Id(7));
        assert!(map.get::<Text>(&Id(8)).is_none());
    }

    fn composite(db) {
        let (conn, sent) = &mut seeded(&db, 1, 3);
        conn.batch_execute(
            "INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c');
             INSERT INTO post_tags (post_id, tag_id, position)
             SELECT posts.id, tags.id, 10 * posts.id + tags.id FROM posts CROSS JOIN tags;",
        )
        .unwrap();
        for strategy in STRATEGIES {
            let pairs = Pair::cached().strategy(strategy).order(post_tags::position).load(conn).unwrap();
            assert_eq!(pairs.len(), 9);
            assert!(pairs.iter().all(|pair| pair.position == 10 * pair.post_id.0 + pair.tag_id.0));
            sent.take();
            let mirrored = Pair::cached().find((Id(1), Id(2))).first(conn).unwrap();
            assert!(Arc::ptr_eq(&mirrored, &pairs[1]));
            let found = Pair::cached().find_many([(Id(2), Id(1)), (Id(1), Id(2))]).load(conn).unwrap();
            assert!(Arc::ptr_eq(found[0].as_ref().unwrap(), &pairs[3]));
            assert!(Arc::ptr_eq(found[1].as_ref().unwrap(), &pairs[1]));
            assert_eq!(sent.take().len(), 0);
        }
    }

    fn parents_and_children(db) {
        let (conn, sent) = &mut seeded(&db, 4, 12);
        for strategy in STRATEGIES {
            sent.take();
            let texts = || Text::cached().strategy(strategy).order(posts::id);
            let rows = texts().with::<Writer>().load(conn).unwrap();
            assert_eq!(rows.len(), 12);
            for (text, writer) in &rows {
                assert_eq!(text.user_id, writer.id);
                assert_eq!(writer.name, format!("user {}", writer.id.0));
            }
            let writers = Writer::cached().with_children::<Text>().order(users::id).load(conn).unwrap();
            for ((writer, children), id) in writers.iter().zip(1..) {
                assert_eq!(writer.id, Id(id));
                assert_eq!(children.len(), 3);
                assert!(children.iter().all(|text| text.user_id == writer.id));
                assert!(children.iter().all(|text| Arc::ptr_eq(text, &rows[text.id.0 as usize - 1].0)));
            }
            drop((rows, writers));
            // What is prefetched for peers whose keys collide may be fetched again, and is never another's.
            let texts = texts().load(conn).unwrap();
            for _ in 0..3 {
                for text in &texts {
                    let writer = text.load_parent::<Writer>(conn).unwrap().unwrap();
                    assert_eq!(writer.id, text.user_id);
                }
            }
            drop(texts);
            assert!(conn.identity_map().unwrap().is_empty::<Writer>());
        }
    }
}
