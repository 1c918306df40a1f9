//! Scopes, two databases and threads: lists never mix.

use std::sync::{Arc, Barrier};

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

each_database! {
    fn two_databases_in_one_scope(db) {
        let other = Db::new();
        let (mut here, sent_here) = mapped(db.connect(), db.url());
        let (mut there, sent_there) = mapped(other.connect(), other.url());
        seed(&mut here, 3, 9);
        seed(&mut there, 3, 9);
        diesel::update(users::table).set(users::name.eq("there")).execute(&mut there).unwrap();
        let _entered = Scope::new().entered();
        let by_id = || Post::cached().order(posts::id);
        let (a, b) = (by_id().load(&mut here).unwrap(), by_id().load(&mut there).unwrap());
        sent_here.take();
        sent_there.take();
        for (one, other) in a.iter().zip(&b) {
            let user = one.load_parent::<User>(&mut here).unwrap().unwrap();
            assert_eq!(user.name, format!("user {}", one.user_id));
            let user = other.load_parent::<User>(&mut there).unwrap().unwrap();
            assert_eq!((user.id, user.name.as_str()), (other.user_id, "there"));
        }
        assert_eq!((sent_here.take().len(), sent_there.take().len()), (1, 1));
        // An object of the one, asked on the other: the row of the database that is asked.
        let user = a[0].load_parent::<User>(&mut there).unwrap().unwrap();
        assert_eq!(user.name, "there");
        drop(user);
        for post in &a {
            assert_eq!(post.load_parent::<User>(&mut here).unwrap().unwrap().name, format!("user {}", post.user_id));
        }
        drop((a, b));
        assert_eq!(here.identity_map().unwrap().len::<User>(), 0);
        assert_eq!(there.identity_map().unwrap().len::<User>(), 0);
    }

    fn two_connections_of_one_scope(db) {
        let (mut one, sent_one) = mapped(db.connect(), db.url());
        let (mut two, sent_two) = mapped(db.connect(), db.url());
        seed(&mut one, 5, 20);
        let _entered = Scope::new().entered();
        let posts = Post::cached().order(posts::id).load(&mut one).unwrap();
        sent_one.take();
        sent_two.take();
        for (at, post) in posts.iter().enumerate() {
            let conn = if at % 2 == 0 { &mut one } else { &mut two };
            assert_eq!(post.load_parent::<User>(conn).unwrap().unwrap().id, post.user_id);
        }
        assert_eq!(sent_one.take().len() + sent_two.take().len(), 1, "they share their map");
        assert_eq!(one.identity_map().unwrap().len::<User>(), 0);
    }

    fn objects_of_another_scope(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        let outside = posts.load_parents::<User>(conn).unwrap();
        Scope::new().in_scope(|| {
            for (post, user) in posts.iter().zip(&outside) {
                let inside = post.load_parent::<User>(conn).unwrap().unwrap();
                assert_eq!(&*inside, &**user.as_ref().unwrap());
                assert!(!Arc::ptr_eq(&inside, user.as_ref().unwrap()), "a scope shares nothing");
            }
            let inside = posts.load_parents::<User>(conn).unwrap();
            assert!(!Arc::ptr_eq(inside[0].as_ref().unwrap(), outside[0].as_ref().unwrap()));
        });
        let again = posts[0].load_parent::<User>(conn).unwrap().unwrap();
        assert!(Arc::ptr_eq(&again, outside[0].as_ref().unwrap()));
    }

    fn what_a_scope_says_of_peers(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 6);
        let outside = Post::cached().uncached().find(1).first(conn).unwrap();
        let scope = Scope::builder().peers(Peers::Forbidden).build();
        scope.in_scope(|| {
            let posts = Post::cached().order(posts::id).load(conn).unwrap();
            let iterated = Post::cached().load_iter(conn).unwrap().collect::<QueryResult<Vec<_>>>().unwrap();
            let joined = posts::table.select(Post::as_select()).mapped().load(conn).unwrap();
            let one = Post::cached().find(1).first(conn).unwrap();
            let many = Post::cached().find_many([1, 2]).load(conn).unwrap();
            let of_query = posts.iter().chain(&iterated).chain(&joined).chain([&one]).chain(many.iter().flatten());
            for post in of_query {
                let error = post.load_parent::<User>(conn).unwrap_err();
                assert!(matches!(
                    diesel_identity_map::IdentityMapError::of(&error),
                    Some(diesel_identity_map::IdentityMapError::LazyLoadForbidden { model: "Post", relation: "User" })
                ));
                assert!(post.load_children::<Comment>(conn).is_err());
            }
            assert!(outside.load_parent::<User>(conn).is_err(), "an object of no map is forbidden too");
            drop((posts, iterated, joined, one, many));
            // A query has the last word.
            let posts = Post::cached().peers(true).order(posts::id).load(conn).unwrap();
            sent.take();
            for post in &posts {
                post.load_parent::<User>(conn).unwrap().unwrap();
            }
            assert_eq!(sent.take().len(), 1);
            assert!(posts[0].load_children::<Comment>(conn).is_ok());
            let rows = Post::cached().with::<User>().with_children::<Comment>().load(conn).unwrap();
            assert_eq!(rows.len(), 6);
        });
        Scope::builder().peers(false).build().in_scope(|| {
            let posts = Post::cached().order(posts::id).load(conn).unwrap();
            sent.take();
            for post in &posts {
                post.load_parent::<User>(conn).unwrap().unwrap();
            }
            assert_eq!(sent.take().len(), 6);
        });
        assert!(outside.load_parent::<User>(conn).is_ok());
    }

    /// Two threads go lazily through one list at once: each gets its answers, and one row stays
    /// one object.
    fn threads_over_one_list(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 7, 60);
        let scope = Scope::new();
        for _ in 0..5 {
            let posts = scope.in_scope(|| Post::cached().order(posts::id).load(&mut conn).unwrap());
            let start = Barrier::new(4);
            std::thread::scope(|threads| {
                for thread in 0..4 {
                    let (db, scope, posts, start) = (&db, &scope, &posts, &start);
                    threads.spawn(move || {
                        let (mut conn, _) = mapped(db.connect(), db.url());
                        start.wait();
                        scope.in_scope(|| {
                            let mut kept = Vec::new();
                            for at in 0..posts.len() {
                                let at = if thread % 2 == 0 { at } else { posts.len() - 1 - at };
                                let user = posts[at].load_parent::<User>(&mut conn).unwrap().unwrap();
                                assert_eq!(user.id, posts[at].user_id);
                                if thread > 1 {
                                    kept.push((posts[at].user_id, user));
                                }
                            }
                            for (id, user) in &kept {
                                let again = User::cached().find(*id).first(&mut conn).unwrap();
                                assert!(Arc::ptr_eq(&again, user));
                            }
                        });
                    });
                }
            });
            drop(posts);
        }
        scope.in_scope(|| assert_eq!(conn.identity_map().unwrap().len::<User>(), 0));
    }

    /// Under a lock the children are read again; their parents are loaded as from any list.
    fn a_lock(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        seed(&mut conn, 3, 6);
        let held = Post::cached().order(posts::id).load(&mut conn).unwrap();
        conn.transaction(|conn| {
            sent.take();
            let Some(locked) = Lock::posts(conn) else { return Ok(()) };
            assert!(!Arc::ptr_eq(&locked[0].0, &held[0]));
            assert_eq!(sent.take().len(), 2, "the posts, locked, and the users");
            assert!(locked.iter().all(|(post, user)| post.user_id == user.id));
            drop(locked);
            let locked = Lock::mapped(conn);
            assert!(locked.iter().all(|post| held.iter().all(|old| !Arc::ptr_eq(old, post))));
            sent.take();
            for post in &locked {
                post.load_parent::<User>(conn)?;
            }
            assert_eq!(sent.take().len(), 1);
            QueryResult::Ok(())
        })
        .unwrap();
    }
}

/// `FOR UPDATE`, where the database has it.
trait Lock: Sized {
    fn posts(_: &mut Self) -> Option<Vec<(Arc<Post>, Arc<User>)>> {
        None
    }

    fn mapped(_: &mut Self) -> Vec<Arc<Post>> {
        Vec::new()
    }
}

impl Lock for SqliteConnection {}

#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! locks {
    ($conn:ty) => {
        impl Lock for $conn {
            fn posts(conn: &mut Self) -> Option<Vec<(Arc<Post>, Arc<User>)>> {
                let posts = Post::cached().order(posts::id).for_update();
                Some(posts.with::<User>().load(conn).unwrap())
            }

            fn mapped(conn: &mut Self) -> Vec<Arc<Post>> {
                let posts = posts::table.select(Post::as_select()).order(posts::id);
                posts.for_update().mapped().load(conn).unwrap()
            }
        }
    };
}

#[cfg(feature = "postgres")]
locks!(PgConnection);
#[cfg(feature = "mysql")]
locks!(MysqlConnection);
