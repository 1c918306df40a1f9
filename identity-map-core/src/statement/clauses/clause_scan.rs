//! What the scan of a statement knows so far: [`ClauseScan`].

use super::findings::Findings;
use super::nesting::Nesting;
use super::recent_tokens::RecentTokens;
use super::statement_kind::StatementKind;
use super::target_table::TargetTable;
use crate::statement::lexer::{Keyword, Token};

pub(super) struct ClauseScan<'a> {
    pub(super) kind: StatementKind,
    pub(super) findings: Findings,
    pub(super) nesting: Nesting,
    pub(super) recent: RecentTokens<'a>,
    pub(super) target: TargetTable,
    /// The query or the change itself has begun. Options of an `EXPLAIN` or a `DECLARE` come before it.
    pub(super) has_begun: bool,
    /// The last token was `INSERT` or `REPLACE`. It is a change of rows, unless the next token makes it
    /// a call.
    pub(super) may_be_write: bool,
}

impl<'a> ClauseScan<'a> {
    /// `depth` is that of the parentheses which the first word stands in.
    pub(super) fn new(kind: StatementKind, first: Token<'a>, depth: u32) -> Self {
        let mut nesting = Nesting::new(depth);
        // Options in parentheses call nothing.
        if matches!(kind, StatementKind::Load | StatementKind::Copy) {
            nesting.trust_calls();
        }
        if kind == StatementKind::With {
            nesting.begin_with_names();
        }
        Self {
            kind,
            findings: Findings::none(),
            nesting,
            // `EXPLAIN (..)` and `KILL (..)` are no calls.
            recent: RecentTokens::new(if first.is_keyword(Keyword::Other) {
                Token::NOTHING
            } else {
                first
            }),
            target: if kind == StatementKind::Copy {
                TargetTable::Expected
            } else {
                TargetTable::Elsewhere
            },
            has_begun: !matches!(kind, StatementKind::Explain | StatementKind::Declare),
            may_be_write: false,
        }
    }

    pub(super) fn note(&mut self, finding: Findings) {
        self.findings.add(finding);
    }

    pub(super) fn has(&self, finding: Findings) -> bool {
        self.findings.has(finding)
    }

    /// From here on, a call of an unknown function may write.
    pub(super) fn distrust_calls(&mut self) {
        // Clauses of `COPY` itself call nothing.
        if self.kind != StatementKind::Copy || !self.nesting.is_outermost() {
            self.nesting.distrust_calls();
        }
    }
}
