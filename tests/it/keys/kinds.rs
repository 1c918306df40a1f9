//! Each kind of key and of model is loaded, found by its key, and found again.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped, Strategy};

use crate::db::each_database;
use crate::models::{Blob, Comment, Country, PostTag, Translation, seed_comments};
use crate::schema::*;
use crate::{mapped, seeded};

use super::models::*;

pub(super) const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

each_database! {
    fn composite(db) {
        let (conn, sent) = &mut seeded(&db, 1, 4);
        conn.batch_execute(
            "INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b');
             INSERT INTO post_tags (post_id, tag_id) VALUES (1, 1), (1, 2), (2, 1), (3, 2);
             INSERT INTO translations (lang, msg, text) VALUES
             ('de', 'hi', 'Hallo'), ('en', 'hi', 'Hello'), ('de', 'bye', 'Ade');",
        )
        .unwrap();
        for strategy in STRATEGIES {
            let all = PostTag::cached().strategy(strategy).order((post_tags::post_id, post_tags::tag_id));
            let all = all.load(conn).unwrap();
            let keys: Vec<(i32, i32)> = all.iter().map(|pair| pair.key()).collect();
            assert_eq!(keys, [(1, 1), (1, 2), (2, 1), (3, 2)]);

            let held = Translation::cached().find(("de", "hi")).first(conn).unwrap();
            sent.take();
            let again = Translation::cached().find((&"de".to_owned(), "hi".to_owned())).one(conn).unwrap();
            assert!(Arc::ptr_eq(&held, &again));
            assert_eq!(sent.take().len(), 0);
            let many = Translation::cached()
                .find_many([("en", "hi"), ("de", "hi"), ("fr", "hi")])
                .load(conn)
                .unwrap();
            let texts: Vec<Option<&str>> =
                many.iter().map(|found| found.as_ref().map(|found| &*found.text)).collect();
            assert_eq!(texts, [Some("Hello"), Some("Hallo"), None]);
            let ordered = Translation::cached().strategy(strategy).order(translations::text).load(conn);
            let texts: Vec<String> = ordered.unwrap().iter().map(|row| row.text.clone()).collect();
            assert_eq!(texts, ["Ade", "Hallo", "Hello"]);
        }
    }

    fn strings_bytes_newtypes_and_enums(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        diesel::insert_into(countries::table)
            .values([
                (countries::code.eq("at"), countries::name.eq("Austria")),
                (countries::code.eq("gh"), countries::name.eq("Ghana")),
            ])
            .execute(conn)
            .unwrap();
        diesel::insert_into(blobs::table)
            .values((blobs::digest.eq(vec![0_u8, 255, 7]), blobs::note.eq("n")))
            .execute(conn)
            .unwrap();
        diesel::insert_into(tags::table)
            .values((tags::id.eq(9), tags::name.eq("rust")))
            .execute(conn)
            .unwrap();

        for strategy in STRATEGIES {
            let ghana = Country::cached().strategy(strategy).find("gh").first(conn).unwrap();
            let all = Country::cached().strategy(strategy).order(countries::code).load(conn).unwrap();
            assert!(Arc::ptr_eq(&ghana, &all[1]));

            let nations = Nation::cached().strategy(strategy).order(countries::code).load(conn).unwrap();
            let found = Nation::cached().find_many([Land::Ghana, Land::Austria]).load(conn).unwrap();
            assert!(Arc::ptr_eq(found[0].as_ref().unwrap(), &nations[1]));
            assert_eq!(nations[0].name, "Austria");

            let blob = Blob::cached().strategy(strategy).order(blobs::digest).first(conn).unwrap();
            let same = Blob::cached().find(&[0, 255, 7]).first(conn).unwrap();
            assert!(Arc::ptr_eq(&blob, &same));
            assert_eq!(blob.note, "n");

            let tag = Tag::cached().strategy(strategy).order(tags::id).load(conn).unwrap().remove(0);
            assert!(Arc::ptr_eq(&tag, &Tag::cached().find(TagId(9)).first(conn).unwrap()));
            assert_eq!(tag.label, "rust");

            let coded = Coded::cached().strategy(strategy).order(countries::code).load(conn).unwrap();
            let same = Coded::cached().find(Code("gh".into())).first(conn).unwrap();
            assert!(Arc::ptr_eq(&coded[1], &same));
            assert_eq!(&*coded[1].name, "Ghana");
        }
    }

    fn big_integers_and_borrowed_keys(db) {
        let (conn, sent) = &mut seeded(&db, 1, 3);
        seed_comments(conn, 3, 9);
        let all = Comment::cached().order(comments::id.desc()).load(conn).unwrap();
        sent.take();
        let key = &all[2].key();
        assert!(Arc::ptr_eq(&all[2], &Comment::cached().find(key).one(conn).unwrap()));
        assert!(Arc::ptr_eq(&all[0], &Comment::cached().find(9).one(conn).unwrap()));
        assert_eq!(sent.count(), 0);
    }

    fn embeds_expressions_and_positions(db) {
        let (conn, _) = &mut seeded(&db, 2, 3);
        for strategy in STRATEGIES {
            let all = Embedding::cached().strategy(strategy).order(posts::id).load(conn).unwrap();
            assert_eq!((all[1].number, all[1].next_score), (2, 5));
            assert_eq!((&*all[1].text.title, &*all[1].text.body.0), ("post 2", "body 2"));
            assert!(Arc::ptr_eq(&all[1], &Embedding::cached().find(2).first(conn).unwrap()));

            let users = Positional::cached().strategy(strategy).order(users::id).load(conn).unwrap();
            assert_eq!((users[1].id, &*users[1].name, &users[1].email), (2, "user 2", &None));
        }
    }

    fn raw_identifiers(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        diesel::sql_query(quoted::<Conn>("CREATE TABLE 'type' ('loop' INT PRIMARY KEY, 'match' VARCHAR(9) NOT NULL)"))
            .execute(conn)
            .unwrap();
        diesel::insert_into(raw::r#type::table)
            .values((raw::r#type::r#loop.eq(1), raw::r#type::r#match.eq("x")))
            .execute(conn)
            .unwrap();
        for strategy in STRATEGIES {
            let row = Raw::cached().strategy(strategy).order(raw::r#type::r#match).first(conn).unwrap();
            assert_eq!((row.r#loop, &*row.r#match), (1, "x"));
            assert!(Arc::ptr_eq(&row, &Raw::cached().find(1).first(conn).unwrap()));
        }
    }

    fn a_base_query_that_joins(db) {
        let (conn, _) = &mut seeded(&db, 2, 4);
        for strategy in STRATEGIES {
            let all = Published::cached().strategy(strategy).order(posts::id).load(conn).unwrap();
            let authors: Vec<(i32, &str)> = all.iter().map(|post| (post.id, &*post.author)).collect();
            assert_eq!(authors, [(2, "user 1"), (4, "user 1")]);
            assert_eq!(all[0].title, "post 2");
            assert!(Published::cached().find(1).first(conn).is_err(), "it is not published");
            let many = Published::cached().find_many([1, 4]).load(conn).unwrap();
            assert!(many[0].is_none());
            assert!(Arc::ptr_eq(many[1].as_ref().unwrap(), &all[1]));
        }
    }

    /// A spelling that only the database takes for equal misses, and is mapped as it stands there.
    fn a_key_in_another_spelling(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        diesel::insert_into(countries::table)
            .values((countries::code.eq("at"), countries::name.eq("Austria")))
            .execute(conn)
            .unwrap();
        let plain: Option<String> =
            countries::table.find("AT").select(countries::code).first(conn).optional().unwrap();
        let held = Country::cached().find("at").first(conn).unwrap();
        let found = Country::cached().find("AT").first(conn).optional().unwrap();
        assert_eq!(found.as_ref().map(|country| country.code.clone()), plain);
        let many = Country::cached().find_many(["AT", "at", "xx"]).load(conn).unwrap();
        assert_eq!(many[0].as_ref().map(|country| country.code.clone()), plain);
        assert!(Arc::ptr_eq(many[1].as_ref().unwrap(), &held));
        assert!(many[2].is_none());
        if let Some(found) = found {
            assert!(Arc::ptr_eq(&found, &held));
            assert!(Arc::ptr_eq(many[0].as_ref().unwrap(), &held));
        }
        assert_eq!(conn.identity_map().unwrap().len::<Country>(), 1);
    }
}

/// Identifiers in the quotes of the database.
fn quoted<C: Connection>(sql: &str) -> String {
    let mysql = std::any::type_name::<C>().contains("Mysql");
    sql.replace('\'', if mysql { "`" } else { "\"" })
}
