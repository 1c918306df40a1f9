//! A future or a body that is polled, and dropped, in the scope of its request: [`PolledInScope`].

use std::pin::Pin;

use pin_project_lite::pin_project;

use super::request_end::RequestGuard;

pin_project! {
    /// Polls `inner` in the scope that `guard` owns.
    ///
    /// `scope::InScope` does so for futures in a scope that is made already. This one does not box,
    /// hands the guard on to the response's body, and ends the scope if it is dropped with the guard.
    #[derive(Debug)]
    pub(super) struct PolledInScope<T> {
        // `None` once it is done, so that it is dropped in the scope.
        #[pin]
        inner: Option<T>,
        // `None` before it is given, and once it is handed on.
        guard: Option<RequestGuard>,
    }

    impl<T> PinnedDrop for PolledInScope<T> {
        fn drop(this: Pin<&mut Self>) {
            drop(this.finish());
        }
    }
}

impl<T> PolledInScope<T> {
    #[inline]
    pub(super) fn new(inner: Option<T>, guard: Option<RequestGuard>) -> Self {
        Self { inner, guard }
    }

    /// Takes over the scope of the future that made this.
    #[cfg(feature = "tower")]
    pub(super) fn set_guard(&mut self, guard: Option<RequestGuard>) {
        self.guard = guard;
    }

    pub(super) fn inner(&self) -> Option<&T> {
        self.inner.as_ref()
    }

    /// The inner value of an owner who has not pinned it.
    #[cfg(feature = "actix-web")]
    pub(super) fn inner_mut(&mut self) -> &mut Option<T> {
        &mut self.inner
    }

    /// Polls the inner value in the scope, and drops it there if `is_done` says so. After that the
    /// result is `when_done`. If the poll panics, the scope ends.
    #[inline]
    pub(super) fn poll<R>(
        self: Pin<&mut Self>,
        when_done: R,
        poll: impl FnOnce(Pin<&mut T>) -> R,
        is_done: impl FnOnce(&R, &T) -> bool,
    ) -> R {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return when_done;
        };
        let entered = this.guard.as_mut().map(RequestGuard::enter);
        let polled = poll(inner);
        let inner = this.inner.as_ref().get_ref();
        if inner.as_ref().is_some_and(|inner| is_done(&polled, inner)) {
            this.inner.set(None);
        }
        if let Some(entered) = entered {
            entered.leave();
        }
        polled
    }

    /// Drops the inner value in the scope, and gives the guard to the caller.
    #[inline]
    pub(super) fn finish(self: Pin<&mut Self>) -> Option<RequestGuard> {
        let mut this = self.project();
        if this.inner.is_some() {
            let entered = this.guard.as_mut().map(RequestGuard::enter);
            this.inner.set(None);
            if let Some(entered) = entered {
                entered.leave();
            }
        }
        this.guard.take()
    }
}
