//! Integration tests, on real databases.

mod db;
mod schema;
mod smoke;
