//! Hooks: when they run, how often, and what is left when one of them fails.

#[cfg(feature = "postgres")]
mod aborted;
mod after_commit;
mod cases;
mod deferred_constraints;
mod failing;
mod held;
mod log;
mod models;
mod nested;
mod order;
mod panics;
mod post_load;
mod post_load_failing;
mod refused_writes;
mod setup;
