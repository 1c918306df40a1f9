//! What `find` and `find_many` accept in place of a model's key.

use super::key_type::{Composite, Single};

/// A value that spells a key of type `Key`: the key, a reference to it, or its borrowed form.
///
/// `Shape` is the model's key shape, so that `(1, 2)` is read as two columns only where the
/// key has two.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key of this model, which has keys of type `{Key}`",
    note = "`find` takes the key, a reference to it, or `&str` / `&[u8]` in place of `String` / `Vec<u8>`",
    note = "for any other condition use `.filter(..)`"
)]
pub trait FindKey<Key, Shape> {
    /// The owned key.
    fn into_key(self) -> Key;
}

#[diagnostic::do_not_recommend]
impl<K, T: IntoKey<K>> FindKey<K, Single> for T {
    fn into_key(self) -> K {
        self.into_key_part()
    }
}

/// A value that spells one column of a key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key of this model: the key column is of type `{K}`",
    note = "`find` takes the key, a reference to it, or `&str` / `&[u8]` in place of `String` / `Vec<u8>`"
)]
pub trait IntoKey<K> {
    /// The owned value.
    fn into_key_part(self) -> K;
}

impl<K> IntoKey<K> for K {
    fn into_key_part(self) -> K {
        self
    }
}

impl<K: Clone> IntoKey<K> for &K {
    fn into_key_part(self) -> K {
        self.clone()
    }
}

impl IntoKey<String> for &str {
    fn into_key_part(self) -> String {
        self.to_owned()
    }
}

impl IntoKey<Vec<u8>> for &[u8] {
    fn into_key_part(self) -> Vec<u8> {
        self.to_owned()
    }
}

impl<const N: usize> IntoKey<Vec<u8>> for &[u8; N] {
    fn into_key_part(self) -> Vec<u8> {
        self.to_vec()
    }
}

macro_rules! composite_keys {
    ($(($($part:ident $key:ident $index:tt),+))+) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($part, $key),+> FindKey<($($key,)+), Composite> for ($($part,)+)
        where
            $($part: IntoKey<$key>),+
        {
            fn into_key(self) -> ($($key,)+) {
                ($(self.$index.into_key_part(),)+)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($key: Clone),+> FindKey<($($key,)+), Composite> for &($($key,)+) {
            fn into_key(self) -> ($($key,)+) {
                self.clone()
            }
        }
    )+};
}

composite_keys! {
    (A KA 0, B KB 1)
    (A KA 0, B KB 1, C KC 2)
    (A KA 0, B KB 1, C KC 2, D KD 3)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6)
    (A KA 0, B KB 1, C KC 2, D KD 3, E KE 4, F KF 5, G KG 6, H KH 7)
}
