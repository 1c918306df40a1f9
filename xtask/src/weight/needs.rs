//! What building and reading the programs needs beside Rust and a C compiler.

use crate::libraries::SQLITE;
use crate::shell::{find, report};

/// The Debian packages of what is missing.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages = SQLITE.missing();
    if ["nm", "size", "strip"]
        .iter()
        .any(|name| find(name).is_none())
    {
        report("binutils", "missing");
        packages.push("binutils");
    }
    packages
}
