//! Which of several keys finds which row, as the database itself says it.
//!
//! A key that the program gives may find a row whose own key is another value: where a collation ignores
//! case or accents, where a column pads, or where it keeps fewer digits than the value has. So the rows come
//! with the positions of the keys that found them: by [`KeyMarks`] beside each row, or by a numbered list
//! of keys that is joined with the rows ([`NumberedKeys`](numbered_keys::NumberedKeys)).

mod key_origin;
mod listed_columns;
mod marks;
#[cfg(feature = "postgres")]
mod numbered_keys;
mod paired_rows;
mod pairs_keys;

pub use key_origin::KeyOrigin;
pub(in crate::query) use listed_columns::ListedColumns;
pub use marks::KeyMarks;
pub use paired_rows::{MarkedKeys, PairedRows};
pub use pairs_keys::PairsKeys;
