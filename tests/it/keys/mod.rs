//! Keys and models of every kind that the derive takes.

#[cfg(feature = "tracing")]
mod ambiguous;
mod columns;
mod kinds;
mod models;
#[cfg(feature = "mysql")]
mod on_mysql;
#[cfg(feature = "postgres")]
mod on_postgres;
mod spelled;
