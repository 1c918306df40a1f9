//! G3: connections of which nobody has said that they speak to the same database. Each has a map of its own,
//! and none hands out what another connection of its scope has written.

use std::sync::Arc;

use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_identity_map::prelude::*;

use crate::db::each_connection;
use crate::installed::nothing_installed;
use crate::models::*;
use crate::schema::*;

each_connection! {
    #[allow(clippy::await_holding_lock)] // of a test whose runtime is its own
    fn what_an_unnamed_connection_writes_is_read_again_by_the_others(db) {
        let _nothing = nothing_installed();
        db.fill(1, 3);
        let _entered = Scope::new().entered();
        let mut unnamed = wait!(db.connect());
        unnamed.enable_identity_map();
        let mut other = wait!(db.connect());
        other.enable_identity_map();
        let (mut named, _) = mapped(wait!(db.connect()), db.url());

        let held = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        let named_held = wait!(Post::cached().find(1).first(&mut named)).unwrap();
        let untouched = wait!(Post::cached().find(2).first(&mut other)).unwrap();
        let own = wait!(Post::cached().find(1).first(&mut unnamed)).unwrap();
        assert!(!Arc::ptr_eq(&held, &own), "nobody knows that it is one database");

        // By the manager, by plain Diesel, and by a transaction.
        wait!(Post::cached().update(&own, posts::title.eq("managed"), &mut unnamed)).unwrap();
        let read = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        let named_read = wait!(Post::cached().find(1).first(&mut named)).unwrap();
        assert_eq!((&*read.title, &*named_read.title), ("managed", "managed"));
        let again = wait!(Post::cached().find(2).first(&mut other)).unwrap();
        assert!(Arc::ptr_eq(&untouched, &again));

        let change = diesel::update(posts::table.find(1)).set(posts::title.eq("plain"));
        wait!(change.execute(&mut named)).unwrap();
        let read = wait!(Post::cached().find(1).first(&mut unnamed)).unwrap();
        assert_eq!(read.title, "plain", "what a named connection writes, too");

        drop((held, named_held));
        let held = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        wait!(transaction!(unnamed, |conn| {
            let change = diesel::update(posts::table.find(1)).set(posts::title.eq("committed"));
            wait!(change.execute(conn))
        }))
        .unwrap();
        let read = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        assert_eq!((&*held.title, &*read.title), ("plain", "committed"));
    }

    /// One database may have many names, and many addresses: other users, another spelling.
    fn what_is_written_under_another_name_is_read_again(db) {
        db.fill(1, 2);
        let _entered = Scope::new().entered();
        let (mut one, _) = mapped(wait!(db.connect()), db.url());
        let (mut other, _) = mapped(wait!(db.connect()), &format!("{} of another user", db.url()));
        let held = wait!(Post::cached().find(1).first(&mut one)).unwrap();
        let own = wait!(Post::cached().find(1).first(&mut other)).unwrap();
        let untouched = wait!(Post::cached().find(2).first(&mut one)).unwrap();
        assert!(!Arc::ptr_eq(&held, &own), "they may see other rows");
        wait!(Post::cached().update(&own, posts::title.eq("managed"), &mut other)).unwrap();
        assert_eq!(wait!(Post::cached().find(1).first(&mut one)).unwrap().title, "managed");
        let again = wait!(Post::cached().find(2).first(&mut one)).unwrap();
        assert!(Arc::ptr_eq(&untouched, &again));
        let change = diesel::update(posts::table.find(1)).set(posts::title.eq("plain"));
        wait!(change.execute(&mut one)).unwrap();
        assert_eq!(wait!(Post::cached().find(1).first(&mut other)).unwrap().title, "plain");
    }
}

/// A transaction that begins before the first load, on a connection that `install` has given a map.
#[cfg(feature = "postgres")]
mod installed {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection, RunQueryDsl};
    use diesel_identity_map::install;

    use super::*;
    use crate::db::postgres::Db;
    use crate::installed::Installed;

    fn title(conn: &mut PgConnection) -> String {
        let post = Post::cached().find(1).first(conn).unwrap();
        post.title.clone()
    }

    fn rename(id: i32, title: &str, conn: &mut PgConnection) {
        let change = diesel::update(posts::table.find(id)).set(posts::title.eq(title));
        change.execute(conn).unwrap();
    }

    /// At READ COMMITTED, PostgreSQL's default.
    #[test]
    fn what_others_commit_is_read_in_the_first_transaction() {
        let _installed = Installed::new(install);
        let db = Db::new();
        crate::models::seed(&mut db.connect(), 1, 2);
        let _entered = Scope::new().entered();
        for writes in [false, true] {
            let mut one = PgConnection::establish(db.url()).unwrap();
            let mut other = PgConnection::establish(db.url()).unwrap();
            one.batch_execute("BEGIN").unwrap();
            if writes {
                rename(2, "mine", &mut one);
            }
            for new in ["first", "second", "third"] {
                let held = Post::cached().find(1).first(&mut one).unwrap();
                rename(1, new, &mut other);
                assert_eq!(title(&mut one), new);
                drop(held);
            }
            one.batch_execute("COMMIT").unwrap();
        }
    }

    /// A level that the address sets.
    #[test]
    fn the_address_may_set_the_isolation() {
        let _installed = Installed::new(install);
        let db = Db::new();
        crate::models::seed(&mut db.connect(), 1, 1);
        let option = "options=-cdefault_transaction_isolation%3Drepeatable%5C%20read";
        let sign = if db.url().contains('?') { '&' } else { '?' };
        let mut one = PgConnection::establish(&format!("{}{sign}{option}", db.url())).unwrap();
        let mut other = PgConnection::establish(db.url()).unwrap();
        let _entered = Scope::new().entered();
        one.batch_execute("BEGIN").unwrap();
        let held = Post::cached().find(1).first(&mut one).unwrap();
        rename(1, "new", &mut other);
        assert_eq!(title(&mut one), held.title);
        one.batch_execute("COMMIT").unwrap();
        assert_eq!(title(&mut one), "new");
    }
}

/// As programs make connections that use TLS: `diesel-async` reports no address then.
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
mod made_from_clients {
    use diesel::{ConnectionError, ConnectionResult};
    use diesel_async::pooled_connection::deadpool::Pool;
    use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
    use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
    use diesel_identity_map::{install, install_with_options};
    use tokio_postgres::NoTls;

    use super::*;
    use crate::db::asynchronous::postgres::Db;
    use crate::db::asynchronous::run;
    use crate::installed::Installed;

    async fn from_client(url: &str) -> ConnectionResult<AsyncPgConnection> {
        let connected = tokio_postgres::connect(url, NoTls).await;
        let (client, connection) =
            connected.map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        tokio::spawn(connection);
        AsyncPgConnection::try_from(client).await
    }

    async fn rename(title: &str, conn: &mut AsyncPgConnection) {
        let change = diesel::update(posts::table.find(1)).set(posts::title.eq(title));
        change.execute(conn).await.unwrap();
    }

    async fn title(conn: &mut AsyncPgConnection) -> String {
        let post = Post::cached().find(1).first(conn).await.unwrap();
        post.title.clone()
    }

    #[test]
    fn they_forget_what_another_one_writes() {
        let _installed = Installed::new(install);
        run(async {
            let db = Db::new();
            db.fill(1, 1);
            let _entered = Scope::new().entered();
            let mut one = from_client(db.url()).await.unwrap();
            let mut two = from_client(db.url()).await.unwrap();
            let mut by_address = AsyncPgConnection::establish(db.url()).await.unwrap();
            let held = Post::cached().find(1).first(&mut one).await.unwrap();
            let _held = Post::cached().find(1).first(&mut by_address).await;
            let own = Post::cached().find(1).first(&mut two).await.unwrap();

            let change = posts::title.eq("managed");
            Post::cached().update(&own, change, &mut two).await.unwrap();
            assert_eq!(title(&mut one).await, "managed");
            assert_eq!(title(&mut by_address).await, "managed");
            rename("plain", &mut by_address).await;
            assert_eq!(title(&mut one).await, "plain");
            assert_eq!(title(&mut two).await, "plain");
            assert_eq!(held.title, "post 1");

            // What is written outside the scope is told to it all the same.
            let held = Post::cached().find(1).first(&mut one).await.unwrap();
            let outside = rename("outside", &mut two);
            outside.in_identity_scope(Scope::new()).await;
            assert_eq!(title(&mut one).await, "outside");
            assert_eq!(held.title, "plain");
        });
    }

    #[test]
    fn one_name_makes_them_one_database() {
        let options = || MapOptions::new().database("of clients");
        let _installed = Installed::new(|| install_with_options(options));
        run(async {
            let db = Db::new();
            db.fill(1, 1);
            let _entered = Scope::new().entered();
            let mut one = from_client(db.url()).await.unwrap();
            let mut two = from_client(db.url()).await.unwrap();
            let mut by_address = AsyncPgConnection::establish(db.url()).await.unwrap();
            let held = Post::cached().find(1).first(&mut one).await.unwrap();
            for conn in [&mut two, &mut by_address] {
                let found = Post::cached().find(1).first(conn).await.unwrap();
                assert!(Arc::ptr_eq(&held, &found));
            }
            rename("new", &mut two).await;
            assert_eq!(title(&mut one).await, "new");
        });
    }

    #[test]
    fn the_setup_of_a_pool_names_them() {
        let _installed = Installed::new(install);
        run(async {
            let db = Db::new();
            db.fill(1, 1);
            let mut config = ManagerConfig::default();
            config.custom_setup = Box::new(|url| {
                let url = url.to_owned();
                Box::pin(async move {
                    let mut conn = from_client(&url).await?;
                    conn.enable_identity_map_with(MapOptions::new().database("of a pool"));
                    Ok(conn)
                })
            });
            let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(
                db.url(),
                config,
            );
            let pool = Pool::builder(manager).max_size(2).build().unwrap();
            let (mut one, mut two) = (pool.get().await.unwrap(), pool.get().await.unwrap());
            let _entered = Scope::new().entered();
            let held = Post::cached().find(1).first(&mut one).await.unwrap();
            let found = Post::cached().find(1).first(&mut two).await.unwrap();
            assert!(Arc::ptr_eq(&held, &found));
        });
    }
}
