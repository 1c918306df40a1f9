//! Installs Debian packages where that is ours to do: as root, with apt.

use crate::shell::{find, is_root, report, run};
use std::process::Command;

pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    if !is_root() || find("apt-get").is_none() {
        return Err(format!(
            "To be installed first (Debian's names): {names}\n  \
             as root on Debian or Ubuntu: apt-get install {names}\n\
             Where a server runs elsewhere, set {} and {} instead.",
            crate::postgres::VARIABLE,
            crate::mysql::VARIABLE,
        ));
    }
    report("apt-get", &format!("installing {names}"));
    run(apt().args(["update", "-qq"]))?;
    run(apt()
        .args(["install", "-qq", "--yes", "--no-install-recommends"])
        .args(packages))
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
