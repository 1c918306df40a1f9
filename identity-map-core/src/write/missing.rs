//! Why a row was not there to be written: it is gone, or another version.

use diesel::result::Error::NotFound;

use super::writes::Writes;
use crate::connection::ConnectionKind;
use crate::error::IdentityMapError;
use crate::map::IdentityMap;
use crate::model::Model;

/// The error of a write whose row was not there.
pub(super) async fn missing<M, Conn, D>(
    key: M::Key,
    counts: Option<&IdentityMap>,
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
    match conn.read_one(key, counts).await {
        Ok(Some(_)) => IdentityMapError::VersionConflict { model: M::name() }.into(),
        Ok(None) => NotFound,
        Err(error) => error,
    }
}
