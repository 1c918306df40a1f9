//! How the report looks. Styles vanish by themselves where the output is no terminal.

use std::error::Error;
use std::fmt::Display;
use std::time::Duration;

use console::style;
use indicatif::HumanCount;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) fn title(text: &str) {
    println!("\n{}\n", style(text).bold());
    note_on_the_build();
}

/// A section: its name, and the heads of its columns.
pub(crate) fn section(name: &str, columns: &[&str]) {
    println!("\n{}", style(name).bold());
    let heads: String = columns.iter().map(|head| format!("{head:>14}")).collect();
    println!("{}", style(format!("   {:36}{heads}", "")).dim());
}

/// One line of a section's table.
pub(crate) fn row(label: &str, cells: &[&dyn Display]) {
    let cells: String = cells
        .iter()
        .map(|cell| format!("{:>14}", cell.to_string()))
        .collect();
    println!("   {label:36}{cells}");
}

pub(crate) fn note(text: &str) {
    println!("   {}", style(text).dim());
}

pub(crate) fn note_on_the_build() {
    note(if cfg!(debug_assertions) {
        "A debug build: for the real times, run it with `--release`."
    } else {
        "A release build."
    });
}

pub(crate) fn yes(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

pub(crate) fn count(number: i32) -> HumanCount {
    HumanCount(number.unsigned_abs().into())
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

pub(crate) fn times(more: f64, less: f64) -> String {
    format!("{:.1} x", more / less)
}
