//! What people do within Diesel's transactions.

use diesel::prelude::*;
use diesel_identity_map::Scope;
use diesel_identity_map::prelude::*;

use super::Literal;
use super::check::check;
use super::models::*;
use super::tables::*;
use super::writes::*;
use crate::catalogue::tables::Product;
use crate::db::each_connection;

each_connection! {
    /// G3, G4: a transaction within a transaction, of which either, both or none is rolled back.
    fn nested(db) {
        let mut conns = [mapped(wait!(db.connect()), db.url()).0, mapped(wait!(db.connect()), db.url()).0];
        for batch in schema(Product::of(db.url())) {
            wait!(conns[0].batch_execute(&batch)).unwrap_or_else(|error| panic!("{batch}: {error}"));
        }
        wait!(conns[0].batch_execute(
            "INSERT INTO person (id, name) VALUES (101, 'ann'), (102, 'bob');
             INSERT INTO community (id, creator_id, name) VALUES (201, 101, 'rust');
             INSERT INTO post (id, person_id, community_id, title) VALUES (301, 101, 201, 'Rows');"
        )).unwrap();
        let _entered = Scope::new().entered();
        let mut held = Held::default();
        for (step, (inner, outer)) in [(true, true), (true, false), (false, true), (false, false)].into_iter().cycle().take(16).enumerate() {
            let (way, writer) = (WAYS[step / 4], step % 2);
            let when = format!("{way}, kept inside: {inner}, outside: {outer}");
            for at in [0, 1] {
                check!(&mut conns[at], held, at == 0, format!("before {when}"));
            }
            let number = i32::try_from(step).unwrap();
            let held_inside = &mut held;
            let done: QueryResult<()> = wait!(transaction!(conns[writer], |conn| {
                insert!(conn, way, comment Comment:
                    id = 401 + number, post_id = 301, person_id = 102, parent_id = None::<i32>, body = "No.");
                let nested: QueryResult<()> = wait!(transaction!(conn, |conn| {
                    insert!(conn, way, comment_vote CommentVote: person_id = 101, comment_id = 401 + number, vote = 1);
                    update!(conn, way, person Person [id = 101]: banned = step % 8 < 4);
                    if inner { Ok(()) } else { Err(diesel::result::Error::RollbackTransaction) }
                }));
                assert_eq!(nested.is_ok(), inner);
                check!(conn, held_inside, step % 2 == 0, format!("within {when}"));
                if outer { Ok(()) } else { Err(diesel::result::Error::RollbackTransaction) }
            }));
            assert_eq!(done.is_ok(), outer);
            for at in [writer, 1 - writer] {
                check!(&mut conns[at], held, step % 2 == 0, format!("after {when}, on {at}"));
            }
        }
    }
}
