//! The two database servers, found or started, and before that whatever has to be installed.

use crate::{libraries, mysql, packages, postgres};

pub(crate) struct Servers {
    postgres: String,
    mysql: String,
}

impl Servers {
    pub(crate) fn ensure() -> Result<Self, String> {
        Self::ensure_with(Vec::new())
    }

    /// `missing`: further packages that are to be installed.
    pub(crate) fn ensure_with(mut missing: Vec<&'static str>) -> Result<Self, String> {
        missing.extend(libraries::missing());
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
