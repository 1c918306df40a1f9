//! Scopes inside a transaction.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Retain, Scope};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;
use crate::seeded;

each_database! {
    fn scopes_stay_apart_inside_a_transaction(db) {
        let (conn, _) = &mut seeded(&db, 1, 3);
        let (one, other) = (Scope::new(), Scope::new());
        conn.transaction(|conn| {
            diesel::update(posts::table).set(posts::score.eq(50)).execute(conn)?;
            let a = one.in_scope(|| Post::cached().find(1).first(conn))?;
            let b = other.in_scope(|| Post::cached().find(1).first(conn))?;
            let own = Post::cached().find(1).first(conn)?;
            assert!(!Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &own) && !Arc::ptr_eq(&b, &own));
            assert!(Arc::ptr_eq(&a, &one.in_scope(|| Post::cached().find(1).first(conn))?));
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn a_scope_that_ends_inside_a_transaction_keeps_nothing(db) {
        let (conn, _) = &mut seeded(&db, 1, 3);
        conn.transaction(|conn| {
            diesel::update(posts::table).set(posts::score.eq(50)).execute(conn)?;
            let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
            let weak = scope.in_scope(|| Post::cached().find(1).first(conn).map(|post| Arc::downgrade(&post)))?;
            assert!(weak.upgrade().is_some());
            drop(scope);
            assert!(weak.upgrade().is_none());
            QueryResult::Ok(())
        })
        .unwrap();
    }
}
