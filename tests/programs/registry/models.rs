//! The registry's models: keys, enums, one struct for each table, and two that start from a query of their own.

#![allow(dead_code)] // fields are decoded, and compared as whole objects

mod accounts;
mod enums;
mod keys;
mod packages;
mod queries;
mod requests;
mod taxonomy;
mod versions;
mod work;

pub(crate) use self::accounts::*;
pub(crate) use self::enums::*;
pub(crate) use self::keys::*;
pub(crate) use self::packages::*;
pub(crate) use self::queries::*;
pub(crate) use self::requests::*;
pub(crate) use self::taxonomy::*;
pub(crate) use self::versions::*;
pub(crate) use self::work::*;
