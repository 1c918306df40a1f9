//! Queries, and the statements that change rows: what their clauses contain.
//!
//! The text is scanned once, one token after the other. What matters in it is noted as a finding, and
//! at the end the findings decide what the statement means.
//!
//! A call of an unknown function may run a stored function that writes. Nobody calls such a function
//! in a condition or an ordering, so a call there is trusted to write nothing.
//!
//! Each file uses only files above it:
//!
//! ```text
//! statement_kind   findings   nesting   recent_tokens   target_table   parts of a scan
//! clause_scan                                       all of them: ClauseScan
//! clause_keywords   function_calls   verdict        what a scan makes of them
//! scan                                              from the second token to the verdict
//! ```

mod clause_keywords;
mod clause_scan;
mod findings;
mod function_calls;
mod nesting;
mod recent_tokens;
mod scan;
mod statement_kind;
mod target_table;
mod verdict;

pub(super) use scan::classify;
pub(super) use statement_kind::StatementKind;
