//! The middleware of actix-web.

mod ends;
mod requests;
mod setup;
