//! How the report looks. Styles vanish by themselves where the output is no terminal.

use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

use console::style;
use indicatif::HumanCount;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) fn title(text: &str) {
    println!("\n{}\n", style(text).bold());
    note(if cfg!(debug_assertions) {
        "build      debug; for the real times, run it with `--release`"
    } else {
        "build      release"
    });
}

/// Begins a section: its name, and the heads of its columns.
pub(crate) fn section(name: &str, columns: &[&str]) {
    print!("\n{}", style(format!("{name:40}")).bold());
    for head in columns {
        print!("{}", style(format!("{head:>13}")).dim());
    }
    println!();
}

/// One line of a section's table.
pub(crate) fn row(label: &str, cells: &[&dyn Display]) {
    print!("   {label:37}");
    for cell in cells {
        print!("{:>13}", cell.to_string());
    }
    println!();
}

pub(crate) fn note(text: &str) {
    println!("   {}", style(text).dim());
}

pub(crate) fn count(number: i32) -> HumanCount {
    HumanCount(number.unsigned_abs().into())
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// How often `part` is in `whole`, with decimals where they say something.
pub(crate) fn times(whole: f64, part: f64) -> String {
    let ratio = whole / part;
    let decimals = if ratio < 10.0 { 2 } else { 0 };
    format!("{ratio:.decimals$} x")
}
