//! What a statement would expire, for programs that ask: [`WouldExpire`].

use std::fmt;

use super::statement_effect::StatementEffect;

/// What the next load would read again after a statement, among the models that the program has used so far.
///
/// [`would_expire`](crate::IdentityMapConnection::would_expire) gives it, and shows an example.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WouldExpire {
    /// Every object of every model.
    pub everything: bool,
    /// The tables of the models whose objects would be read again, in alphabetical order: `posts`, `app.posts`.
    pub tables: Vec<String>,
    /// The connection would stand apart: its session may see other rows or values.
    pub session: bool,
}

impl fmt::Display for WouldExpire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.everything, &*self.tables) {
            (true, _) => f.write_str("everything")?,
            (false, []) => f.write_str("nothing")?,
            (false, tables) => f.write_str(&tables.join(", "))?,
        }
        if self.session {
            f.write_str(", and the connection would stand apart")?;
        }
        Ok(())
    }
}

impl WouldExpire {
    /// What effects of a statement expire.
    pub(super) fn by(effects: &[StatementEffect]) -> Self {
        let mut would = Self::default();
        for effect in effects {
            match effect {
                StatementEffect::Invalidate(invalidation) => {
                    would.everything |= invalidation.is_everything();
                    would.tables.extend(invalidation.tables_of_models());
                }
                StatementEffect::ChangeSession(_) => would.session = true,
                StatementEffect::Anything { .. } => {
                    would.everything = true;
                    would.session = true;
                }
                _ => {}
            }
        }
        would.tables.sort_unstable();
        would.tables.dedup();
        would
    }
}
