//! A PostgreSQL database for one program, where the tests are built with feature `postgres`.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

#[allow(dead_code, reason = "what leftovers are called is for the other tests")]
#[path = "../common/db/server.rs"]
mod server;

const VARIABLE: &str = "IDENTITY_MAP_POSTGRES_URL";
const DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/postgres";

pub(crate) struct Database {
    name: String,
    pub(crate) url: String,
}

impl Database {
    pub(crate) fn create() -> Self {
        let name = format!("blog_of_{}", server::fresh_name());
        let url = server::with_database(&server::url_from(VARIABLE, DEFAULT), &name);
        run(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
        ));
        Self { name, url }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // PostgreSQL notices a while later that the program has been killed.
        run(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn run(sql: &str) {
    let admin = PgConnection::establish(&server::url_from(VARIABLE, DEFAULT));
    let mut admin = admin
        .unwrap_or_else(|error| panic!("{}", server::unreachable("PostgreSQL", VARIABLE, error)));
    admin.batch_execute(sql).unwrap();
}
