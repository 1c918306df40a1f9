//! What was counted, as a table, and two such tables side by side.

use std::fmt::{self, Write};

/// So much more than before is worse, and not the difference between two runs.
const LIMIT: f64 = 1.03;

/// The instructions of an operation, by its name.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counts(pub(super) Vec<(String, f64)>);

impl Counts {
    /// Reads what [`fmt::Display`] wrote.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let counts = lines.map(|line| {
            let (count, name) = line.trim().split_once(' ')?;
            Some((name.trim().to_owned(), count.parse().ok()?))
        });
        let counts = counts.collect::<Option<_>>().map(Self);
        counts.ok_or_else(|| "no table of `cargo xtask instructions`".to_owned())
    }

    /// The table of these and those before; it is an error if it shows that one takes more, or is not counted any more.
    pub(super) fn compare(&self, before: &Self) -> Result<String, String> {
        let mut table = format!("{:>10} {:>10} {:>6}\n", "before", "now", "ratio");
        let mut worse = Vec::new();
        for (name, now) in &self.0 {
            let Some(old) = before.of(name) else {
                let _ = writeln!(table, "{:>10} {now:>10.1} {:>6}  {name}", "", "");
                continue;
            };
            let ratio = now / old;
            let _ = writeln!(table, "{old:>10.1} {now:>10.1} {ratio:>6.3}  {name}");
            if ratio > LIMIT {
                worse.push(format!(
                    "`{name}` takes {ratio:.3} times as many instructions as before"
                ));
            }
        }
        let gone = before.0.iter().filter(|(name, _)| self.of(name).is_none());
        worse.extend(gone.map(|(name, _)| format!("`{name}` is not counted any more")));
        if worse.is_empty() {
            Ok(table)
        } else {
            Err(format!("{table}{}", worse.join("\n")))
        }
    }

    fn of(&self, name: &str) -> Option<f64> {
        let mut counts = self.0.iter();
        counts
            .find(|(other, _)| other == name)
            .map(|(_, count)| *count)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.0 {
            writeln!(out, "{count:>10.1}  {name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(all: &[(&str, f64)]) -> Counts {
        Counts(
            all.iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
        )
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let written = counts(&[("find, held", 512.5), ("insert", 123_456.0)]);
        assert_eq!(
            written.to_string(),
            "     512.5  find, held\n  123456.0  insert\n"
        );
        assert_eq!(Counts::parse(&written.to_string()).unwrap(), written);
        assert!(Counts::parse("find 3").is_err());
    }

    #[test]
    fn three_per_cent_more_is_worse() {
        let before = counts(&[("find", 1000.0), ("insert", 1000.0)]);
        let table = counts(&[("find", 1030.0), ("insert", 900.0), ("get", 9.0)]).compare(&before);
        let lines = [
            "    before        now  ratio",
            "    1000.0     1030.0  1.030  find",
            "    1000.0      900.0  0.900  insert",
            "                  9.0         get",
        ];
        assert_eq!(table.unwrap().lines().collect::<Vec<_>>(), lines);
        let error = counts(&[("find", 1031.0), ("insert", 900.0)])
            .compare(&before)
            .unwrap_err();
        assert!(
            error.ends_with("\n`find` takes 1.031 times as many instructions as before"),
            "{error}"
        );
    }

    #[test]
    fn what_is_not_counted_any_more_is_told() {
        let before = counts(&[("find", 1000.0), ("insert", 1000.0)]);
        let error = counts(&[("find", 1000.0)]).compare(&before).unwrap_err();
        assert!(
            error.ends_with("\n`insert` is not counted any more"),
            "{error}"
        );
    }
}
