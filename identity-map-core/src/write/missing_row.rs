//! Why a row could not be written: it is gone, or has another version, or its key is not known.

use diesel::result::Error::NotFound;

use super::writes::Writes;
use crate::connection::ConnectionKind;
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::Model;

/// The error of a write that found no row of this key and version.
pub(super) async fn missing_row_error<M, Conn, D>(
    key: M::Key,
    map: Option<&IdentityMap>,
    conn: &mut Conn,
) -> diesel::result::Error
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
{
    if !Conn::has_versions() {
        return NotFound;
    }
    match conn.read_one(key, map).await {
        Ok(Some(_)) => IdentityMapError::VersionConflict { model: M::name() }.into(),
        Ok(None) => NotFound,
        Err(error) => error,
    }
}

/// The error of a write on a database that does not say which key the row has.
pub(super) fn key_not_returned<M: Model>() -> diesel::result::Error {
    IdentityMapError::KeyNotReturned { model: M::name() }.into()
}
