//! The benchmarks: they print tables, as the README has them. What criterion measures is put into
//! words here.

use crate::servers::Servers;
use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn run() -> Result<(), String> {
    let servers = Servers::ensure()?;
    for bench in [
        "load",
        "async_load",
        "related",
        "heap",
        "layer",
        "tasks",
        "catalogue",
    ] {
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "bench",
                "--bench",
                bench,
                "--features",
                "sqlite,postgres,mysql",
            ])
            .envs(servers.environment())
            .status()
            .map_err(|error| format!("cargo bench: {error}"))?;
        if !status.success() {
            return Err(format!("cargo bench --bench {bench} failed"));
        }
    }
    let results = results();
    println!("\n{}", find(&results)?);
    println!("{}", async_find(&results)?);
    println!("{}", look(&results)?);
    Ok(())
}

fn results() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Path::new(&target).join("criterion")
}

fn find(results: &Path) -> Result<String, String> {
    let time = |name: &str| median(&results.join("find").join(name));
    let bare = time("bare DashMap get and upgrade")?;
    let hit = time("hit")?;
    let plain = time("plain")?;
    Ok(format!(
        "A `find` that hits: {hit:.0} ns, {:.1} times a bare `DashMap::get` and `upgrade` \
         ({bare:.0} ns); plain Diesel's on SQLite in memory: {:.1} µs, {:.0} times.",
        hit / bare,
        plain / 1e3,
        plain / hit
    ))
}

fn async_find(results: &Path) -> Result<String, String> {
    let mut text = String::from("A `find` that hits, and plain diesel-async's:");
    for (database, end) in [("sqlite", ';'), ("postgres", '.')] {
        let group = results.join(format!("async {database} find"));
        let hit = median(&group.join("hit"))?;
        let plain = median(&group.join("plain"))?;
        let (hit, plain) = (hit / 1e3, plain / 1e3);
        let _ = write!(text, " {database} {hit:.2} µs and {plain:.1} µs{end}");
    }
    let shared = median(&results.join("async postgres find").join("hit, shared"))? / 1e3;
    let _ = write!(text, " By a shared `&AsyncPgConnection` {shared:.2} µs.");
    Ok(text)
}

fn look(results: &Path) -> Result<String, String> {
    let time = |name: &str| Ok::<_, String>(median(&results.join("look").join(name))? / 1e3);
    Ok(format!(
        "Plain Diesel's point query on SQLite in memory: {:.2} µs on a connection without a map, {:.2} µs with \
         `watch(false)`, {:.2} µs with the watch.",
        time("no map")?,
        time("watch off")?,
        time("watch on")?
    ))
}

/// The median of a benchmark, in nanoseconds, from criterion's own record of it.
fn median(benchmark: &Path) -> Result<f64, String> {
    let path = benchmark.join("new").join("estimates.json");
    let record =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let number = record
        .split_once("\"median\":")
        .and_then(|(_, median)| median.split_once("\"point_estimate\":"))
        .and_then(|(_, rest)| rest.split([',', '}']).next())
        .and_then(|number| number.trim().parse().ok());
    number.ok_or_else(|| format!("{}: no median", path.display()))
}
