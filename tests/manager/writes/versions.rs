//! Optimistic locking: only who holds the newest version of a row can write it.

use std::sync::{Arc, Barrier};
use std::thread;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapError, IdentityMapped};

use crate::db::each_database;
use crate::documents::documents;

use super::asserts::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn a_version_begins_at_its_default_and_grows_by_one(db) {
        let (conn, sent) = &mut Fixture::new(&db).documents().build();
        let new = (documents::id.eq(3), documents::text.eq("a"));
        let document = Document::cached().insert(new, conn).unwrap();
        assert_eq!(document.lock_version, 0);
        sent.take();
        let document = Document::cached().update(&document, documents::text.eq("b"), conn).unwrap();
        assert_eq!(sent.take().len(), Conn::UPDATE);
        assert_eq!((&*document.text, document.lock_version), ("b", 1));
        assert_held!(document, Document, 3, conn, sent);
        let changed = Document { text: "c".to_owned(), ..Document::clone(&document) };
        let document = Document::cached().save(&changed, conn).unwrap();
        assert_eq!((&*document.text, document.lock_version), ("c", 2));
        assert_held!(document, Document, 3, conn, sent);
        assert_is_row!(document, Document, 3, conn);
        Document::cached().delete(&document, conn).unwrap();
        assert_gone!(Document, 3, conn);
        assert_eq!(Document::cached().find(1).first(conn).unwrap().lock_version, 0);
    }

    fn changes_that_name_the_version(db) {
        let (conn, sent) = &mut Fixture::new(&db).documents().build();
        let old = Document::cached().find(1).first(conn).unwrap();
        let new = Document::cached()
            .update(&old, (documents::text.eq("x"), documents::lock_version.eq(41)), conn)
            .unwrap();
        assert_eq!((&*new.text, new.lock_version), ("x", 41));
        assert_held!(new, Document, 1, conn, sent);
        let late = Document::cached().update(&old, documents::lock_version.eq(50), conn);
        let error = late.unwrap_err();
        assert!(is_conflict(&error), "{error}");
        let again = Document::cached()
            .update(&new, documents::lock_version.eq(documents::lock_version + 9), conn)
            .unwrap();
        assert_eq!(again.lock_version, 50);
        assert_is_row!(again, Document, 1, conn);
    }

    fn a_stale_object_is_not_written(db) {
        let (conn, sent) = &mut Fixture::new(&db).documents().build();
        type Attempt<C> = fn(&Arc<Document>, &mut C) -> Error;
        let attempts: [Attempt<Conn>; 3] = [
            |old, conn| Document::cached().update(old, documents::text.eq("x"), conn).unwrap_err(),
            |old, conn| Document::cached().save(&**old, conn).unwrap_err(),
            |old, conn| Document::cached().delete(old, conn).unwrap_err(),
        ];
        let other = Document::cached().find(2).first(conn).unwrap();
        for attempt in attempts {
            let old = Document::cached().find(1).first(conn).unwrap();
            let theirs = format!("theirs {}", old.lock_version);
            diesel::update(documents::table.find(1))
                .set((
                    documents::text.eq(&theirs),
                    documents::lock_version.eq(documents::lock_version + 1),
                ))
                .execute(&mut db.connect())
                .unwrap();
            assert_held!(old, Document, 1, conn, sent);
            let error = attempt(&old, conn);
            let expected = IdentityMapError::VersionConflict { model: "Document" };
            assert_eq!(IdentityMapError::of(&error), Some(&expected));
            let winner = Document::cached().find(1).first(conn).unwrap();
            assert_eq!((&winner.text, winner.lock_version), (&theirs, old.lock_version + 1));
            assert_is_row!(winner, Document, 1, conn);
        }
        assert_held!(other, Document, 2, conn, sent);
    }

    fn a_stale_object_of_one_s_own_is_not_written_either(db) {
        let (conn, sent) = &mut Fixture::new(&db).documents().build();
        let old = Document::cached().find(1).first(conn).unwrap();
        let new = Document::cached().update(&old, documents::text.eq("new"), conn).unwrap();
        let error = Document::cached().update(&old, documents::text.eq("lost"), conn).unwrap_err();
        assert!(is_conflict(&error), "{error}");
        let now = Document::cached().find(1).first(conn).unwrap();
        assert_eq!(now, new);
        let newer = Document::cached().update(&now, documents::text.eq("newer"), conn).unwrap();
        assert_held!(newer, Document, 1, conn, sent);
    }

    fn a_versioned_row_that_is_gone_is_no_conflict(db) {
        let (conn, _) = &mut Fixture::new(&db).documents().build();
        let gone = Document::cached().find(1).first(conn).unwrap();
        diesel::delete(documents::table).execute(&mut db.connect()).unwrap();
        let update = Document::cached().update(&gone, documents::text.eq("x"), conn);
        assert_eq!(update.unwrap_err(), Error::NotFound);
        assert_eq!(Document::cached().save(&*gone, conn).unwrap_err(), Error::NotFound);
        assert_eq!(Document::cached().delete(&gone, conn).unwrap_err(), Error::NotFound);
    }

    fn exactly_one_of_two_connections_wins(db) {
        Fixture::on(db.connect()).documents().build();
        let barrier = Barrier::new(2);
        let write = |name: &'static str| {
            let (conn, _) = &mut Fixture::new(&db).build();
            let old = Document::cached().find(1).first(conn).unwrap();
            barrier.wait();
            let written = Document::cached().update(&old, documents::text.eq(name), conn);
            let won = written.as_ref().map(|new| new.text.clone());
            if let Err(error) = &written {
                assert!(is_conflict(error), "{error}");
            }
            barrier.wait();
            let now = Document::cached().find(1).first(conn).unwrap();
            (won.ok(), now.text.clone(), now.lock_version)
        };
        let (one, two) = thread::scope(|threads| {
            let other = threads.spawn(|| write("other"));
            (write("one"), other.join().unwrap())
        });
        let winner = match (one.0, two.0) {
            (Some(winner), None) | (None, Some(winner)) => winner,
            both => panic!("{both:?}"),
        };
        assert_eq!((one.1, one.2), (winner.clone(), 1));
        assert_eq!((two.1, two.2), (winner, 1));
    }
}
