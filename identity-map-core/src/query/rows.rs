//! The strategy by rows: one statement, and of a row whose object is alive only the key is decoded.

use std::sync::Arc;

use diesel::QueryResult;

use super::cached_query::CachedQuery;
use super::loaded::Loaded;
use super::take::Take;
use crate::model::Model;
use crate::transaction::ReadView;

/// Loads the rows of the query. What is alive comes from the map, and the map takes in the rest.
pub(super) async fn load<M, Q, Conn, D>(
    view: &ReadView,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    M: Model,
    Q: CachedQuery<M, Conn, D>,
{
    if view.about_alive() == 0 {
        return load_cold(view, query, take, conn).await;
    }
    let mut loaded = Loaded::default();
    let reader = view.reader();
    view.count_statement();
    let mut row = |key: M::Key, decode: &dyn Fn() -> QueryResult<M>| {
        let row = reader.held_or_fresh(&key, || decode().map(Arc::new))?;
        loaded.hits += usize::from(row.is_hit);
        loaded.objects.push(row.object);
        Ok(take.next())
    };
    query.each_row(conn, &mut row).await?;
    Ok(loaded)
}

/// Loads the rows into a map that holds nothing of the model. Nothing can be found there, so the
/// statement is plain Diesel's, without the key, and each row is decoded whole.
async fn load_cold<M, Q, Conn, D>(
    view: &ReadView,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    M: Model,
    Q: CachedQuery<M, Conn, D>,
{
    view.count_statement();
    let mut objects = load_own(query, take, conn).await?;
    view.adopt_all(&mut objects);
    Ok(Loaded { objects, hits: 0 })
}

/// Decodes every row, and replaces what the map holds once all rows have decoded.
pub(super) async fn load_fresh<M, Q, Conn, D>(
    view: &ReadView,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    M: Model,
    Q: CachedQuery<M, Conn, D>,
{
    view.count_statement();
    let mut objects = load_own(query, take, conn).await?;
    view.replace_all(&mut objects);
    Ok(Loaded { objects, hits: 0 })
}

/// Decodes every row into an object of its own, without a map.
pub(super) async fn load_own<M, Q, Conn, D>(
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    M: Model,
    Q: CachedQuery<M, Conn, D>,
{
    let mut objects = Vec::new();
    let mut row = |object| {
        objects.push(object);
        take.next()
    };
    query.each_model(conn, &mut row).await?;
    Ok(objects)
}
