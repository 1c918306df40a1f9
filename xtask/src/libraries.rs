//! The C compiler and the C client libraries that Diesel's backends link.
//!
//! Each is looked for where its `-sys` crate's build script looks.

use crate::shell::{find, report, succeeds};
use std::env;
use std::process::Command;

pub(crate) struct Library {
    name: &'static str,
    pkg_config: &'static [&'static str],
    config_program: Option<&'static str>,
    variable: &'static str,
    package: &'static str,
}

const LIBRARIES: [Library; 2] = [
    Library {
        name: "libpq",
        pkg_config: &["libpq"],
        config_program: Some("pg_config"),
        variable: "PQ_LIB_DIR",
        package: "libpq-dev",
    },
    Library {
        name: "libmysqlclient or libmariadb",
        pkg_config: &["mysqlclient", "libmariadb"],
        config_program: Some("mysql_config"),
        variable: "MYSQLCLIENT_LIB_DIR",
        package: "default-libmysqlclient-dev",
    },
];

/// The system's own, which only the programs of `cargo xtask weight` link.
pub(crate) const SQLITE: Library = Library {
    name: "libsqlite3",
    pkg_config: &["sqlite3"],
    config_program: None,
    variable: "SQLITE3_LIB_DIR",
    package: "libsqlite3-dev",
};

/// The Debian packages of what is missing.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages: Vec<_> = LIBRARIES.iter().flat_map(Library::missing).collect();
    if !["cc", "gcc", "clang"].iter().any(|cc| find(cc).is_some()) {
        report("C compiler", "missing");
        packages.push("gcc");
    }
    packages.dedup();
    packages
}

impl Library {
    /// The Debian packages that bring it, if it is missing.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        if self.is_present() {
            report(self.name, "present");
            Vec::new()
        } else {
            report(self.name, "missing");
            vec![self.package, "pkg-config"]
        }
    }

    fn is_present(&self) -> bool {
        env::var_os(self.variable).is_some()
            || self
                .pkg_config
                .iter()
                .any(|name| succeeds(Command::new("pkg-config").args(["--exists", name])))
            || self.config_program.is_some_and(|name| find(name).is_some())
    }
}
