//! A future or a body that is polled, and dropped, in the scope of its request: [`Scoped`].

use std::pin::Pin;

use pin_project_lite::pin_project;

use super::Open;

pin_project! {
    /// `InScope` is the like for futures alone. This one does not box, hands the scope on, and
    /// ends it where it is left with it.
    #[derive(Debug)]
    pub(super) struct Scoped<T> {
        // `None` once it is done, so that it is dropped early, and while the scope is entered.
        #[pin]
        inner: Option<T>,
        // `None` once handed on or ended.
        open: Option<Open>,
    }

    impl<T> PinnedDrop for Scoped<T> {
        fn drop(this: Pin<&mut Self>) {
            drop(this.finish());
        }
    }
}

impl<T> Scoped<T> {
    #[inline]
    pub(super) fn new(inner: Option<T>, open: Option<Open>) -> Self {
        Self { inner, open }
    }

    /// Goes on with the scope of what it was made in.
    #[cfg(feature = "tower")]
    pub(super) fn go_on(&mut self, open: Option<Open>) {
        self.open = open;
    }

    pub(super) fn inner(&self) -> Option<&T> {
        self.inner.as_ref()
    }

    /// For who owns it unpinned.
    #[cfg(feature = "actix-web")]
    pub(super) fn inner_mut(&mut self) -> &mut Option<T> {
        &mut self.inner
    }

    /// Polls what is in here in the scope; what is done by that is dropped there too, and there is
    /// nothing but `silence` to say from then on. If it panics, the scope ends.
    #[inline]
    pub(super) fn poll<R>(
        self: Pin<&mut Self>,
        silence: R,
        poll: impl FnOnce(Pin<&mut T>) -> R,
        is_done: impl FnOnce(&R, &T) -> bool,
    ) -> R {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return silence;
        };
        let entered = this.open.as_mut().map(Open::enter);
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

    /// Drops what is in here, and gives its scope to who goes on with it.
    #[inline]
    pub(super) fn finish(self: Pin<&mut Self>) -> Option<Open> {
        let mut this = self.project();
        if this.inner.is_some() {
            let entered = this.open.as_mut().map(Open::enter);
            this.inner.set(None);
            if let Some(entered) = entered {
                entered.leave();
            }
        }
        this.open.take()
    }
}
