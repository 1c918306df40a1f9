//! Adds to what is loaded along: [`PushPath`].

/// Adds something to what is loaded along.
pub trait PushPath<P> {
    /// With `P` behind the rest.
    type Pushed;
    /// Puts `path` behind the rest.
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
