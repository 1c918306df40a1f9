//! Going through the rows of a statement as they arrive: [`visit`].

use std::future::{Future, poll_fn};
use std::ops::ControlFlow;
use std::pin::pin;

use diesel::QueryResult;
use futures_core::Stream;

/// Shows the rows of a statement to `visitor` as they arrive, until the visitor breaks off.
pub(super) async fn visit<S, R>(
    rows: impl Future<Output = QueryResult<S>>,
    mut visitor: impl FnMut(&R) -> QueryResult<ControlFlow<()>> + Send,
) -> QueryResult<()>
where
    S: Stream<Item = QueryResult<R>>,
{
    visit_each(rows, &mut visitor).await
}

/// [`visit`] for every visitor, so that it is compiled once for each connection.
async fn visit_each<S, R>(
    rows: impl Future<Output = QueryResult<S>>,
    visitor: &mut (dyn FnMut(&R) -> QueryResult<ControlFlow<()>> + Send),
) -> QueryResult<()>
where
    S: Stream<Item = QueryResult<R>>,
{
    let mut rows = pin!(rows.await?);
    while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
        if visitor(&row?)?.is_break() {
            break;
        }
    }
    Ok(())
}
