//! By rows: one statement, and of a row whose object is alive only the key is decoded.

use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::Connection;

use super::batch::ByKey;
use super::load::Loaded;
use super::run::CachedQuery;
use crate::map::IdentityMap;
use crate::model::Model;

/// How many rows to read: all, or the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    All,
    First,
}

impl Take {
    fn next(self) -> QueryResult<ControlFlow<()>> {
        Ok(match self {
            Self::All => ControlFlow::Continue(()),
            Self::First => ControlFlow::Break(()),
        })
    }
}

/// Takes what is alive from the map, and fills it with the rest.
pub(super) fn load<M, Q, Conn>(
    map: &IdentityMap,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Connection,
    M: Model,
    Q: CachedQuery<M, Conn>,
{
    let store = map.store::<M>();
    // Nothing can be found in an empty store but what this query puts there itself.
    let cold = store.is_empty();
    let mut loaded = Loaded::default();
    map.count_statement();
    query.each_row(conn, &mut |key, decode| {
        let held = if cold { None } else { store.get(&key) };
        loaded.hits += usize::from(held.is_some());
        loaded.objects.push(match held {
            Some(held) => held,
            None => store.adopt(key, Arc::new(decode()?)),
        });
        take.next()
    })?;
    Ok(loaded)
}

/// Decodes every row, and replaces what the map holds once all of them did.
pub(super) fn load_fresh<M, Q, Conn>(
    map: &IdentityMap,
    query: Q,
    take: Take,
    conn: &mut Conn,
) -> QueryResult<Loaded<M>>
where
    Conn: Connection,
    M: Model,
    Q: CachedQuery<M, Conn>,
{
    let mut by_key = ByKey::<M>::default();
    let mut loaded = Loaded::default();
    map.count_statement();
    query.each_row(conn, &mut |key, decode| {
        let object = match by_key.get(&key) {
            Some(object) => Arc::clone(object), // a join repeats rows
            None => Arc::clone(by_key.entry(key).or_insert(Arc::new(decode()?))),
        };
        loaded.objects.push(object);
        take.next()
    })?;
    let store = map.store::<M>();
    for (key, object) in by_key {
        store.replace(key, &object);
    }
    Ok(loaded)
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
    query.each_row(conn, &mut |_, decode| {
        objects.push(Arc::new(decode()?));
        take.next()
    })?;
    Ok(objects)
}
