//! Which databases answer a write with the written rows: `RETURNING`.

use std::future::Future;

use crate::choice::Choice;
use crate::product::Product;

/// Whether a dialect's databases return the rows that a write wrote: `Yes`, `No`, or [`Asked`].
#[doc(hidden)]
pub trait ReturnsRows: 'static {
    /// Does `yes` or `no` with a state that both need. `ask` says which, and gives the state back.
    fn choose<S, T, A, Y, N>(
        state: S,
        ask: impl FnOnce(S) -> A + Send,
        yes: impl FnOnce(S) -> Y + Send,
        no: impl FnOnce(S) -> N + Send,
    ) -> impl Future<Output = T> + Send
    where
        S: Send,
        A: Future<Output = (bool, S)> + Send,
        Y: Future<Output = T> + Send,
        N: Future<Output = T> + Send;
}

impl<C: Choice> ReturnsRows for C {
    fn choose<S, T, A, Y, N>(
        state: S,
        _: impl FnOnce(S) -> A + Send,
        yes: impl FnOnce(S) -> Y + Send,
        no: impl FnOnce(S) -> N + Send,
    ) -> impl Future<Output = T> + Send
    where
        S: Send,
        A: Future<Output = (bool, S)> + Send,
        Y: Future<Output = T> + Send,
        N: Future<Output = T> + Send,
    {
        <C as Choice>::choose(state, yes, no)
    }
}

/// Only the server knows whether it returns rows.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Asked;

impl ReturnsRows for Asked {
    async fn choose<S, T, A, Y, N>(
        state: S,
        ask: impl FnOnce(S) -> A + Send,
        yes: impl FnOnce(S) -> Y + Send,
        no: impl FnOnce(S) -> N + Send,
    ) -> T
    where
        S: Send,
        A: Future<Output = (bool, S)> + Send,
        Y: Future<Output = T> + Send,
        N: Future<Output = T> + Send,
    {
        match ask(state).await {
            (true, state) => yes(state).await,
            (false, state) => no(state).await,
        }
    }
}

/// Whether statements may end in `RETURNING` on this product: `INSERT`, `UPDATE` and `DELETE` alike.
///
/// MariaDB has it for `INSERT` and `DELETE`, but Diesel cannot use it: a prepared statement does not say
/// which columns it will return.
pub(crate) fn returns_rows(product: Product) -> bool {
    match product {
        Product::Sqlite | Product::Postgres => true,
        Product::Mysql | Product::Unknown => false,
    }
}
