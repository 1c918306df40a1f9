//! What the tests of writes say of an object, of a row and of an error.

use diesel::result::DatabaseErrorKind::{ForeignKeyViolation, UniqueViolation};
use diesel::result::{EmptyChangeset, Error};
use diesel_identity_map::IdentityMapError;

pub(super) fn is_unique_violation(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(UniqueViolation, _))
}

pub(super) fn is_foreign_key_violation(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(ForeignKeyViolation, _))
}

pub(super) fn is_empty_changeset(error: &Error) -> bool {
    matches!(error, Error::QueryBuilderError(inner) if inner.is::<EmptyChangeset>())
}

pub(super) fn is_conflict(error: &Error) -> bool {
    matches!(
        IdentityMapError::of(error),
        Some(IdentityMapError::VersionConflict { .. })
    )
}

/// A load by this key gives this object and sends nothing.
macro_rules! assert_held {
    ($object:expr, $model:ty, $key:expr, $conn:expr, $sent:expr) => {{
        $sent.take();
        let found = <$model>::cached().find($key).first($conn).unwrap();
        assert!(std::sync::Arc::ptr_eq(&$object, &found), "{:?}", $key);
        assert_eq!($sent.take(), Vec::<String>::new(), "{:?}", $key);
    }};
}
pub(super) use assert_held;

/// [`assert_held!`] of each of these objects, by its own key.
macro_rules! assert_all_held {
    ($objects:expr, $model:ty, $conn:expr, $sent:expr) => {
        for object in &$objects {
            $crate::writes::asserts::assert_held!(object, $model, object.key(), $conn, $sent);
        }
    };
}
pub(super) use assert_all_held;

/// Neither the map nor the database knows this key.
macro_rules! assert_gone {
    ($model:ty, $key:expr, $conn:expr) => {{
        let found = <$model>::cached().find($key).first($conn);
        let error = found.unwrap_err();
        assert_eq!(error, diesel::result::Error::NotFound, "{:?}", $key);
    }};
}
pub(super) use assert_gone;

/// The row is what the object is.
macro_rules! assert_is_row {
    ($object:expr, $model:ty, $key:expr, $conn:expr) => {{
        let row = <$model>::cached()
            .uncached()
            .find($key)
            .first($conn)
            .unwrap();
        assert_eq!($object, row);
    }};
}
pub(super) use assert_is_row;
