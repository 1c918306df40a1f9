//! A write is seen in each map that its connection serves, and on other connections of the scope.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMap, IdentityMapped, Scope};

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;
use crate::{mapped, seeded};

each_database! {
    fn a_write_reaches_every_map_that_the_connection_serves(db) {
        let (mut conn, _) = seeded(&db, 1, 3);
        let (mut other, _) = mapped(db.connect(), db.url());
        let map = IdentityMap::new();
        let (outer, inner) = (Scope::new(), Scope::new());
        let load = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap();
        let in_map = |conn: &mut Conn| Post::cached().in_map(&map).find(1).first(conn).unwrap();
        let held = [
            load(&mut conn),
            in_map(&mut conn),
            outer.in_scope(|| load(&mut conn)),
            inner.in_scope(|| load(&mut other)), // another connection of the scope
        ];
        inner.in_scope(|| {
            diesel::sql_query("UPDATE posts SET title = 'new'").execute(&mut conn).unwrap();
        });
        let now = [
            load(&mut conn),
            in_map(&mut conn),
            outer.in_scope(|| load(&mut conn)),
            inner.in_scope(|| load(&mut other)),
        ];
        assert!(held.iter().all(|post| post.title == "post 1"));
        assert!(now.iter().all(|post| post.title == "new"), "{now:?}");
    }

    /// What is promised of two connections in one scope: a commit of one is seen by the next load
    /// of the other, and nothing before it.
    fn two_connections_of_one_scope(db) {
        let (mut one, _) = seeded(&db, 1, 3);
        let (mut other, _) = mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        let title = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap().title.clone();
        let held = Post::cached().find(1).first(&mut one).unwrap();
        Post::cached().update(&held, posts::title.eq("first"), &mut one).unwrap();
        assert_eq!(title(&mut other), "first");

        // By the manager, and by a statement that does not say which row.
        for (manager, new) in [(true, "second"), (false, "third")] {
            let mut hidden = None;
            let old = title(&mut other);
            one.transaction(|one| {
                let post = Post::cached().find(1).first(one)?;
                if manager {
                    Post::cached().update(&post, posts::title.eq(new), one)?;
                } else {
                    diesel::update(posts::table).set(posts::title.eq(new)).execute(one)?;
                }
                assert_eq!(title(one), new);
                assert_eq!(title(&mut other), old, "nothing uncommitted");
                // What is loaded there meanwhile does not hide what is committed here.
                Scope::current().unwrap().clear();
                hidden = Some(Post::cached().find(1).first(&mut other)?);
                assert_eq!(title(one), new);
                QueryResult::Ok(())
            })
            .unwrap();
            assert_eq!(hidden.unwrap().title, old);
            assert_eq!((title(&mut one), title(&mut other)), (new.to_owned(), new.to_owned()));
        }
    }

    fn a_row_that_was_read_before_a_write_is_not_taken_in_after_it(db) {
        let (mut one, _) = seeded(&db, 1, 3);
        let (mut other, _) = mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        let mut rows = Post::cached().order(posts::id).load_iter(&mut other).unwrap();
        let first = rows.next().unwrap().unwrap();
        let last = diesel::update(posts::table.find(3)).set(posts::title.eq("new"));
        last.execute(&mut one).unwrap();
        let late: Vec<Arc<Post>> = rows.collect::<QueryResult<_>>().unwrap();
        assert_eq!(Post::cached().find(3).first(&mut one).unwrap().title, "new");
        assert_eq!(late.len(), 2);
        drop(first);
    }
}
