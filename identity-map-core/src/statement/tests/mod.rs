//! What texts mean: a file for each family of meanings, then what is promised of any text.

mod changes_of_rows;
mod everything;
mod implicit_commits;
mod own_writes;
mod plain_selects;
mod reads;
mod savepoint_names;
mod session_changes;
mod settings;
mod settings_of_transactions;
mod statements_of_a_text;
mod support;
mod transaction_control;
mod unclear_texts;
mod written_tables;
