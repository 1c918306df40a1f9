//! The routines that a statement calls: [`StatementCalls`].

use super::classified_statement::ClassifiedStatement;
use super::classify::next_statement;
use super::lexer::{Keyword, Lexer, TokenKind};
use super::meaning::Meaning;
use super::table_writes::ObjectName;

/// A statement, apart from what the routines do that it calls.
#[derive(Debug)]
pub(crate) struct StatementCalls<'a> {
    /// What it means by itself.
    pub(crate) meaning: Meaning,
    /// The routines that are not known to write nothing, whatever the database.
    pub(crate) routines: Vec<ObjectName<'a>>,
}

impl<'a> ClassifiedStatement<'a> {
    /// The routines that a query, a change of rows or a `CALL` runs; `None` for other statements.
    pub(crate) fn calls(&self) -> Option<StatementCalls<'a>> {
        match self.meaning {
            Meaning::Everything | Meaning::ChangeSession => {}
            _ => return None,
        }
        if self.is_call() {
            return self.call();
        }
        let mut lexer = Lexer::new(self.text).collecting_calls();
        let statement = next_statement(&mut lexer)?;
        let routines = lexer.into_calls().into_iter();
        let routines = routines.map(|call| ObjectName {
            schema: call.schema,
            name: call.name,
        });
        Some(StatementCalls {
            meaning: statement.meaning,
            routines: routines.collect(),
        })
    }

    /// Whether it is a `CALL`.
    pub(crate) fn is_call(&self) -> bool {
        self.first_word_is(&["CALL"])
    }

    /// `CALL app.count(1, 'x')`: a name, and values.
    fn call(&self) -> Option<StatementCalls<'a>> {
        let mut lexer = Lexer::new(self.text);
        let mut tokens = Vec::new();
        while let Some(token) = lexer.next_token() {
            tokens.push(token);
        }
        let is_clear = lexer.error().is_none()
            && !lexer.structure_is_disputed()
            && !lexer.words_are_disputed();
        let open = tokens
            .iter()
            .position(|token| token.kind == TokenKind::OpenParen)?;
        let (name, arguments) = tokens.split_at(open);
        let are_values = arguments.iter().all(|token| {
            matches!(
                token.kind,
                TokenKind::OpenParen
                    | TokenKind::CloseParen
                    | TokenKind::Comma
                    | TokenKind::Number
                    | TokenKind::StringLiteral
                    | TokenKind::Word(Keyword::Other)
                    | TokenKind::OtherSign
            )
        });
        let is_one_call = arguments
            .iter()
            .filter(|token| token.kind == TokenKind::OpenParen)
            .count()
            == 1;
        let routine = match name {
            [_, name] => ObjectName {
                schema: None,
                name: name.identifier()?,
            },
            [_, schema, _, name] => ObjectName {
                schema: Some(schema.identifier()?),
                name: name.identifier()?,
            },
            _ => return None,
        };
        (is_clear && are_values && is_one_call).then(|| StatementCalls {
            meaning: Meaning::Read,
            routines: vec![routine],
        })
    }
}
