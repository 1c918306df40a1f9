//! What the body of a trigger or a routine may do: [`RoutineBody`].

use super::definitions::names_definition;
use super::lexer::{Keyword, Lexer, Token, TokenKind};
use super::operations::Operations;
use super::session_effect::SessionEffect;
use super::table_writes::{ObjectName, TableWrite, names, table_writes};
use super::temporary::mentions_temporary;

/// What a body may do. Control flow between its statements is not followed: each statement may run.
#[derive(Debug, Default)]
pub(crate) struct RoutineBody<'a> {
    pub(crate) writes: Vec<TableWrite<'a>>,
    /// All names: tables that it may read, and routines that it may call, are among them.
    pub(crate) names: Vec<ObjectName<'a>>,
    /// The procedures that it surely calls.
    pub(crate) called: Vec<ObjectName<'a>>,
    /// It builds statements at run time, or is not understood.
    pub(crate) may_do_anything: bool,
    pub(crate) session: SessionEffect,
    /// It, or a statement that it builds at run time, may change the schema.
    pub(crate) changes_schema: bool,
}

/// Statements whose effect no name in the body tells.
const ANYTHING: &[&str] = &[
    "EXECUTE",
    "PREPARE",
    "CREATE",
    "ALTER",
    "DROP",
    "RENAME",
    "REFRESH",
    "LOAD",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "ATTACH",
    "DETACH",
    "XA",
];

/// Words behind which a statement may begin.
const BEFORE_STATEMENT: &[&str] = &["BEGIN", "THEN", "ELSE", "LOOP", "DO", "REPEAT"];

/// Reads a body: that of a routine, or the whole definition of a trigger.
pub(crate) fn read_body(body: &str) -> RoutineBody<'_> {
    let mut read = RoutineBody::default();
    let mut lexer = Lexer::new(body);
    loop {
        let mut tokens = Vec::new();
        while let Some(token) = lexer.next_token() {
            tokens.push(token);
        }
        if tokens.first().is_some_and(|first| first.is_word("CREATE")) {
            let begin = tokens.iter().position(|token| token.is_word("BEGIN"));
            tokens.drain(..begin.map_or(0, |begin| begin + 1));
        }
        read.take_statement(&tokens);
        if !lexer.continue_past_semicolon() {
            break;
        }
    }
    read.changes_schema = read.may_do_anything && names_definition(body);
    read.may_do_anything |=
        lexer.error().is_some() || lexer.structure_is_disputed() || lexer.words_are_disputed();
    if lexer.names_set_config() || lexer.error().is_some() {
        read.session = SessionEffect::Anything;
    } else if mentions_temporary(body) {
        read.session = read.session.max(SessionEffect::MakesTemporary);
    }
    read
}

/// The writes on which a trigger runs, by its whole definition.
pub(crate) fn trigger_event(definition: &str) -> Operations {
    let mut lexer = Lexer::new(definition);
    while let Some(token) = lexer.next_token() {
        match token.kind {
            TokenKind::Word(Keyword::Insert) => return Operations::INSERT,
            TokenKind::Word(Keyword::Update) => return Operations::UPDATE,
            TokenKind::Word(Keyword::Delete) => return Operations::DELETE,
            TokenKind::Word(Keyword::On) => break,
            _ => {}
        }
    }
    Operations::ALL
}

impl<'a> RoutineBody<'a> {
    fn take_statement(&mut self, tokens: &[Token<'a>]) {
        self.names.extend(names(tokens));
        self.writes.extend(table_writes(tokens));
        let mut assigns_variable = false;
        let mut has_variable = false;
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| tokens[before]);
            has_variable |= token.kind == TokenKind::At;
            assigns_variable |= token.kind == TokenKind::Colon;
            if !token.is_any_word() || before.is_some_and(|it| it.kind == TokenKind::Dot) {
                continue;
            }
            assigns_variable |= token.is_one_of(&["SET", "INTO"]);
            let is_first = before.is_none_or(|before| before.is_one_of(BEFORE_STATEMENT));
            let behind = tokens.get(at + 1);
            self.may_do_anything |= token.is_one_of(ANYTHING);
            if token.is_word("CALL") {
                self.called.extend(names(&tokens[at + 1..]).next());
            }
            let changes_session = is_first
                && (token.is_one_of(&["RESET", "DISCARD", "USE"])
                    || token.is_word("SET") && behind.is_some_and(|next| is_of_session(*next)));
            if changes_session {
                self.session = SessionEffect::Anything;
            }
        }
        if has_variable && assigns_variable {
            self.session = SessionEffect::Anything;
        }
    }
}

/// Whether a `SET` of this changes the session.
fn is_of_session(behind_set: Token<'_>) -> bool {
    behind_set.is_one_of(&[
        "ROLE",
        "SESSION",
        "LOCAL",
        "GLOBAL",
        "search_path",
        "NAMES",
        "TRANSACTION",
        "TIME",
        "row_security",
        "CHARACTER",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets<'a>(body: &RoutineBody<'a>) -> Vec<(Operations, &'a str)> {
        let mut found = Vec::new();
        for write in &body.writes {
            found.extend(
                write
                    .targets
                    .iter()
                    .map(|target| (write.operations, target.name)),
            );
        }
        found
    }

    #[test]
    fn a_trigger_of_sqlite() {
        let body = read_body(
            "CREATE TRIGGER t AFTER INSERT ON jars BEGIN
                UPDATE shelves SET jars = jars + 1 WHERE id = NEW.shelf_id;
                INSERT INTO audit_log SELECT 'x' FROM jars;
             END",
        );
        assert!(!body.may_do_anything && body.session == SessionEffect::Nothing);
        assert_eq!(body.writes.len(), 2);
        let written = targets(&body);
        assert!(written.contains(&(Operations::UPDATE | Operations::MOVE, "shelves")));
        assert!(written.contains(&(Operations::INSERT, "audit_log")));
    }

    #[test]
    fn a_function_in_plpgsql() {
        let body = read_body(
            "DECLARE total int; BEGIN
                IF TG_OP = 'INSERT' THEN UPDATE ONLY app.shelves s SET jars = s.jars + 1 WHERE s.id = NEW.id;
                ELSE PERFORM count_down(OLD.id); END IF;
                SELECT count(*) INTO total FROM votes FOR UPDATE;
                NEW.total := total; RETURN NEW; END",
        );
        assert!(!body.may_do_anything && body.session == SessionEffect::Nothing);
        assert_eq!(body.writes.len(), 1);
        assert_eq!(body.writes[0].targets[1].schema, Some("app"));
        assert_eq!(body.writes[0].assigned, ["jars", "s", "jars"]);
        assert!(body.names.iter().any(|name| name.name == "count_down"));
    }

    #[test]
    fn what_is_built_at_run_time_may_do_anything() {
        assert!(read_body("BEGIN EXECUTE 'UPDATE ' || name; END").may_do_anything);
        assert!(read_body("BEGIN UPDATE a SET b = 'it; END").may_do_anything);
    }

    #[test]
    fn what_is_done_to_the_session() {
        use SessionEffect::{Anything, MakesTemporary, Nothing};
        for (body, effect) in [
            (
                "BEGIN PERFORM set_config('app.tenant', '1', false); END",
                Anything,
            ),
            ("BEGIN SET LOCAL ROLE ada; END", Anything),
            ("SET @depth = 1", Anything),
            ("SET NEW.total = 1", Nothing),
            (
                "BEGIN UPDATE users SET role = 'x' WHERE id = NEW.id; END",
                Nothing,
            ),
            (
                "BEGIN EXECUTE 'CREATE TEMP TABLE ' || name; END",
                MakesTemporary,
            ),
            ("BEGIN UPDATE sensors SET temp = NEW.temp; END", Nothing),
        ] {
            assert_eq!(read_body(body).session, effect, "{body}");
        }
    }
}
