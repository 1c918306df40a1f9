//! What only PostgreSQL has: a table in a schema, and `uuid`.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;
use uuid::Uuid;

use crate::db::postgres::Db;
use crate::mapped;

use super::kinds::STRATEGIES;

diesel::table! {
    archive.letters (token) {
        token -> Uuid,
        text -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = letters, primary_key(token))]
struct Letter {
    token: Uuid,
    text: String,
}

#[test]
fn a_uuid_in_a_schema() {
    let db = Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(
        "CREATE SCHEMA archive; CREATE TABLE archive.letters (token uuid PRIMARY KEY, text text NOT NULL)",
    )
    .unwrap();
    let tokens: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
    for token in &tokens {
        diesel::insert_into(letters::table)
            .values((
                letters::token.eq(token),
                letters::text.eq(token.to_string()),
            ))
            .execute(conn)
            .unwrap();
    }
    for strategy in STRATEGIES {
        let all = Letter::cached()
            .strategy(strategy)
            .order(letters::token)
            .load(conn)
            .unwrap();
        let many = Letter::cached().find_many(&tokens).load(conn).unwrap();
        for ((row, found), token) in all.iter().zip(&many).zip(&tokens) {
            assert!(Arc::ptr_eq(row, found.as_ref().unwrap()));
            assert_eq!((row.token, &row.text), (*token, &token.to_string()));
        }
    }
}
