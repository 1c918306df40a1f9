//! The panel at the foot of every page: what its request did.

use diesel_identity_map::connection::StatementLog;
use diesel_identity_map::{Report, Scope, Stats};
use maud::{Markup, html};

/// The figures of a request, taken while its objects are still alive.
pub(crate) struct Panel {
    stats: Stats,
    report: Report,
    statements: Vec<String>,
}

impl Panel {
    pub(crate) fn of(scope: &Scope, log: Option<&StatementLog>) -> Self {
        Self {
            stats: scope.stats(),
            report: scope.report(),
            statements: log.map(StatementLog::statements).unwrap_or_default(),
        }
    }

    pub(crate) fn html(&self) -> Markup {
        let Stats {
            hits,
            misses,
            statements,
            alive,
            ..
        } = self.stats;
        let all = self.statements.len();
        let figures = [
            ("hits", "objects found alive", hits),
            ("misses", "objects read", misses),
            ("statements", "sent by the map", statements),
            ("alive", "live objects", alive as u64),
        ];
        html! {
            details #panel open[!self.report.is_empty()] {
                summary {
                    strong { "This request" }
                    @for (name, meaning, figure) in figures {
                        span title=(meaning) { (name) " " b id=(name) { (figure) } }
                    }
                }
                @if !self.report.is_empty() { pre.warning { (self.report) } }
                @if all > 0 {
                    p { (all) " statements in all, with those of plain Diesel:" }
                    ol { @for statement in &self.statements { li { code { (statement) } } } }
                } @else {
                    p { "No statement was sent." }
                }
            }
        }
    }
}
