//! The two database servers, found or started, and before that whatever has to be installed.

use crate::{libraries, mysql, packages, postgres};

pub(crate) struct Servers {
    postgres: String,
    mysql: String,
}

impl Servers {
    pub(crate) fn ensure() -> Result<Self, String> {
        let mut missing = libraries::missing();
        if !postgres::is_available() {
            missing.push("postgresql");
        }
        if !mysql::is_available() {
            missing.push("mariadb-server");
        }
        packages::install(&missing)?;
        Ok(Self {
            postgres: postgres::url()?,
            mysql: mysql::url()?,
        })
    }

    pub(crate) fn environment(&self) -> [(&'static str, &str); 2] {
        [
            (postgres::VARIABLE, &self.postgres),
            (mysql::VARIABLE, &self.mysql),
        ]
    }
}
