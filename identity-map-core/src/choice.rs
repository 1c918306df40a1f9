//! A choice that a type makes: [`Choice`].
//!
//! In an `async fn` an `if` on a constant does not keep the other way from being compiled, since the
//! future could stand in either. Where a type chooses, the other way is never named.

use std::future::Future;

/// [`Yes`] or [`No`].
#[doc(hidden)]
pub trait Choice: 'static {
    /// Whether this is [`Yes`].
    const IS_YES: bool;

    /// Does `yes` or `no` with a state that both need.
    fn choose<S, T, Y, N>(
        state: S,
        yes: impl FnOnce(S) -> Y + Send,
        no: impl FnOnce(S) -> N + Send,
    ) -> impl Future<Output = T> + Send
    where
        S: Send,
        Y: Future<Output = T> + Send,
        N: Future<Output = T> + Send;
}

/// The choice is always yes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Yes;

/// The choice is always no.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct No;

impl Choice for Yes {
    const IS_YES: bool = true;

    fn choose<S, T, Y, N>(
        state: S,
        yes: impl FnOnce(S) -> Y + Send,
        _: impl FnOnce(S) -> N + Send,
    ) -> impl Future<Output = T> + Send
    where
        S: Send,
        Y: Future<Output = T> + Send,
        N: Future<Output = T> + Send,
    {
        yes(state)
    }
}

impl Choice for No {
    const IS_YES: bool = false;

    fn choose<S, T, Y, N>(
        state: S,
        _: impl FnOnce(S) -> Y + Send,
        no: impl FnOnce(S) -> N + Send,
    ) -> impl Future<Output = T> + Send
    where
        S: Send,
        Y: Future<Output = T> + Send,
        N: Future<Output = T> + Send,
    {
        no(state)
    }
}
