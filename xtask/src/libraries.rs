//! The C compiler and the C client libraries that Diesel's backends link.
//!
//! Each is looked for where its `-sys` crate's build script looks.

use crate::shell::{find, report, succeeds};
use std::env;
use std::process::Command;

struct Library {
    name: &'static str,
    pkg_config: &'static [&'static str],
    config_program: &'static str,
    variable: &'static str,
    package: &'static str,
}

const LIBRARIES: [Library; 2] = [
    Library {
        name: "libpq",
        pkg_config: &["libpq"],
        config_program: "pg_config",
        variable: "PQ_LIB_DIR",
        package: "libpq-dev",
    },
    Library {
        name: "libmysqlclient or libmariadb",
        pkg_config: &["mysqlclient", "libmariadb"],
        config_program: "mysql_config",
        variable: "MYSQLCLIENT_LIB_DIR",
        package: "default-libmysqlclient-dev",
    },
];

/// The Debian packages of what is missing.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages = Vec::new();
    for library in &LIBRARIES {
        if library.is_present() {
            report(library.name, "present");
        } else {
            report(library.name, "missing");
            packages.extend([library.package, "pkg-config"]);
        }
    }
    if !["cc", "gcc", "clang"].iter().any(|cc| find(cc).is_some()) {
        report("C compiler", "missing");
        packages.push("gcc");
    }
    packages.dedup();
    packages
}

impl Library {
    fn is_present(&self) -> bool {
        env::var_os(self.variable).is_some()
            || self
                .pkg_config
                .iter()
                .any(|name| succeeds(Command::new("pkg-config").args(["--exists", name])))
            || find(self.config_program).is_some()
    }
}
