//! The name of a savepoint, so that two names are equal if they are one to the database.

use super::classified_statement::ClassifiedStatement;
use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;
use crate::statement::Rules;

/// PostgreSQL cuts a name to so many bytes.
const LONGEST_IN_POSTGRES: usize = 63;

impl ClassifiedStatement<'_> {
    /// The name in `SAVEPOINT x`, `RELEASE [SAVEPOINT] x`, `ROLLBACK .. TO [SAVEPOINT] x`. Two that are
    /// equal name one savepoint, and two that are not name two. `None`: it is unclear which one.
    pub(crate) fn savepoint(&self, rules: Rules) -> Option<String> {
        let name = name_token(self.meaning, self.text)?;
        match rules {
            Rules::Sqlite => in_sqlite(name),
            Rules::Postgres => in_postgres(name),
            Rules::Mysql => in_mysql(name),
            Rules::Unknown => {
                let name_in_postgres = in_postgres(name)?;
                let is_one_everywhere = in_sqlite(name).as_ref() == Some(&name_in_postgres)
                    && in_mysql(name).as_ref() == Some(&name_in_postgres);
                is_one_everywhere.then_some(name_in_postgres)
            }
        }
    }
}

/// Folds what has no quotes, and keeps the rest.
fn in_postgres(name: Token<'_>) -> Option<String> {
    let mut name = match name.kind {
        TokenKind::Word(_) => name.text.to_ascii_lowercase(),
        TokenKind::Name => name.text.replace("\"\"", "\""),
        _ => return None,
    };
    let mut end = name.len().min(LONGEST_IN_POSTGRES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    Some(name)
}

/// Ignores the case of ASCII letters.
fn in_sqlite(name: Token<'_>) -> Option<String> {
    without_quotes(name).map(str::to_ascii_lowercase)
}

/// Ignores case and accents, as its collation has them, and spaces at the end.
fn in_mysql(name: Token<'_>) -> Option<String> {
    let name = without_quotes(name)?;
    let is_clear = name.is_ascii() && !name.ends_with(' ');
    is_clear.then(|| name.to_ascii_lowercase())
}

/// A name that has no quotes inside. Which of them are doubled depends on those around the name.
fn without_quotes(name: Token<'_>) -> Option<&str> {
    name.identifier_or_string()
        .filter(|name| !name.contains(['"', '`', '\'']))
}

fn name_token(meaning: Meaning, text: &str) -> Option<Token<'_>> {
    let mut lexer = Lexer::new(text);
    let tokens: Vec<_> = std::iter::from_fn(|| lexer.next_token()).collect();
    let (_, rest) = tokens.split_first()?;
    let rest = match meaning {
        Meaning::Savepoint => rest,
        Meaning::Release => behind_savepoint(rest),
        Meaning::RollbackTo => {
            let to = rest.iter().position(|token| token.is_word("TO"))?;
            behind_savepoint(&rest[to + 1..])
        }
        _ => return None,
    };
    match rest {
        [name] => Some(*name),
        // `[name]`: SQLite's name comes behind the words in it.
        [bracket, .., name] if bracket.kind == TokenKind::OtherSign => {
            (name.kind == TokenKind::Name).then_some(*name)
        }
        _ => None,
    }
}

/// What comes behind the word `SAVEPOINT`, which may be left out.
fn behind_savepoint<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match tokens {
        [word, rest @ ..] if word.is_word("SAVEPOINT") && !rest.is_empty() => rest,
        _ => tokens,
    }
}
