//! The effects of statements that change the session.

use super::statement_effect::StatementEffect;
use crate::database::{Isolation, Product};
use crate::map::Invalidation;
use crate::statement::{
    ClassifiedStatement, CompletionType, IsolationLevel, SessionChange, SessionChanges, Span,
    Switch,
};
use crate::transaction::Autocommit;

/// Adds the effects of a statement that makes these changes. `moves_transaction` says whether one that is not
/// understood may begin or end a transaction.
pub(super) fn session_effects(
    made: SessionChanges,
    product: Product,
    moves_transaction: bool,
    effects: &mut Vec<StatementEffect>,
) {
    if made.may_write {
        if made.changes.contains(&SessionChange::Anything) {
            effects.push(StatementEffect::Anything { moves_transaction });
            return;
        }
        effects.push(StatementEffect::Invalidate(Invalidation::everything()));
    }
    let made = made.changes.into_iter();
    effects.extend(made.filter_map(|change| match change {
        SessionChange::Isolation { level, span } => {
            let isolation = isolation_of(level, product);
            match span {
                Span::Global => None,
                Span::Session => Some(StatementEffect::SetSessionIsolation(isolation)),
                Span::Transaction => isolation.map(StatementEffect::SetIsolation),
                Span::NextTransaction => isolation.map(StatementEffect::SetNextIsolation),
            }
        }
        SessionChange::Autocommit(switch) => Some(StatementEffect::SetAutocommit(match switch {
            Switch::On => Autocommit::On,
            Switch::Off => Autocommit::Off,
            Switch::Unclear => Autocommit::Unclear,
        })),
        SessionChange::CompletionType(then) => {
            let is_unclear = then != CompletionType::NoChain;
            Some(StatementEffect::SetEndsUnclear(is_unclear))
        }
        change => Some(StatementEffect::ChangeSession(change)),
    }));
}

/// The isolation of a transaction, as far as the text says it which begins it.
pub(super) fn isolation_of_begin(
    statement: &ClassifiedStatement<'_>,
    product: Product,
) -> Option<Isolation> {
    let changes = statement.session_changes(product).changes;
    changes.into_iter().find_map(|change| match change {
        SessionChange::Isolation { level, .. } => isolation_of(level, product),
        // The text is not understood.
        SessionChange::Anything => Some(Isolation::Unclear),
        _ => None,
    })
}

/// What a transaction of this level sees; `None` if that is the server's to say.
fn isolation_of(level: IsolationLevel, product: Product) -> Option<Isolation> {
    let isolation = match level {
        IsolationLevel::Baseline => return None,
        // Where it is not clear, nothing that is read is kept.
        IsolationLevel::ReadUncommitted | IsolationLevel::Unclear => Isolation::Uncommitted,
        IsolationLevel::ReadCommitted => Isolation::Committed,
        IsolationLevel::RepeatableRead => Isolation::Snapshot,
        IsolationLevel::Serializable => Isolation::Serializable,
    };
    Some(match product {
        // With a shared cache alone; a transaction has a snapshot without.
        Product::Sqlite if level == IsolationLevel::ReadUncommitted => Isolation::Uncommitted,
        Product::Sqlite => Isolation::Snapshot,
        // PostgreSQL takes the lowest level for the next.
        Product::Postgres if level == IsolationLevel::ReadUncommitted => Isolation::Committed,
        _ => isolation,
    })
}
