//! A scope that follows a future: [`InIdentityScope`].

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::identity_scope::Scope;

/// Attaches a [`Scope`] to a future; implemented for every future.
pub trait InIdentityScope: Future + Sized {
    /// Enters `scope` on each poll (and while the future is dropped), and leaves it in between,
    /// so it holds on every runtime and when the future moves between threads.
    ///
    /// ```
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     match std::pin::pin!(future).poll(&mut context) {
    /// #         std::task::Poll::Ready(output) => output,
    /// #         std::task::Poll::Pending => unreachable!(),
    /// #     }
    /// # }
    /// use identity_map_core::{InIdentityScope, Scope};
    ///
    /// let scope = Scope::new();
    /// let seen = block_on(async { Scope::current() }.in_identity_scope(scope.clone()));
    /// assert_eq!(seen, Some(scope));
    /// ```
    fn in_identity_scope(self, scope: Scope) -> InScope<Self> {
        InScope {
            future: Some(Box::pin(self)),
            scope,
        }
    }
}

impl<F: Future> InIdentityScope for F {}

/// A future that runs in a scope; see [`InIdentityScope`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct InScope<F> {
    // Boxed, because pinning a field takes either `unsafe` or a macro crate; `None` once dropped.
    future: Option<Pin<Box<F>>>,
    scope: Scope,
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let _entered = this.scope.enter();
        match &mut this.future {
            Some(future) => future.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for InScope<F> {
    fn drop(&mut self) {
        let _entered = self.scope.enter();
        self.future = None;
    }
}
