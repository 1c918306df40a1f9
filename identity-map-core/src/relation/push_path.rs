//! Adding one more path to those that are loaded along: [`PushPath`].

/// A tuple of paths to which one more can be added.
pub trait PushPath<P> {
    /// The tuple with `P` at its end.
    type Pushed;
    /// Adds `path` at the end.
    fn push(self, path: P) -> Self::Pushed;
}

macro_rules! push {
    ($(($($along:ident $at:tt),*))+) => {$(
        impl<$($along,)* P> PushPath<P> for ($($along,)*) {
            type Pushed = ($($along,)* P,);

            fn push(self, path: P) -> Self::Pushed {
                ($(self.$at,)* path,)
            }
        }
    )+};
}

push! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, E 3)
    (A 0, B 1, C 2, E 3, F 4)
}
