//! The benchmarks, and their ratios to plain Diesel as the table that the README shows.

use crate::servers::Servers;
use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const HELD: [&str; 5] = ["0", "25", "50", "75", "100"];

pub(crate) fn run() -> Result<(), String> {
    let servers = Servers::ensure()?;
    for bench in ["load", "async_load", "related", "heap", "layer", "tasks"] {
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["bench", "--bench", bench, "--features", "sqlite,postgres"])
            .envs(servers.environment())
            .status()
            .map_err(|error| format!("cargo bench: {error}"))?;
        if !status.success() {
            return Err(format!("cargo bench --bench {bench} failed"));
        }
    }
    let results = results();
    println!("\n{}", loads(&results, "")?);
    println!("{}", find(&results)?);
    println!("\n{}", loads(&results, "async ")?);
    println!("{}", async_find(&results)?);
    println!("\n{}", related(&results)?);
    Ok(())
}

fn results() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Path::new(&target).join("criterion")
}

/// `how`: what stands before the databases' names.
fn loads(results: &Path, how: &str) -> Result<String, String> {
    let mut text = String::from(
        "| 10,000 rows | plain | cold / plain | plain / warm | Auto / better strategy at 0, 25, 50, 75, 100 % held |\n\
         |---|---|---|---|---|\n",
    );
    for rows in ["sqlite 40B", "sqlite 2KB", "postgres 40B", "postgres 2KB"] {
        let group = format!("{how}{rows}");
        let time = |name: &str| median(&results.join(&group).join(name));
        let plain = time("plain")?;
        let cold = time("cold")? / plain;
        let warm = plain / time("auto/100")?;
        let mut auto = Vec::new();
        for held in HELD {
            let better = time(&format!("keys first/{held}"))?.min(time(&format!("rows/{held}"))?);
            auto.push(format!("{:.2}", time(&format!("auto/{held}"))? / better));
        }
        let _ = writeln!(
            text,
            "| {group} | {:.2} ms | {cold:.2} | {warm:.1} | {} |",
            plain / 1e6,
            auto.join(", ")
        );
    }
    Ok(text)
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

fn related(results: &Path) -> Result<String, String> {
    let mut text = String::from(
        "| posts and authors | join | with / join | with / by hand | by hand / all held | lazy / eager \
         | children / grouped_by |\n|---|---|---|---|---|---|---|\n",
    );
    for database in ["sqlite", "postgres"] {
        for rows in ["40B", "2KB", "40B few authors", "2KB few authors"] {
            let group = format!("{database} {rows}");
            let time = |name: &str| median(&results.join(&group).join(name));
            let ratio = |of: &str, to: &str| Ok::<f64, String>(time(of)? / time(to)?);
            let lazy = ratio("load_parent, each author used", "with, each author used")?;
            let _ = writeln!(
                text,
                "| {group} | {:.1} ms | {:.2} | {:.2} | {:.1} | {lazy:.2} | {:.2} |",
                time("join")? / 1e6,
                ratio("with", "join")?,
                ratio("with", "by hand")?,
                ratio("by hand", "with, all held")?,
                ratio("load_children", "belonging_to")?,
            );
        }
    }
    Ok(text)
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
