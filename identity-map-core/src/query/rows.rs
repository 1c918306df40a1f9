//! By rows: one statement, and of a row whose object is alive only the key is decoded.

use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::Connection;

use super::batch::ByKey;
use super::load::Loaded;
use super::run::CachedQuery;
use crate::connection::View;
use crate::model::Model;

/// How many rows to read: all, or the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    All,
    First,
}

impl Take {
    fn next(self) -> ControlFlow<()> {
        match self {
            Self::All => ControlFlow::Continue(()),
            Self::First => ControlFlow::Break(()),
        }
    }
}

/// Takes what is alive from the map, and fills it with the rest.
pub(super) fn load<M, Q, Conn>(
    view: &View<M>,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Connection,
    M: Model,
    Q: CachedQuery<M, Conn>,
{
    if view.about_alive() == 0 {
        return load_cold(view, query, take, conn);
    }
    let mut loaded = Loaded::default();
    view.count_statement();
    query.each_row(conn, &mut |key, decode| {
        let held = view.get(&key);
        loaded.hits += usize::from(held.is_some());
        loaded.objects.push(match held {
            Some(held) => held,
            None => view.adopt(key, Arc::new(decode()?)),
        });
        Ok(take.next())
    })?;
    Ok(loaded)
}

/// Fills a map that holds nothing: there is nothing to find, so plain Diesel's own statement
/// does, and each row is decoded whole.
fn load_cold<M, Q, Conn>(
    view: &View<M>,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Connection,
    M: Model,
    Q: CachedQuery<M, Conn>,
{
    view.count_statement();
    let mut objects = load_own(query, take, conn)?;
    view.adopt_all(&mut objects);
    Ok(Loaded { objects, hits: 0 })
}

/// Decodes every row, and replaces what the map holds once all of them did.
pub(super) fn load_fresh<M, Q, Conn>(
    view: &View<M>,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Connection,
    M: Model,
    Q: CachedQuery<M, Conn>,
{
    view.count_statement();
    let mut objects = load_own(query, take, conn)?;
    let mut by_key = ByKey::<M>::default();
    for object in &mut objects {
        // A join repeats rows: the first object of a key stands for all.
        *object = Arc::clone(
            by_key
                .entry(object.key())
                .or_insert_with(|| Arc::clone(object)),
        );
    }
    for (key, object) in by_key {
        view.replace(key, &object);
    }
    Ok(Loaded { objects, hits: 0 })
}

/// Decodes every row into an object of its own.
pub(super) fn load_own<M, Q, Conn>(
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Vec<Arc<M>>>
where
    Conn: Connection,
    M: Model,
    Q: CachedQuery<M, Conn>,
{
    let mut objects = Vec::new();
    query.each_model(conn, &mut |model| {
        objects.push(Arc::new(model));
        take.next()
    })?;
    Ok(objects)
}
