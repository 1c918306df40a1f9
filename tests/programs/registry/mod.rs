//! A package registry, in plain diesel-async and by this library: both answer the same, never an old row, and a row is one object
//! by whatever way it is reached.

mod check;
mod held;
mod mapped;
mod models;
mod plain;
mod reads;
mod schema;
mod setup;
mod work_queues;
mod writes;
