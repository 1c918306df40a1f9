//! What people do on the site, on two connections of one scope.

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
    /// G3, G4: no write leaves anything old, on neither connection, in whichever way it was written; nor does a
    /// transaction, while it is open and after it has ended either way.
    fn a_session(db) {
        drop(db);
        for shift in 0..WAYS.len() {
            let db = Db::new();
            let mut conns = [mapped(wait!(db.connect()), db.url()).0, mapped(wait!(db.connect()), db.url()).0];
            for batch in schema(Product::of(db.url())) {
                wait!(conns[0].batch_execute(&batch)).unwrap_or_else(|error| panic!("{batch}: {error}"));
            }
            let _entered = Scope::new().entered();
            let mut held = Held::default();
            let mut open = None;
            for step in 0.. {
                let way = WAYS[(step + shift) % WAYS.len()];
                let writer = open.unwrap_or(step / 3 % 2);
                let conn = &mut conns[writer];
                match step {
                    0 => {} // what is there from the start
                    1 => insert!(conn, way, person Person: id = 101, name = "ann"),
                    2 => insert!(conn, way, person Person: id = 102, name = "bob"),
                    3 => insert!(conn, way, community Community: id = 201, creator_id = Some(101), name = "rust"),
                    4 => insert!(conn, way, follow Follow: person_id = 101, community_id = 201),
                    5 => insert!(conn, way, follow Follow: person_id = 102, community_id = 201),
                    6 => insert!(conn, way, post Post: id = 301, person_id = 101, community_id = 201, title = "Rows"),
                    7 => insert!(conn, way, post_vote PostVote: person_id = 102, post_id = 301, vote = 1),
                    8 => insert!(conn, way, post_vote PostVote: person_id = 101, post_id = 301, vote = 1),
                    9 => update!(conn, way, post_vote PostVote [person_id = 102, post_id = 301]: vote = -1),
                    10 => delete!(conn, way, post_vote PostVote [person_id = 101, post_id = 301]),
                    11 => insert!(conn, way, comment Comment:
                        id = 401, post_id = 301, person_id = 102, parent_id = None::<i32>, body = "No."),
                    12 => insert!(conn, way, comment Comment:
                        id = 402, post_id = 301, person_id = 101, parent_id = Some(401), body = "Why?"),
                    13 => insert!(conn, way, comment_vote CommentVote: person_id = 101, comment_id = 401, vote = 1),
                    14 => insert!(conn, way, comment_vote CommentVote: person_id = 102, comment_id = 402, vote = 1),
                    15 => update!(conn, way, comment_vote CommentVote [person_id = 101, comment_id = 401]: vote = -1),
                    16 => update!(conn, way, comment Comment [id = 401]: body = "No!"),
                    17 => update!(conn, way, post Post [id = 301]: title = "Rows and objects"),
                    18 => insert!(conn, way, saved_post SavedPost: person_id = 102, post_id = 301),
                    // A transaction that commits, with a savepoint that does not.
                    19 => {
                        wait!(conn.batch_execute("BEGIN")).unwrap();
                        open = Some(writer);
                    }
                    20 => insert!(conn, way, person Person: id = 103, name = "cid"),
                    21 => insert!(conn, way, post Post: id = 302, person_id = 103, community_id = 201, title = "Maps"),
                    22 => insert!(conn, way, post_vote PostVote: person_id = 102, post_id = 302, vote = 1),
                    23 => wait!(conn.batch_execute("SAVEPOINT inside")).unwrap(),
                    24 => insert!(conn, way, comment Comment:
                        id = 403, post_id = 302, person_id = 103, parent_id = None::<i32>, body = "First"),
                    25 => delete!(conn, way, follow Follow [person_id = 102, community_id = 201]),
                    26 => wait!(conn.batch_execute("ROLLBACK TO SAVEPOINT inside")).unwrap(),
                    27 => insert!(conn, way, comment Comment:
                        id = 404, post_id = 302, person_id = 102, parent_id = None::<i32>, body = "Second"),
                    28 => {
                        wait!(conn.batch_execute("COMMIT")).unwrap();
                        open = None;
                    }
                    // One that is rolled back.
                    29 => {
                        wait!(conn.batch_execute("BEGIN")).unwrap();
                        open = Some(writer);
                    }
                    30 => delete!(conn, way, post Post [id = 301]),
                    31 => update!(conn, way, person Person [id = 103]: banned = true),
                    32 => delete_all!(conn, way, comment_vote CommentVote [person_id = 101]),
                    33 => {
                        wait!(conn.batch_execute("ROLLBACK")).unwrap();
                        open = None;
                    }
                    34 => save!(conn, way, person Person [102]: bio = "I vote."),
                    35 => save!(conn, way, post Post [302]: title = "Maps, weak"),
                    36 => update_all!(conn, way, comment Comment [post_id = 301]: deleted = true),
                    37 => update_all!(conn, way, post Post [community_id = 201]: removed = true),
                    38 => update_all!(conn, way, post_vote PostVote [person_id = 102]: vote = 0),
                    39 => delete!(conn, way, saved_post SavedPost [person_id = 102, post_id = 301]),
                    40 => delete!(conn, way, follow Follow [person_id = 102, community_id = 201]),
                    41 => update!(conn, way, person Person [id = 103]: banned = true),
                    42 => update!(conn, way, person Person [id = 103]: banned = false),
                    // Keys that the database makes up.
                    43 => insert!(conn, way, community Community: name = "c"),
                    44 => insert!(conn, way, post Post: person_id = 102, community_id = 201, title = "Third"),
                    45 => update_all!(conn, way, post Post [person_id = 102]: removed = false),
                    46 => delete!(conn, way, comment Comment [id = 401]), // and the reply
                    47 => insert!(conn, way, community Community: id = 210, creator_id = Some(103), name = "sql"),
                    48 => update!(conn, way, post Post [id = 301]: community_id = 210),
                    49 => delete_all!(conn, way, post_vote PostVote [vote = 0]),
                    50 => delete!(conn, way, post Post [id = 302]),
                    51 => delete!(conn, way, community Community [id = 210]), // and its posts
                    52 => delete!(conn, way, person Person [id = 102]),
                    53 => delete_all!(conn, way, person Person [banned = false]),
                    _ => break,
                }
                for at in [writer, 1 - writer] {
                    if at == writer || open.is_none() {
                        let when = format!("step {step} {way} (shift {shift}), written on {writer}, read on {at}");
                        check!(&mut conns[at], held, step % 2 == 0, when);
                    }
                }
            }
        }
    }
}
