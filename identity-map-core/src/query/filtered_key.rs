//! The key in a condition of the program's own: `filter(posts::id.eq(7))` asks for what `find(7)` asks for.
//!
//! Diesel shows nobody what a condition binds, except as text. A whole number is read back from it exactly, so keys of
//! other types are left to the database.

use std::any::{Any, TypeId, type_name};
use std::str::FromStr;

use crate::model::Model;

/// Whether the one condition of `Q` is that the key column of `M` is equal to a bound value of the key's type.
pub(super) fn asks_for_key<M: Model, Q>() -> bool {
    const IS_EQUAL: &str =
        "::WhereClause<diesel::expression::grouped::Grouped<diesel::expression::operators::Eq<";
    let condition = type_name::<Q>().split_once(IS_EQUAL);
    let bound = condition.and_then(|(_, equal)| {
        let value = equal.strip_prefix(type_name::<M::KeyColumns>())?;
        let bound = value.strip_prefix(", diesel::expression::bound::Bound<")?;
        Some(bound.split_once(">>>")?.0)
    });
    let given = bound.and_then(|bound| bound.strip_suffix(type_name::<M::Key>()));
    M::IS_PLAIN && given.is_some_and(|sql_type| sql_type.ends_with(", "))
}

/// The key in what Diesel shows of the values of such a query, which may have a limit behind it: `[7, 1]`.
pub(super) fn key_of_binds<K: 'static>(binds: &str) -> Option<K> {
    let values = binds.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    let key = values.split(',').next()?;
    number::<K, i32>(key)
        .or_else(|| number::<K, i64>(key))
        .or_else(|| number::<K, i16>(key))
        .or_else(|| number::<K, u32>(key))
        .or_else(|| number::<K, u64>(key))
        .or_else(|| number::<K, u16>(key))
}

/// The number, if `K` is its type.
fn number<K: 'static, N: FromStr + 'static>(text: &str) -> Option<K> {
    if TypeId::of::<K>() != TypeId::of::<N>() {
        return None;
    }
    let number: Box<dyn Any> = Box::new(text.parse::<N>().ok()?);
    Some(*number.downcast().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_back() {
        assert_eq!(key_of_binds::<i32>("[-7, 1]"), Some(-7));
        assert_eq!(key_of_binds::<i64>("[9223372036854775807]"), Some(i64::MAX));
        assert_eq!(key_of_binds::<u16>("[65535]"), Some(u16::MAX));
        assert_eq!(key_of_binds::<i16>("[65535]"), None);
        assert_eq!(key_of_binds::<i32>("[]"), None);
        assert_eq!(key_of_binds::<i32>("[[7]]"), None);
        assert_eq!(key_of_binds::<i32>("[PostId(7)]"), None);
        assert_eq!(key_of_binds::<String>("[\"7\"]"), None);
    }
}
