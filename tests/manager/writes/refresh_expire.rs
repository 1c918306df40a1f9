//! `refresh` reads a row at once, `expire` has the next load read it.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::setup::*;

each_database! {
    fn refresh_reads_what_somebody_else_wrote(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).build();
        let old = Post::cached().find(2).first(conn).unwrap();
        let other = Post::cached().find(1).first(conn).unwrap();
        let set = posts::title.eq("theirs");
        diesel::update(posts::table.find(2)).set(set).execute(&mut db.connect()).unwrap();
        sent.take();
        let fresh = Post::cached().refresh(&old, conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert_eq!((&*old.title, &*fresh.title), ("post 2", "theirs"));
        assert_held!(fresh, Post, 2, conn, sent);
        assert_held!(other, Post, 1, conn, sent);

        diesel::delete(posts::table.find(2)).execute(&mut db.connect()).unwrap();
        assert_eq!(Post::cached().refresh(&fresh, conn).unwrap_err(), Error::NotFound);
        assert!(conn.identity_map().unwrap().get::<Post>(&2).is_none());
        assert_gone!(Post, 2, conn);
    }

    fn expire_reads_the_row_at_the_next_load(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).build();
        let old = Post::cached().find(2).first(conn).unwrap();
        let other = Post::cached().find(1).first(conn).unwrap();
        sent.take();
        Post::cached().expire(&old, conn).unwrap();
        assert_eq!(sent.take().len(), 0);
        let new = Post::cached().find(2).first(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert!(!Arc::ptr_eq(&old, &new));
        assert_eq!(old, new);
        assert_held!(other, Post, 1, conn, sent);
    }
}
