//! What is wrong, and where.

use std::fmt;

/// One line of the result, for a reader and for editors that jump to `file:line`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    pub(super) file: String,
    /// Counted from one. The whole file is meant if there is none.
    pub(super) line: Option<usize>,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn at(file: &str, line: usize, text: String) -> Self {
        Self {
            file: file.to_owned(),
            line: Some(line),
            text,
        }
    }

    pub(super) fn of(file: &str, text: String) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            text,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.file, self.text),
            None => write!(out, "{}: {}", self.file, self.text),
        }
    }
}
