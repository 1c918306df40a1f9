//! The tests of the two programs, which take minutes to compile.

use crate::FEATURES;
use crate::servers::Servers;
use std::env;
use std::process::{Command, ExitCode};

pub(crate) fn run(args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let servers = Servers::ensure()?;
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--test", "programs", "--features"])
        .arg(format!("{FEATURES},__program-tests"))
        .arg("--")
        .args(args)
        .envs(servers.environment())
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
