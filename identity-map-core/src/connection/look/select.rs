//! The short way for what is looked at most: a `SELECT` as Diesel writes it.

use super::lexer::is_word;

/// Whether the text is one `SELECT` that surely only reads. `false` says nothing: then the text
/// has to be [read](super::statements).
///
/// A statement that begins with `SELECT` can do something else only by a call or by `INTO`. What
/// could hide either (strings, comments, another statement) is left to the long way.
pub(super) fn surely_reads(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    if !bytes.starts_with(b"SELECT ") {
        return false;
    }
    let mut at = 7;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            quote @ (b'`' | b'"') => {
                let rest = &bytes[at + 1..];
                let Some(end) = rest.iter().position(|b| *b == quote || *b == b'\\') else {
                    return false;
                };
                if rest[end] == b'\\' {
                    return false;
                }
                at += end + 2;
                continue;
            }
            b'(' if !opens_a_group(&bytes[..at]) => return false,
            b'i' | b'I' if !is_word(bytes[at - 1]) && says_into(&bytes[at..]) => return false,
            b'\'' | b';' | b'\\' | b'/' | b'-' | b'#' => return false,
            b'$' if !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => return false,
            _ => {}
        }
        at += 1;
    }
    true
}

fn says_into(rest: &[u8]) -> bool {
    rest.len() >= 4 && rest[..4].eq_ignore_ascii_case(b"into")
}

/// Whether a parenthesis behind this text is none of a call: what stands before it is another
/// parenthesis, or a word of SQL that Diesel writes there.
fn opens_a_group(before: &[u8]) -> bool {
    const WORDS: [&[u8]; 8] = [
        b" WHERE ", b" AND ", b" OR ", b" IN ", b" ON ", b"SELECT ", b" NOT ", b" ANY",
    ];
    before.ends_with(b"(") || WORDS.iter().any(|word| before.ends_with(word))
}
