//! Which failures are of one kind, so that a search does not end at the one that is found most.

use std::collections::BTreeSet;

use super::run::Kind;
use super::step::{Boundary, Program, Step};

/// What is wrong, and what a program of it says beside its reads and writes.
pub(super) fn sort(kind: Kind, program: &Program) -> String {
    let said: BTreeSet<String> = program.iter().flat_map(|(_, step)| said(step)).collect();
    format!(
        "{kind:?} {}",
        said.into_iter().collect::<Vec<_>>().join(", ")
    )
}

fn said(step: &Step) -> Vec<String> {
    match step {
        Step::Diesel(Boundary::Begin) => vec!["begin".to_owned()],
        Step::Diesel(Boundary::Commit) => vec!["commit".to_owned()],
        Step::Diesel(Boundary::Rollback) => vec!["rollback".to_owned()],
        Step::Raw(text) | Step::Batch(text) => {
            let mut words: Vec<String> = text.0.split("; ").filter_map(remark).collect();
            if words.len() > 1 || text.0.contains("; ") {
                words.push("batch".to_owned());
            }
            words
        }
        Step::Dropped(_) => vec!["dropped".to_owned()],
        _ => Vec::new(),
    }
}

/// The words that begin a statement, where it is not one of the writes that every program has.
fn remark(statement: &str) -> Option<String> {
    let statement = statement.to_lowercase();
    let words: Vec<&str> = statement.split_whitespace().collect();
    match words[..] {
        ["update" | "delete", ..] | ["insert", _, "notes" | "tasks", ..] => None,
        // Names of settings, and whether a boundary says more than that it is one.
        [
            "begin" | "start" | "commit" | "end" | "rollback" | "abort",
            ..,
        ] => {
            let plain = ["work", "transaction", "start"];
            let words: Vec<&str> = words
                .into_iter()
                .filter(|word| !plain.contains(word))
                .collect();
            Some(if words.is_empty() {
                "begin".to_owned()
            } else {
                words.join(" ")
            })
        }
        _ => Some(words.into_iter().take(4).collect::<Vec<_>>().join(" ")),
    }
}
