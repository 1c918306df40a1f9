//! The models of the site. Attributes stand behind `cfg_attr`, as those of servers with a feature `full` do.

mod community;
mod content;
mod keys;
mod mail;
mod person;

pub(crate) use self::community::*;
pub(crate) use self::content::*;
pub(crate) use self::keys::*;
pub(crate) use self::mail::*;
pub(crate) use self::person::*;
