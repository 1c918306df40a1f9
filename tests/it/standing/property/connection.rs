//! What a program does on one connection, whichever it is: [`Connected`].

use std::any::Any;
use std::sync::Arc;

use diesel::QueryResult;

use super::database::Product;
use super::models::{Event, Row};
use super::step::{Boundary, Table, Way, Write};

/// An object that a cached load gave, and the row that it says.
pub(super) struct Object {
    pub(super) row: Row,
    pub(super) held: Arc<dyn Any + Send + Sync>,
}

/// A connection of the scope. Where it blocks, its futures are ready at once.
pub(super) trait Connected: Sized {
    const PRODUCT: Product;
    /// In which test rows and events came to be.
    const PLACE: &'static str;
    /// Whether it can be used further when a future of it was dropped half-way.
    const SURVIVES_A_DROP: bool;
    /// A connection that blocks, to the same database, without a map.
    type Observer;

    /// Waits for a future of such connections.
    fn wait<F: Future>(future: F) -> F::Output;
    fn observe(url: &str) -> Self::Observer;
    fn tell(observer: &mut Self::Observer, sql: &str) -> QueryResult<()>;
    /// How many sessions are connected to the database, where one may outlive its connection.
    fn sessions(observer: &mut Self::Observer) -> usize;
    /// The writes of [`tasks`](super::models::tasks) that are committed.
    fn journal(observer: &mut Self::Observer) -> QueryResult<Vec<Event>>;

    /// A new connection, with a map: one to the database `url`.
    async fn connect(url: &str) -> Self;
    /// What plain Diesel reads, in the order of the keys.
    async fn read(&mut self, table: Table) -> QueryResult<Vec<Row>>;
    /// What cached loads give, in the same order.
    async fn load(&mut self, table: Table, way: Way) -> QueryResult<Vec<Object>>;
    /// A write of the manager, and the objects that it returned.
    async fn manage(
        &mut self,
        write: Write,
        table: Table,
        id: i32,
        n: i32,
    ) -> QueryResult<Vec<Object>>;
    async fn write(&mut self, write: Write, table: Table, id: i32, n: i32) -> QueryResult<()>;
    /// Whether Diesel's transaction manager has given up.
    fn is_broken(&mut self) -> bool;
    async fn bound(&mut self, boundary: Boundary) -> QueryResult<()>;
    async fn raw(&mut self, sql: &str) -> QueryResult<()>;
    async fn batch(&mut self, sql: &str) -> QueryResult<()>;
}

/// The second key of a write of two rows.
pub(super) fn second(id: i32) -> i32 {
    id % super::database::KEYS.end() + 1
}

pub(super) fn object<M: super::models::AsRow>(held: Arc<M>) -> Object {
    Object {
        row: held.row(),
        held,
    }
}
