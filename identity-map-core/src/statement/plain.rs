//! The commonest text by far: a `SELECT` as Diesel writes it.
//!
//! It has few kinds of tokens, and databases agree on all of them, so it is told in a fraction
//! of the time that [`statements`](super::statements) takes. What is not told at once is left
//! to them. Text is taken in eight bytes at a time: the loop over the bytes of a name would
//! cost as much as all the rest.

/// Whether this is a single statement that reads; `false` if it is not that plain.
pub(super) fn is_select(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    if !bytes.starts_with(b"SELECT ") {
        return false;
    }
    let mut at = "SELECT ".len();
    let mut depth = 0_u32;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b',' | b'*' | b'=' | b'<' | b'>' | b'?' | b'+' => at += 1,
            // A word behind a dot would be a name.
            b'.' if matches!(bytes.get(at + 1), Some(b'"' | b'`' | b'*')) => at += 1,
            b'"' | b'`' => match name(bytes, at + 1, byte) {
                Some(end) => at = end,
                None => return false,
            },
            b'a'..=b'z' | b'A'..=b'Z' => match word(bytes, at) {
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

/// Passes over a quoted name that nothing is called by, to the byte behind its end.
fn name(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start;
    let end = loop {
        let eight = eight(bytes, at);
        let hits = zeros(eight ^ repeat(quote)) | zeros(eight ^ repeat(b'\\')) | zeros(eight);
        if hits != 0 {
            break at + first(hits);
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

/// Passes over a word, if it is one of the known.
fn word(bytes: &[u8], start: usize) -> Option<usize> {
    let lower = eight(bytes, start) | repeat(0x20);
    let ascii = lower & repeat(0x7F);
    let letters =
        (ascii + repeat(0x80 - b'a')) & !(ascii + repeat(0x7F - b'z')) & !lower & repeat(0x80);
    let others = !letters & repeat(0x80);
    let length = if others == 0 { 8 } else { first(others) };
    let end = start + length;
    if !matches!(bytes.get(end), None | Some(b' ' | b'(' | b')' | b',')) {
        return None;
    }
    let word = if length == 8 {
        lower
    } else {
        lower & ((1 << (8 * length)) - 1)
    };
    if WORDS[slot(word)] == word {
        return Some(end);
    }
    let opens = matches!(bytes[end..], [b'(', ..] | [b' ', b' ' | b'(', ..]);
    if NAMES[slot(word)] == word && !opens {
        return Some(end);
    }
    if word != packed("for") {
        return None;
    }
    let locks = [&b" UPDATE"[..], b" SHARE"].map(|lock| bytes[end..].strip_prefix(lock));
    let rest = locks.into_iter().flatten().next()?;
    matches!(rest, [] | [b' ', b'A'..=b'Z', ..]).then(|| bytes.len() - rest.len())
}

/// Eight bytes of the text, or what is left of it and zeros.
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at.min(bytes.len())..];
    let mut eight = [0; 8];
    match rest.first_chunk() {
        Some(chunk) => eight = *chunk,
        None => eight[..rest.len()].copy_from_slice(rest),
    }
    u64::from_le_bytes(eight)
}

const fn repeat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The high bit of each byte that is zero, as far as the first one.
fn zeros(eight: u64) -> u64 {
    eight.wrapping_sub(repeat(1)) & !eight & repeat(0x80)
}

/// Which byte the first high bit belongs to.
fn first(high_bits: u64) -> usize {
    (high_bits.trailing_zeros() / 8) as usize
}

const fn packed(word: &str) -> u64 {
    let mut eight = [0; 8];
    let mut at = 0;
    while at < word.len() {
        eight[at] = word.as_bytes()[at];
        at += 1;
    }
    u64::from_le_bytes(eight)
}

/// The place of a word in a table; the factor is one by which no two want the same.
const fn slot(word: u64) -> usize {
    (word.wrapping_mul(0xB222_1A58_008A_05A7) >> 56) as usize
}

const fn table(words: &[&str]) -> [u64; 256] {
    let mut slots = [0; 256];
    let mut at = 0;
    while at < words.len() {
        let word = packed(words[at]);
        assert!(slots[slot(word)] == 0, "another factor is needed");
        slots[slot(word)] = word;
        at += 1;
    }
    slots
}

/// Reserved words and built-in functions, which nothing follows that could be a call.
const WORDS: [u64; 256] = table(&[
    "all", "and", "any", "as", "between", "case", "cast", "count", "distinct", "else", "exists",
    "from", "having", "in", "is", "left", "like", "limit", "lower", "max", "min", "not", "offset",
    "on", "or", "select", "sum", "then", "union", "upper", "when", "where",
]);

/// Words of the syntax by whose names there may be functions.
const NAMES: [u64; 256] = table(&[
    "asc", "by", "desc", "end", "group", "inner", "join", "null", "nulls", "order", "outer",
]);
