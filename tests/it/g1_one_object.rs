//! G1: while an object is alive, every load of its row returns it.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMap, IdentityMapConnection, IdentityMapped, Scope, Strategy};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

each_database! {
    fn every_way_to_load_a_row_gives_the_object_that_is_held(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        seed_comments(conn, 9, 18);
        let held = Post::cached().find(4).first(conn).unwrap();
        let is_it = |post: &Arc<Post>| Arc::ptr_eq(post, &held);

        for strategy in STRATEGIES {
            let posts = || Post::cached().strategy(strategy);
            let by_id = posts().filter(posts::id.eq(4));
            assert!(is_it(&by_id.clone().first(conn).unwrap()));
            assert!(is_it(&by_id.clone().get_result(conn).unwrap()));
            assert!(is_it(&by_id.clone().one(conn).unwrap()));
            assert!(is_it(&by_id.clone().load(conn).unwrap()[0]));
            assert!(is_it(&by_id.load_iter(conn).unwrap().next().unwrap().unwrap()));
            assert!(is_it(&posts().find(4).one(conn).unwrap()));
            assert!(is_it(posts().find_many([9, 4]).load(conn).unwrap()[1].as_ref().unwrap()));
            let ordered = posts().order(posts::id).load(conn).unwrap();
            assert!(is_it(&ordered[3]));
            let joined = posts()
                .inner_join(comments::table)
                .filter(comments::post_id.eq(4))
                .load(conn)
                .unwrap();
            assert_eq!(joined.len(), 2);
            assert!(joined.iter().all(is_it));
            let boxed = posts().into_boxed().filter(posts::title.eq("post 4")).load(conn).unwrap();
            assert!(is_it(&boxed[0]));
            assert!(is_it(&posts().distinct().order(posts::id).load(conn).unwrap()[3]));
        }
    }

    fn rows_that_a_join_repeats_are_one_object_on_a_cold_map(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 2, 4);
        seed_comments(&mut conn, 4, 12);
        for strategy in STRATEGIES {
            for fresh in [false, true] {
                let query = Post::cached().strategy(strategy);
                let query = if fresh { query.fresh() } else { query };
                let joined = query
                    .inner_join(comments::table)
                    .order((posts::id, comments::id))
                    .load(&mut conn)
                    .unwrap();
                assert_eq!(joined.len(), 12);
                for three in joined.chunks(3) {
                    assert!(three.iter().all(|post| Arc::ptr_eq(post, &three[0])));
                }
            }
        }
    }

    fn a_later_query_does_not_change_a_held_object(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        // Another connection: what this one has written itself is the business of G3.
        diesel::update(posts::table).set(posts::title.eq("new")).execute(&mut db.connect()).unwrap();
        let again = Post::cached().order(posts::id).first(&mut conn).unwrap();
        assert!(Arc::ptr_eq(&held, &again));
        assert_eq!(held.title, "post 1");

        let fresh = Post::cached().fresh().find(1).first(&mut conn).unwrap();
        assert_eq!((held.title.as_str(), fresh.title.as_str()), ("post 1", "new"));
        let again = Post::cached().find(1).first(&mut conn).unwrap();
        assert!(Arc::ptr_eq(&fresh, &again));
    }

    fn expired_objects_are_read_again(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 2);
        let posts = Post::cached().order(posts::id).load(&mut conn).unwrap();
        let map = conn.identity_map().unwrap();

        map.expire::<Post>(&1);
        let again = Post::cached().order(posts::id).load(&mut conn).unwrap();
        assert!(!Arc::ptr_eq(&posts[0], &again[0]));
        assert!(Arc::ptr_eq(&posts[1], &again[1]));

        map.expire_all::<Post>();
        let last = Post::cached().order(posts::id).load(&mut conn).unwrap();
        assert!(last.iter().zip(&again).all(|(new, old)| !Arc::ptr_eq(new, old)));
        assert_eq!(map.stats().expired, 3);
    }

    fn what_a_statement_binds_does_not_cut_the_map_off(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 2);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        diesel::insert_into(tags::table)
            .values(tags::name.eq("first; SET ROLE x; USE y; UPDATE posts; select set_config(1)"))
            .execute(&mut conn)
            .unwrap();
        assert!(Arc::ptr_eq(&held, &Post::cached().find(1).first(&mut conn).unwrap()));
    }

    fn connections_of_one_scope_share(db) {
        let (mut one, _) = mapped(db.connect(), db.url());
        let (mut two, sent) = mapped(db.connect(), db.url());
        seed(&mut one, 1, 3);
        let scope = Scope::new();
        let _entered = scope.enter();
        let posts = Post::cached().order(posts::id).load(&mut one).unwrap();
        let post = Post::cached().find(2).first(&mut two).unwrap();
        assert!(Arc::ptr_eq(&posts[1], &post));
        assert_eq!(sent.count(), 0);
    }

    fn a_map_of_the_program_s_own_is_shared_too(db) {
        let (mut one, _) = mapped(db.connect(), db.url());
        let (mut two, _) = mapped(db.connect(), db.url());
        seed(&mut one, 1, 3);
        let map = IdentityMap::new();
        let a = Post::cached().in_map(&map).find(2).first(&mut one).unwrap();
        let b = Post::cached().in_map(&map).find(2).first(&mut two).unwrap();
        let elsewhere = Post::cached().find(2).first(&mut one).unwrap();
        assert!(Arc::ptr_eq(&a, &b));
        assert!(!Arc::ptr_eq(&a, &elsewhere));
        assert_eq!(map.len::<Post>(), 1);
    }

    fn a_lock_reads_the_row_again(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        diesel::update(posts::table).set(posts::title.eq("new")).execute(&mut db.connect()).unwrap();
        let locked = lock_first_post(&mut conn);
        if let Some(locked) = locked {
            assert_eq!(locked.title, "new");
            assert!(!Arc::ptr_eq(&held, &locked));
            let now = Post::cached().find(1).first(&mut conn).unwrap();
            assert!(Arc::ptr_eq(&locked, &now));
        }
    }
}

/// `FOR UPDATE`, where the database has it.
trait LockFirstPost {
    fn lock_first_post(&mut self) -> Option<Arc<Post>>;
}

fn lock_first_post<C: LockFirstPost>(conn: &mut C) -> Option<Arc<Post>> {
    conn.lock_first_post()
}

impl LockFirstPost for SqliteConnection {
    fn lock_first_post(&mut self) -> Option<Arc<Post>> {
        None
    }
}

#[cfg(feature = "postgres")]
impl LockFirstPost for PgConnection {
    fn lock_first_post(&mut self) -> Option<Arc<Post>> {
        Some(
            Post::cached()
                .find(1)
                .for_update()
                .no_wait()
                .get_result(self)
                .unwrap(),
        )
    }
}

#[cfg(feature = "mysql")]
impl LockFirstPost for MysqlConnection {
    fn lock_first_post(&mut self) -> Option<Arc<Post>> {
        Some(
            Post::cached()
                .find(1)
                .for_update()
                .get_result(self)
                .unwrap(),
        )
    }
}
