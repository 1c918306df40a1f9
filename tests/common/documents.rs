//! The table of documents, which carries a version: tests of optimistic locking make it themselves.

use diesel::connection::SimpleConnection;

diesel::table! {
    documents (id) {
        id -> Integer,
        text -> Text,
        lock_version -> Integer,
    }
}

pub(crate) const CREATE_DOCUMENTS: &str = "CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY, text VARCHAR(100) NOT NULL, \
     lock_version INTEGER NOT NULL DEFAULT 0)";

pub(crate) fn create_documents<C: SimpleConnection>(conn: &mut C) {
    conn.batch_execute(CREATE_DOCUMENTS).unwrap();
}
