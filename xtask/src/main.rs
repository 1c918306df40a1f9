//! Development tasks: `cargo xtask <task>`.

mod bench;
mod browser;
mod floors;
mod instructions;
mod libraries;
mod login;
mod mysql;
mod packages;
mod postgres;
mod programs;
mod schemas;
mod servers;
mod shell;
mod standing;
mod weight;

use servers::Servers;
use std::env;
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask <task>

  test [-- ARGS]  every test on every database; ARGS go to `cargo test`
  bench           cached loads beside plain Diesel's, and the table of their ratios
  floors          whether imports go down the floors that the docs of `identity-map-core/src/lib.rs` have
  instructions [--save FILE] [--against FILE] [--program FILE]
                  what cached operations take, counted by valgrind; --against a table saved before it fails if
                  one takes 3 % more; --program is the bench `instructions`, built before
  standing [--programs N] [--seed S] [--failures N] [--on TEST] [--release]
                  random programs of the connections of one scope, N of them (10000) on each kind of connection, until
                  N (1) have failed; TEST is one of `on_sqlite`, `awaited_on_mysql`, ..
  schemas [--schemas N] [--seed S] [--on KIND]
                  random schemas, and writes to them, N of them (2000) on each kind of connection; KIND is one of
                  `sqlite`, `async_mysql`, ..
  programs [-- ARGS]
                  two programs in the manner of large servers, by plain Diesel and by the map; ARGS go to the tests
  programs --time [N]
                  how long both take to compile, in turns, N times (3)
  weight [--models N] [--rounds N] [--awaited]
                  what the library adds to a program, in bytes and in the time that it takes to build
  weight --ceiling
                  fails if a model adds more bytes to a release program than it may
  servers         find or start the database servers, print their URLs as environment variables
  deps            find or install what building and testing need, and no more";

const FEATURES: &str = "sqlite,postgres,mysql,r2d2,tracing,filter-by-key,__async-tests,__web-tests";

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let done = match args.next().as_deref() {
        Some("test") => test(args.skip_while(|arg| arg == "--")),
        Some("bench") => bench::run().map(|()| ExitCode::SUCCESS),
        Some("floors") => floors::run().map(|()| ExitCode::SUCCESS),
        Some("instructions") => instructions::run(args).map(|()| ExitCode::SUCCESS),
        Some("weight") => weight::run(args).map(|()| ExitCode::SUCCESS),
        Some("standing") => standing::run(args),
        Some("schemas") => schemas::run(args),
        Some("programs") => programs::run(args),
        Some("servers") => Servers::ensure().map(|servers| {
            for (variable, url) in servers.environment() {
                println!("{variable}={url}");
            }
            ExitCode::SUCCESS
        }),
        Some("deps") => {
            let missing = [browser::missing(), weight::missing()].concat();
            Servers::ensure_with(missing).map(|_| ExitCode::SUCCESS)
        }
        _ => Err(USAGE.to_owned()),
    };
    done.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}

fn test(args: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let servers = Servers::ensure_with(browser::missing())?;
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--workspace", "--features", FEATURES])
        .args(args)
        .envs(servers.environment())
        .status()
        .map_err(|error| format!("cargo test: {error}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
