//! A connection that goes back to a pool takes nothing with it: deadpool, bb8 and mobc.

use std::sync::Arc;

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel_async::RunQueryDsl;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, bb8, deadpool, mobc};
use diesel_identity_map::install;
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::run;
use crate::installed::Installed;
use crate::models::*;
use crate::schema::*;

/// What holds of every pool `$pool` of one connection and `$two` of two.
macro_rules! holds_of_a_pool {
    ($db:ident, $pool:expr, $two:expr) => {{
        let pool = $pool;
        let mut conn = pool.get().await.unwrap();
        let held = Post::cached().find(1).first(&mut conn).await.unwrap();
        assert!(Arc::ptr_eq(
            &held,
            &Post::cached().find(1).first(&mut conn).await.unwrap()
        ));
        drop(conn);
        // The same connection, for somebody else.
        let mut conn = pool.get().await.unwrap();
        assert_eq!(conn.identity_map().unwrap().len::<Post>(), 0);
        let other = Post::cached().find(1).first(&mut conn).await.unwrap();
        assert!(!Arc::ptr_eq(&held, &other), "it took nothing with it");
        drop(conn);

        let pool = $two;
        let scope = Scope::new();
        let work = async {
            let (mut one, mut two) = (pool.get().await.unwrap(), pool.get().await.unwrap());
            let a = Post::cached().find(1).first(&mut one).await.unwrap();
            let b = Post::cached().find(1).first(&mut two).await.unwrap();
            assert!(Arc::ptr_eq(&a, &b), "`install` makes them one database");
            let change = diesel::update(posts::table.find(1)).set(posts::title.eq("changed"));
            change.execute(&mut two).await.unwrap();
            assert_eq!(
                Post::cached().find(1).first(&mut one).await.unwrap().title,
                "changed"
            );
        };
        work.in_identity_scope(scope).await;
    }};
}

macro_rules! each_pool {
    ($($(#[$gate:meta])* $name:ident $Conn:ty;)+) => {$(
        $(#[$gate])*
        mod $name {
            use super::*;
            use crate::db::asynchronous::$name::Db;

            type Manager = AsyncDieselConnectionManager<$Conn>;

            #[test]
            fn of_deadpool() {
                let _installed = Installed::new(install);
                run(async {
                    let db = Db::new();
                    db.fill(1, 1);
                    let pool = |size| {
                        deadpool::Pool::builder(Manager::new(db.url())).max_size(size).build().unwrap()
                    };
                    holds_of_a_pool!(db, pool(1), pool(2));
                });
            }

            #[test]
            fn of_bb8() {
                let _installed = Installed::new(install);
                run(async {
                    let db = Db::new();
                    db.fill(1, 1);
                    let pool = |size| {
                        bb8::Pool::<$Conn>::builder().max_size(size).build(Manager::new(db.url()))
                    };
                    holds_of_a_pool!(db, pool(1).await.unwrap(), pool(2).await.unwrap());
                });
            }

            #[test]
            fn of_mobc() {
                let _installed = Installed::new(install);
                run(async {
                    let db = Db::new();
                    db.fill(1, 1);
                    holds_of_a_pool!(
                        db,
                        mobc::Pool::<$Conn>::builder().max_open(1).build(Manager::new(db.url())),
                        mobc::Pool::<$Conn>::builder().max_open(2).build(Manager::new(db.url()))
                    );
                });
            }
        }
    )+};
}

each_pool! {
    sqlite crate::db::asynchronous::sqlite::Conn;
    #[cfg(feature = "postgres")]
    postgres crate::db::asynchronous::postgres::Conn;
    #[cfg(feature = "mysql")]
    mysql crate::db::asynchronous::mysql::Conn;
}
