//! Counting statements in a program's own tests: [`assert_statements!`](crate::assert_statements).

use std::fmt;

use diesel::QueryResult;

use crate::connection::StatementLog;

/// Asserts how many statements a block sends on a connection, and evaluates to the value of the block.
///
/// Every statement counts that the connection sends: this library's own, plain Diesel's, raw SQL (a
/// `batch_execute` is one, whatever is in it), and what Diesel asks the database by itself, such as
/// PostgreSQL's number of an enum's type. Statements that begin and end transactions and savepoints
/// do not count, whether Diesel sends them or the program: `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT`,
/// `RELEASE`.
///
/// The block uses the connection itself. `?` and `return` in it leave the surrounding function, and
/// then nothing is asserted. After the block there may be a message, as in `assert_eq!`.
///
/// ```
/// # include!("doctest_setup.rs");
/// use diesel_identity_map::assert_statements;
///
/// # fn main() -> QueryResult<()> {
/// # let conn = &mut blog();
/// let posts = assert_statements!(conn, 1, { Post::cached().order(posts::id).load(conn)? });
/// assert_statements!(conn, 0, {
///     for post in &posts {
///         Post::cached().find(post.id).first(conn)?;
///     }
/// }, "all {} posts are alive", posts.len());
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// If the block sends another number of statements, with their texts; and on a connection
/// [without a map](crate::IdentityMapError::NotEnabled).
///
/// ```should_panic
/// # include!("doctest_setup.rs");
/// # fn main() {
/// # let conn = &mut blog();
/// // 1 statement expected, but 2 were sent
/// //   1: SELECT ..
/// //   2: SELECT ..
/// diesel_identity_map::assert_statements!(conn, 1, {
///     for id in [1, 2] {
///         Post::cached().find(id).first(conn).unwrap();
///     }
/// });
/// # }
/// ```
#[macro_export]
macro_rules! assert_statements {
    (@ $conn:expr, $expected:expr, $body:expr, $message:expr) => {{
        let expected: usize = $expected;
        let log = $crate::__private::expect_log({
            #[allow(unused_imports)]
            use $crate::IdentityMapConnection as _;
            $conn.record_statements()
        });
        let value = $body;
        if log.len() != expected {
            $crate::__private::panic_with_statements(&log, expected, $message);
        }
        value
    }};
    ($conn:expr, $expected:expr, $body:expr $(,)?) => {
        $crate::assert_statements!(@ $conn, $expected, $body, ::core::option::Option::None)
    };
    ($conn:expr, $expected:expr, $body:expr, $($message:tt)+) => {
        $crate::assert_statements!(
            @ $conn, $expected, $body,
            ::core::option::Option::Some(::core::format_args!($($message)+))
        )
    };
}

/// The log of a connection that carries a map.
///
/// # Panics
/// In the line of the macro, if the connection carries none.
#[track_caller]
pub fn expect_log(log: QueryResult<StatementLog>) -> StatementLog {
    match log {
        Ok(log) => log,
        Err(error) => panic!("{error}"),
    }
}

/// Fails the assertion, with the statements that were sent.
///
/// # Panics
/// Always, in the line of the macro.
#[track_caller]
pub fn panic_with_statements(
    log: &StatementLog,
    expected: usize,
    message: Option<fmt::Arguments<'_>>,
) -> ! {
    use std::fmt::Write;

    let statements = log.statements();
    let mut text = match expected {
        1 => "1 statement expected".to_owned(),
        many => format!("{many} statements expected"),
    };
    text.push_str(match statements.len() {
        0 => ", but none was sent",
        1 => ", but 1 was sent",
        _ => ", but ",
    });
    if statements.len() > 1 {
        let _ = write!(text, "{} were sent", statements.len());
    }
    if let Some(message) = message {
        let _ = write!(text, ": {message}");
    }
    for (number, statement) in statements.iter().enumerate() {
        let _ = write!(text, "\n{:>4}: {statement}", number + 1);
    }
    panic!("{text}")
}
