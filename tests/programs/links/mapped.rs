//! The server's functions on diesel-identity-map.

pub(crate) mod comments;
pub(crate) mod communities;
pub(crate) mod crud;
pub(crate) mod mail;
pub(crate) mod moderate;
pub(crate) mod people;
pub(crate) mod posts;
pub(crate) mod queue;
pub(crate) mod views;
pub(crate) mod votes;

pub(crate) use self::comments::*;
pub(crate) use self::communities::*;
pub(crate) use self::crud::Crud;
pub(crate) use self::mail::*;
pub(crate) use self::moderate::*;
pub(crate) use self::people::*;
pub(crate) use self::posts::*;
pub(crate) use self::queue::*;
pub(crate) use self::views::*;
pub(crate) use self::votes::*;
