//! The connections on which programs run: those of Diesel, which block, and those of `diesel-async`.

use std::future::Future;

use diesel::QueryResult;

use super::connection::{Connected, Object, object, second};
use super::database::{KEYS, Product};
use super::models::{Event, Row};
use super::step::{Boundary, Table, Way, Write};
use super::tables::{on_table, on_written};

#[derive(diesel::QueryableByName)]
struct Session {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    #[allow(dead_code)] // they are counted
    id: i64,
}

#[derive(diesel::QueryableByName)]
struct Entry {
    #[diesel(sql_type = diesel::sql_types::Text)]
    what: String,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    id: i32,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    n: i32,
}

/// Implements [`Connected`]; the module that says it has `wait!`, and the traits of Diesel or of
/// `diesel-async`.
macro_rules! connected {
    ($Conn:ty, $database:ident, $product:ident, $place:literal, $survives:literal, |$url:ident| $connect:expr) => {
        impl Connected for $Conn {
            const PRODUCT: Product = Product::$product;
            const PLACE: &'static str = $place;
            const SURVIVES_A_DROP: bool = $survives;
            type Observer = $crate::db::$database::Conn;

            fn wait<F: Future>(future: F) -> F::Output {
                run_to_end(future)
            }

            fn observe(url: &str) -> Self::Observer {
                diesel::Connection::establish(&Self::PRODUCT.address(url)).unwrap()
            }

            fn tell(observer: &mut Self::Observer, sql: &str) -> QueryResult<()> {
                diesel::connection::SimpleConnection::batch_execute(observer, sql)
            }

            fn sessions(observer: &mut Self::Observer) -> usize {
                let sessions = diesel::sql_query(Self::PRODUCT.sessions());
                let sessions: Vec<Session> = diesel::RunQueryDsl::load(sessions, observer).unwrap();
                sessions.len()
            }

            fn journal(observer: &mut Self::Observer) -> QueryResult<Vec<Event>> {
                let entries = diesel::sql_query("SELECT what, id, n FROM journal");
                let entries: Vec<Entry> = diesel::RunQueryDsl::load(entries, observer)?;
                let events = entries
                    .into_iter()
                    .map(|entry| (entry.what, entry.id, entry.n));
                Ok(events.collect())
            }

            async fn connect($url: &str) -> Self {
                let $url = &Self::PRODUCT.address($url);
                let mut conn: $Conn = $connect;
                if let Some(session) = Self::PRODUCT.session() {
                    wait!(conn.batch_execute(session)).unwrap();
                }
                // Statements that are sent on another thread are told to all scopes of the database.
                conn.enable_identity_map_with(MapOptions::new().database($url.as_str()));
                conn
            }

            async fn read(&mut self, table: Table) -> QueryResult<Vec<Row>> {
                let conn = self;
                on_table!(table, |table, Model| {
                    let rows = table::table.select(Model::as_select()).order(table::id);
                    let rows: Vec<Model> = wait!(rows.load(conn))?;
                    Ok(rows.iter().map(AsRow::row).collect())
                })
            }

            async fn load(&mut self, table: Table, way: Way) -> QueryResult<Vec<Object>> {
                let conn = self;
                on_table!(table, |table, Model| {
                    let ordered = |strategy| Model::cached().strategy(strategy).order(table::id);
                    let objects = match way {
                        Way::Auto => wait!(ordered(Strategy::Auto).load(conn))?,
                        Way::KeysFirst => wait!(ordered(Strategy::KeysFirst).load(conn))?,
                        Way::Rows => wait!(ordered(Strategy::Rows).load(conn))?,
                        Way::FindMany => {
                            let found = wait!(Model::cached().find_many(KEYS).load(conn))?;
                            found.into_iter().flatten().collect()
                        }
                        Way::Find => {
                            let mut found = Vec::new();
                            for id in KEYS {
                                found.extend(
                                    wait!(Model::cached().find(id).first(conn)).optional()?,
                                );
                            }
                            found
                        }
                    };
                    Ok(objects.into_iter().map(object).collect())
                })
            }

            async fn manage(
                &mut self,
                write: Write,
                table: Table,
                id: i32,
                n: i32,
            ) -> QueryResult<Vec<Object>> {
                let conn = self;
                on_written!(table, |table, Model| {
                    let all = Model::cached();
                    let new = |id: i32, n: i32| (table::id.eq(id), table::n.eq(n));
                    let objects = match write {
                        Write::Insert => vec![wait!(all.insert(new(id, n), conn))?],
                        Write::InsertMany => {
                            wait!(all.insert_many([new(id, n), new(second(id), n + 1)], conn))?
                        }
                        Write::Update => {
                            let object = wait!(Model::cached().find(id).first(conn))?;
                            vec![wait!(all.update(&object, table::n.eq(n), conn))?]
                        }
                        Write::Save => {
                            let object = wait!(Model::cached().find(id).first(conn))?;
                            let changed = Model {
                                n,
                                ..Model::clone(&object)
                            };
                            vec![wait!(all.save(changed, conn))?]
                        }
                        Write::Delete => {
                            let object = wait!(Model::cached().find(id).first(conn))?;
                            wait!(all.delete(&object, conn))?;
                            vec![object]
                        }
                        Write::UpdateAll => {
                            let rows = all.filter(table::id.eq_any([id, second(id)]));
                            wait!(rows.update_all(table::n.eq(n), conn))?;
                            vec![]
                        }
                        Write::DeleteAll => {
                            wait!(all.filter(table::id.eq(id)).delete_all(conn))?;
                            vec![]
                        }
                        Write::Refresh => {
                            let object = wait!(Model::cached().find(id).first(conn))?;
                            vec![wait!(all.refresh(&object, conn))?]
                        }
                        Write::Expire => {
                            let object = wait!(Model::cached().find(id).first(conn))?;
                            all.expire(&object, conn)?;
                            vec![]
                        }
                    };
                    Ok(objects.into_iter().map(object).collect())
                })
            }

            async fn write(
                &mut self,
                write: Write,
                table: Table,
                id: i32,
                n: i32,
            ) -> QueryResult<()> {
                let conn = self;
                on_written!(table, |table| {
                    let new = |id: i32, n: i32| (table::id.eq(id), table::n.eq(n));
                    match write {
                        Write::Insert | Write::InsertMany => {
                            wait!(
                                diesel::insert_into(table::table)
                                    .values(new(id, n))
                                    .execute(conn)
                            )?;
                        }
                        Write::Delete | Write::DeleteAll => {
                            wait!(diesel::delete(table::table.find(id)).execute(conn))?;
                        }
                        _ => {
                            wait!(
                                diesel::update(table::table.find(id))
                                    .set(table::n.eq(n))
                                    .execute(conn)
                            )?;
                        }
                    }
                    Ok(())
                })
            }

            fn is_broken(&mut self) -> bool {
                <$Conn as Connection>::TransactionManager::is_broken_transaction_manager(self)
            }

            async fn bound(&mut self, boundary: Boundary) -> QueryResult<()> {
                type Manager = <$Conn as Connection>::TransactionManager;
                match boundary {
                    Boundary::Begin => wait!(Manager::begin_transaction(self)),
                    Boundary::Commit => wait!(Manager::commit_transaction(self)),
                    Boundary::Rollback => wait!(Manager::rollback_transaction(self)),
                }
            }

            async fn raw(&mut self, sql: &str) -> QueryResult<()> {
                wait!(diesel::sql_query(sql).execute(self)).map(drop)
            }

            async fn batch(&mut self, sql: &str) -> QueryResult<()> {
                wait!(self.batch_execute(sql))
            }
        }
    };
}

mod blocking {
    use std::task::{Context, Poll, Waker};

    use diesel::connection::{SimpleConnection, TransactionManager};
    use diesel::{
        Connection, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    };
    use diesel_identity_map::{IdentityMapConnection, IdentityMapped, MapOptions, Strategy};

    use super::super::models::AsRow;
    use super::*;

    macro_rules! wait {
        ($work:expr) => {
            $work
        };
    }

    /// Nothing is waited for within such a future.
    fn run_to_end<F: Future>(future: F) -> F::Output {
        match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("a connection that blocks is not waited for"),
        }
    }

    connected!(
        diesel::SqliteConnection,
        sqlite,
        Sqlite,
        "sqlite",
        true,
        |url| Self::establish(url).unwrap()
    );
    #[cfg(feature = "postgres")]
    connected!(
        diesel::PgConnection,
        postgres,
        Postgres,
        "postgres",
        true,
        |url| Self::establish(url).unwrap()
    );
    #[cfg(feature = "mysql")]
    connected!(
        diesel::MysqlConnection,
        mysql,
        Mysql,
        "mysql",
        true,
        |url| Self::establish(url).unwrap()
    );
}

#[cfg(feature = "__async-tests")]
mod awaited {
    use std::sync::LazyLock;

    use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
    use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
    use diesel_async::{
        AsyncConnection as Connection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
    };
    use diesel_identity_map::{AsyncIdentityMapConnection, IdentityMapped, MapOptions, Strategy};

    use super::super::models::AsRow;
    use super::*;

    macro_rules! wait {
        ($work:expr) => {
            $work.await
        };
    }

    /// One runtime for all programs.
    fn run_to_end<F: Future>(future: F) -> F::Output {
        static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            runtime.worker_threads(2).enable_all().build().unwrap()
        });
        RUNTIME.block_on(future)
    }

    connected!(
        SyncConnectionWrapper<diesel::SqliteConnection>,
        sqlite,
        Sqlite,
        "async sqlite",
        true,
        |url| Self::new(diesel::Connection::establish(url).unwrap())
    );
    #[cfg(feature = "postgres")]
    connected!(
        diesel_async::AsyncPgConnection,
        postgres,
        Postgres,
        "async postgres",
        true,
        |url| Self::establish(url).await.unwrap()
    );
    #[cfg(feature = "mysql")]
    connected!(
        diesel_async::AsyncMysqlConnection,
        mysql,
        Mysql,
        "async mysql",
        false,
        |url| Self::establish(url).await.unwrap()
    );
}
