//! G3: what the database changes beside what a statement names is read anew. The catalogue says what that is.

mod called_in_values;
mod failed_texts;
mod found;
mod kept;
mod link_sharing;
mod moved;
mod odd_names;
#[cfg(feature = "postgres")]
mod other_names;
mod others_migrations;
mod own_table;
mod property;
mod returned_rows;
mod routines;
mod schema_changes;
mod tables;
mod temporary;
mod told;
#[cfg(feature = "postgres")]
mod unread;
