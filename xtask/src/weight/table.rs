//! What was measured, as tables for `docs/performance/weight.md`.

use std::fmt::Write;

use super::symbols::Symbols;
use super::times::Times;

/// How many groups of functions are shown.
const LARGEST: usize = 20;

/// A table of the twins side by side.
pub(super) struct Table(String);

impl Table {
    pub(super) fn new() -> Self {
        Self("| | plain | mapped | mapped / plain |\n|---|---:|---:|---:|\n".to_owned())
    }

    pub(super) fn times(&mut self, name: &str, times: &Times) {
        let [plain, mapped] = times.medians();
        let ratio = times.ratio();
        let _ = writeln!(
            self.0,
            "| {name} | {plain:.2} s | {mapped:.2} s | {ratio:.2} |"
        );
    }

    pub(super) fn sizes(&mut self, name: &str, [plain, mapped]: [u64; 2]) {
        let ratio = ratio(mapped, plain);
        let (plain, mapped) = (thousands(plain), thousands(mapped));
        let _ = writeln!(self.0, "| {name} | {plain} | {mapped} | {ratio:.2} |");
    }

    pub(super) fn text(self) -> String {
        self.0
    }
}

/// The largest groups of functions of the mapped program, and what those of the same names take in the plain one.
pub(super) fn largest(plain: &Symbols, mapped: &Symbols) -> String {
    let mut text = "| mapped | functions | plain | name |\n|---:|---:|---:|---|\n".to_owned();
    for (name, group) in mapped.largest(LARGEST) {
        let bytes = thousands(group.bytes);
        let functions = group.functions;
        let plain = thousands(plain.bytes(name));
        let _ = writeln!(text, "| {bytes} | {functions} | {plain} | `{name}` |");
    }
    text
}

#[allow(clippy::cast_precision_loss)] // far below 2^52
fn ratio(mapped: u64, plain: u64) -> f64 {
    mapped as f64 / plain as f64
}

/// A number with commas between its thousands.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(thousands);
        assert_eq!(numbers, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn the_twins_stand_side_by_side() {
        let mut table = Table::new();
        table.sizes("release", [2_000, 5_000]);
        let text = table.text();
        assert_eq!(
            text.lines().last(),
            Some("| release | 2,000 | 5,000 | 2.50 |")
        );
    }

    #[test]
    fn the_largest_functions_come_first() {
        let plain = Symbols::read("0 10 t p::list0\n", "p");
        let mapped = Symbols::read("0 10 t m::list0\n0 20 t m::list1\n0 800 t g\n", "m");
        let text = largest(&plain, &mapped);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| 2,048 | 1 | 0 | `g` |",
                "| 48 | 2 | 16 | `program::list#` |"
            ]
        );
    }
}
