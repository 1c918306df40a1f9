//! The commonest text by far: a `SELECT` as Diesel writes it.
//!
//! Such a text has few kinds of tokens, and databases agree on all of them. So it is recognized in
//! a fraction of the time that [`statements`](super::statements) takes. A text that is not
//! recognized is left to that function. Words and names are compared eight bytes at a time: a loop
//! over their single bytes would cost as much as all the rest.

/// Whether the text is a single statement that reads; `false` also where that would take a closer
/// look.
pub(super) fn is_plain_select(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    if !bytes.starts_with(b"SELECT ") {
        return false;
    }
    let mut at = "SELECT ".len();
    let mut depth = 0_u32;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b',' | b'*' | b'=' | b'<' | b'>' | b'?' | b'+' => at += 1,
            // Any word behind a dot is a name, so none may stand there.
            b'.' if matches!(bytes.get(at + 1), Some(b'"' | b'`' | b'*')) => at += 1,
            b'"' | b'`' => match skip_quoted_name(bytes, at + 1, byte) {
                Some(end) => at = end,
                None => return false,
            },
            b'a'..=b'z' | b'A'..=b'Z' => match skip_known_word(bytes, at) {
                Some(end) => at = end,
                None => return false,
            },
            b'(' => {
                depth += 1;
                at += 1;
            }
            b')' => match depth.checked_sub(1) {
                Some(outer) => {
                    depth = outer;
                    at += 1;
                }
                None => return false,
            },
            b'$' | b'0'..=b'9' => {
                at += 1;
                while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    at += 1;
                }
                if !matches!(bytes.get(at), None | Some(b' ' | b',' | b')')) {
                    return false;
                }
            }
            _ => return false,
        }
    }
    true
}

/// Passes over a quoted name, to the byte behind its end; `None` if it may be the name of a call.
fn skip_quoted_name(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start;
    let end = loop {
        let eight = eight_bytes(bytes, at);
        let ends = zero_bytes(eight ^ repeat(quote))
            | zero_bytes(eight ^ repeat(b'\\'))
            | zero_bytes(eight);
        if ends != 0 {
            break at + first_marked_byte(ends);
        }
        at += 8;
    };
    if bytes.get(end) != Some(&quote) || bytes[start..end].eq_ignore_ascii_case(b"set_config") {
        return None;
    }
    match bytes.get(end + 1) {
        None | Some(b'.' | b',' | b')') => Some(end + 1),
        Some(b' ') if !matches!(bytes.get(end + 2), Some(b' ' | b'(')) => Some(end + 2),
        Some(_) => None,
    }
}

/// Passes over a word, to the byte behind its end; `None` if it is not one of the known.
fn skip_known_word(bytes: &[u8], start: usize) -> Option<usize> {
    let lower = eight_bytes(bytes, start) | repeat(0x20);
    // Marks the bytes of letters by their high bits. Only seven bits of each byte are added to, so
    // that no byte carries into the next one.
    let ascii = lower & repeat(0x7F);
    let letters =
        (ascii + repeat(0x80 - b'a')) & !(ascii + repeat(0x7F - b'z')) & !lower & repeat(0x80);
    let others = !letters & repeat(0x80);
    let length = if others == 0 {
        8
    } else {
        first_marked_byte(others)
    };
    let end = start + length;
    if !matches!(bytes.get(end), None | Some(b' ' | b'(' | b')' | b',')) {
        return None;
    }
    let word = if length == 8 {
        lower
    } else {
        lower & ((1 << (8 * length)) - 1)
    };
    if HARMLESS_WORDS[slot(word)] == word {
        return Some(end);
    }
    let may_be_called = matches!(bytes[end..], [b'(', ..] | [b' ', b' ' | b'(', ..]);
    if HARMLESS_UNLESS_CALLED[slot(word)] == word && !may_be_called {
        return Some(end);
    }
    if word != word_bytes("for") {
        return None;
    }
    let locks = [&b" UPDATE"[..], b" SHARE"].map(|lock| bytes[end..].strip_prefix(lock));
    let rest = locks.into_iter().flatten().next()?;
    matches!(rest, [] | [b' ', b'A'..=b'Z', ..]).then(|| bytes.len() - rest.len())
}

/// Eight bytes of the text, or what is left of it and then zeros.
fn eight_bytes(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at.min(bytes.len())..];
    let mut eight = [0; 8];
    match rest.first_chunk() {
        Some(chunk) => eight = *chunk,
        None => eight[..rest.len()].copy_from_slice(rest),
    }
    u64::from_le_bytes(eight)
}

/// Eight times the same byte.
const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Marks the first byte that is zero by its high bit. Bytes behind it may be marked wrongly.
fn zero_bytes(eight: u64) -> u64 {
    eight.wrapping_sub(repeat(1)) & !eight & repeat(0x80)
}

/// Which byte is the first that is marked by its high bit.
fn first_marked_byte(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// A word of at most eight letters, as [`eight_bytes`] would give it.
const fn word_bytes(word: &str) -> u64 {
    let mut eight = [0; 8];
    let mut at = 0;
    while at < word.len() {
        eight[at] = word.as_bytes()[at];
        at += 1;
    }
    u64::from_le_bytes(eight)
}

/// The place of a word in a [`table`]. By this factor no two words of a table have the same place.
const fn slot(word: u64) -> usize {
    (word.wrapping_mul(0xB222_1A58_008A_05A7) >> 56) as usize
}

/// The words, each at its [`slot`].
const fn table(words: &[&str]) -> [u64; 256] {
    let mut slots = [0; 256];
    let mut at = 0;
    while at < words.len() {
        let word = word_bytes(words[at]);
        assert!(slots[slot(word)] == 0, "another factor is needed");
        slots[slot(word)] = word;
        at += 1;
    }
    slots
}

/// Reserved words and built-in functions: a parenthesis behind one of them is no call of a stored
/// function.
const HARMLESS_WORDS: [u64; 256] = table(&[
    "all", "and", "any", "as", "between", "case", "cast", "count", "distinct", "else", "exists",
    "from", "having", "in", "is", "left", "like", "limit", "lower", "max", "min", "not", "offset",
    "on", "or", "select", "sum", "then", "union", "upper", "when", "where",
]);

/// Words of the syntax that a stored function may have for its name.
const HARMLESS_UNLESS_CALLED: [u64; 256] = table(&[
    "asc", "by", "desc", "end", "group", "inner", "join", "null", "nulls", "order", "outer",
]);
