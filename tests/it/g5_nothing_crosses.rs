//! G5: objects stay in their scope, their database, their session and their model.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{
    IdentityMap, IdentityMapConnection, IdentityMapError, IdentityMapped, MapOptions, Scope,
};

use crate::db::each_database;
use crate::installed::nothing_installed;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// Another model of the same table.
#[derive(Queryable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
struct Headline {
    id: i32,
    title: String,
}

each_database! {
    fn two_databases_of_one_kind_in_one_scope(db) {
        let other = Db::new();
        let (mut here, _) = mapped(db.connect(), db.url());
        let (mut there, _) = mapped(other.connect(), other.url());
        seed(&mut here, 1, 1);
        seed(&mut there, 1, 1);
        diesel::update(posts::table).set(posts::title.eq("there")).execute(&mut there).unwrap();
        let _entered = Scope::new().entered();
        let a = Post::cached().find(1).first(&mut here).unwrap();
        let b = Post::cached().find(1).first(&mut there).unwrap();
        assert_eq!((a.title.as_str(), b.title.as_str()), ("post 1", "there"));
    }

    fn connections_that_nobody_named_are_databases_of_their_own(db) {
        let _nothing = nothing_installed();
        let (mut one, mut two) = (db.connect(), db.connect());
        seed(&mut one, 1, 1);
        one.enable_identity_map();
        two.enable_identity_map();
        let _entered = Scope::new().entered();
        let a = Post::cached().find(1).first(&mut one).unwrap();
        let b = Post::cached().find(1).first(&mut two).unwrap();
        assert!(!Arc::ptr_eq(&a, &b));
    }

    fn a_map_takes_no_second_database(db) {
        let other = Db::new();
        let (mut here, _) = mapped(db.connect(), db.url());
        let (mut there, sent) = mapped(other.connect(), other.url());
        seed(&mut here, 1, 1);
        seed(&mut there, 1, 1);
        sent.take();
        let map = IdentityMap::new();
        let _held = Post::cached().in_map(&map).find(1).first(&mut here).unwrap();
        let refused = [
            Post::cached().in_map(&map).find(1).first(&mut there).unwrap_err(),
            Post::cached().in_map(&map).load(&mut there).unwrap_err(),
            Post::cached().in_map(&map).find_many([1]).load(&mut there).unwrap_err(),
        ];
        for error in refused {
            let error = IdentityMapError::of(&error).cloned();
            assert_eq!(error, Some(IdentityMapError::WrongDatabase { model: "Post" }));
        }
        assert_eq!(sent.count(), 0);
    }

    fn two_scopes_share_nothing(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let load = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap();
        let own = load(&mut conn);
        let (one, two) = (Scope::new(), Scope::new());
        let a = one.in_scope(|| load(&mut conn));
        let b = two.in_scope(|| load(&mut conn));
        assert!(!Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &own));
        assert!(Arc::ptr_eq(&a, &one.in_scope(|| load(&mut conn))));
        assert!(Arc::ptr_eq(&own, &load(&mut conn)));
    }

    fn two_models_of_one_table_never_alias(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let post = Post::cached().find(1).first(&mut conn).unwrap();
        let headline = Headline::cached().find(1).first(&mut conn).unwrap();
        assert_eq!((post.id, &post.title), (headline.id, &headline.title));
        let map = conn.identity_map().unwrap();
        assert_eq!((map.len::<Post>(), map.len::<Headline>()), (1, 1));
    }

    fn naming_another_database_starts_anew(db) {
        let (mut conn, _) = mapped(db.connect(), "one");
        seed(&mut conn, 1, 1);
        let a = Post::cached().find(1).first(&mut conn).unwrap();
        conn.enable_identity_map_with(MapOptions::new().database("two"));
        let b = Post::cached().find(1).first(&mut conn).unwrap();
        assert!(!Arc::ptr_eq(&a, &b));
    }
}

#[cfg(all(feature = "postgres", feature = "mysql"))]
#[test]
fn databases_of_different_kinds_in_one_scope() {
    use crate::db::{mysql, postgres, sqlite};
    let dbs = (sqlite::Db::new(), postgres::Db::new(), mysql::Db::new());
    let (mut a, _) = mapped(dbs.0.connect(), dbs.0.url());
    let (mut b, _) = mapped(dbs.1.connect(), dbs.1.url());
    let (mut c, _) = mapped(dbs.2.connect(), dbs.2.url());
    seed(&mut a, 1, 1);
    seed(&mut b, 1, 2);
    seed(&mut c, 1, 3);
    diesel::update(posts::table)
        .set(posts::title.eq("b"))
        .execute(&mut b)
        .unwrap();
    diesel::update(posts::table)
        .set(posts::title.eq("c"))
        .execute(&mut c)
        .unwrap();
    let scope = Scope::new();
    let _entered = scope.enter();
    let of_a = Post::cached().order(posts::id).load(&mut a).unwrap();
    let of_b = Post::cached().order(posts::id).load(&mut b).unwrap();
    let of_c = Post::cached().order(posts::id).load(&mut c).unwrap();
    assert_eq!((of_a.len(), of_b.len(), of_c.len()), (1, 2, 3));
    assert_eq!(
        (&*of_a[0].title, &*of_b[0].title, &*of_c[0].title),
        ("post 1", "b", "c")
    );
    assert_eq!(scope.stats().alive, 6);
}

#[cfg(feature = "postgres")]
mod sessions {
    use super::*;
    use crate::db::postgres::{Conn, Db};
    use diesel::connection::SimpleConnection;

    /// Two roles that see their own rows of one table.
    fn with_row_level_security() -> (Db, Conn, Vec<String>) {
        let db = Db::new();
        let mut admin = db.connect();
        seed(&mut admin, 2, 2);
        let unique = db.url().rsplit('/').next().unwrap().to_owned();
        let roles: Vec<String> = (1..=2).map(|user| format!("{unique}_u{user}")).collect();
        admin
            .batch_execute(
                "ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY own ON posts
                 USING ('u' || user_id = right(current_user, 2)
                     OR 'u' || user_id = current_setting('app.tenant', true));",
            )
            .unwrap();
        for role in &roles {
            admin
                .batch_execute(&format!(
                    "CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT ON posts TO {role};"
                ))
                .unwrap();
        }
        (db, admin, roles)
    }

    fn drop_roles(admin: &mut Conn, roles: &[String]) {
        for role in roles {
            admin
                .batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role};"))
                .unwrap();
        }
    }

    fn ids(posts: &[Arc<Post>]) -> Vec<i32> {
        posts.iter().map(|post| post.id).collect()
    }

    #[test]
    fn a_role_sees_only_its_rows() {
        let (db, mut admin, roles) = with_row_level_security();
        let (mut conn, _) = mapped(db.connect(), db.url());
        let scope = Scope::new();
        scope.in_scope(|| {
            let all = Post::cached().order(posts::id).load(&mut conn).unwrap();
            assert_eq!(ids(&all), [1, 2]);
            let mut held = vec![all];
            for (role, own) in [(&roles[0], 2), (&roles[1], 1)] {
                conn.batch_execute(&format!("SET ROLE {role}")).unwrap();
                let own_only = Post::cached().order(posts::id).load(&mut conn).unwrap();
                assert_eq!(ids(&own_only), [own]);
                let other = 3 - own;
                assert!(
                    Post::cached().find(other).first(&mut conn).is_err(),
                    "{role}"
                );
                assert_eq!(
                    Post::cached().find_many([other]).load(&mut conn).unwrap(),
                    [None]
                );
                held.push(own_only);
            }
            conn.batch_execute("RESET ROLE").unwrap();
            assert!(Post::cached().find(1).first(&mut conn).is_ok());
        });
        drop_roles(&mut admin, &roles);
    }

    #[test]
    fn two_users_of_one_table_in_one_scope() {
        let (db, mut admin, roles) = with_row_level_security();
        let url_of = |role: &str| {
            let (_, rest) = db.url().split_once("://").unwrap();
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("postgres://{role}:x@{host}")
        };
        let _entered = Scope::new().entered();
        let mut held = Vec::new();
        for (role, own) in [(&roles[0], 2), (&roles[1], 1)] {
            let url = url_of(role);
            let (mut conn, _) = mapped(Conn::establish(&url).unwrap(), &url);
            let posts = Post::cached().load(&mut conn).unwrap();
            assert_eq!(ids(&posts), [own]);
            assert!(Post::cached().find(3 - own).first(&mut conn).is_err());
            held.push(posts);
        }
        drop_roles(&mut admin, &roles);
    }

    #[test]
    fn a_setting_that_ends_with_its_transaction() {
        let (db, mut admin, roles) = with_row_level_security();
        let (mut conn, _) = mapped(db.connect(), db.url());
        conn.batch_execute(&format!("SET ROLE {}", roles[0]))
            .unwrap();
        let mut kept = Vec::new();
        let rolled_back = conn.transaction::<(), diesel::result::Error, _>(|conn| {
            diesel::sql_query("SELECT set_config('app.tenant', 'u2', true)").execute(conn)?;
            kept = Post::cached().order(posts::id).load(conn)?;
            Err(diesel::result::Error::RollbackTransaction)
        });
        assert!(rolled_back.is_err());
        assert_eq!(ids(&kept), [1, 2]);
        assert!(Post::cached().find(1).first(&mut conn).is_err());
        assert!(Post::cached().find(2).first(&mut conn).is_ok());

        conn.transaction::<(), diesel::result::Error, _>(|conn| {
            conn.batch_execute("SET LOCAL app.tenant = 'u2'")?;
            kept = Post::cached().order(posts::id).load(conn)?;
            Ok(())
        })
        .unwrap();
        assert!(Post::cached().find(1).first(&mut conn).is_err());
        drop_roles(&mut admin, &roles);
    }

    #[test]
    fn another_search_path_is_another_table() {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        conn.batch_execute(
            "CREATE SCHEMA tenant; CREATE TABLE tenant.posts (LIKE public.posts);
             INSERT INTO tenant.posts SELECT id, user_id, 'tenant', body, published, score FROM posts;",
        )
        .unwrap();
        let public = Post::cached().find(1).first(&mut conn).unwrap();
        conn.batch_execute("SET search_path TO tenant").unwrap();
        let tenant = Post::cached().find(1).first(&mut conn).unwrap();
        assert_eq!((&*public.title, &*tenant.title), ("post 1", "tenant"));
    }
}
