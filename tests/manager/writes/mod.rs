//! Writes through the manager: what they return, what the map holds then, what they send.

mod asserts;
mod bulk;
mod delete;
mod failed;
mod insert;
mod insert_many;
mod insert_model;
#[cfg(feature = "mysql")]
mod inserted_keys;
#[cfg(feature = "mysql")]
mod keys_on_mysql;
mod keys_that_move;
mod mapped_write;
mod maps;
mod models;
#[cfg(feature = "mysql")]
mod read_back;
mod refresh_expire;
mod save;
mod setup;
mod shapes;
mod transactions;
mod update;
mod update_returning;
mod upsert;
mod versions;
