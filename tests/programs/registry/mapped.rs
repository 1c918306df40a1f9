//! The same functions by diesel-identity-map.

mod accounts;
mod comments;
mod crud;
mod downloads;
mod jobs;
mod lists;
mod owners;
mod packages;
mod publish;
mod taxonomy;
mod tokens;
mod versions;

pub(super) use self::accounts::*;
pub(super) use self::comments::*;
pub(super) use self::crud::*;
pub(super) use self::downloads::*;
pub(super) use self::jobs::*;
pub(super) use self::lists::*;
pub(super) use self::owners::*;
pub(super) use self::packages::*;
pub(super) use self::publish::*;
pub(super) use self::taxonomy::*;
pub(super) use self::tokens::*;
pub(super) use self::versions::*;
