//! The words that decide how a statement is read: [`Keyword`].

/// The last eight bytes of a word as a number, in lower case.
const fn packed(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut number = 0;
    let mut at = 0;
    while at < bytes.len() {
        number = push(number, bytes[at]);
        at += 1;
    }
    number
}

/// Puts the next byte of a word behind those that are packed. `| 0x20` makes a letter lower case,
/// and makes no other byte of a word a letter.
pub(super) const fn push(number: u64, byte: u8) -> u64 {
    number << 8 | (byte | 0x20) as u64
}

macro_rules! keywords {
    ($($name:ident $text:literal)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::statement) enum Keyword {
            /// Any word that is not in the list.
            Other,
            $($name,)*
        }

        impl Keyword {
            /// The keyword that `word` is. `packed_word` holds the same word, put there byte by byte with
            /// [`push`].
            #[allow(non_upper_case_globals)]
            pub(super) fn of(packed_word: u64, word: &str) -> Self {
                $(const $name: u64 = packed($text);)*
                let (keyword, text) = match packed_word {
                    $($name => (Self::$name, $text),)*
                    _ => return Self::Other,
                };
                if word.len() <= 8 || word.eq_ignore_ascii_case(text) {
                    keyword
                } else {
                    Self::Other
                }
            }
        }
    };
}

keywords! {
    All "all"
    Analyse "analyse"
    Analyze "analyze"
    And "and"
    Any "any"
    Array "array"
    As "as"
    Between "between"
    By "by"
    Cascade "cascade"
    Case "case"
    Conflict "conflict"
    Create "create"
    Default "default"
    Delete "delete"
    Distinct "distinct"
    Do "do"
    Duplicate "duplicate"
    Else "else"
    Except "except"
    Execute "execute"
    Exists "exists"
    For "for"
    From "from"
    Group "group"
    Having "having"
    Ilike "ilike"
    In "in"
    Insert "insert"
    Intersect "intersect"
    Into "into"
    Is "is"
    Join "join"
    Key "key"
    Lateral "lateral"
    Like "like"
    Limit "limit"
    Merge "merge"
    No "no"
    Not "not"
    Offset "offset"
    On "on"
    Only "only"
    Or "or"
    Order "order"
    Refresh "refresh"
    Replace "replace"
    Returning "returning"
    Row "row"
    Select "select"
    Set "set"
    Some "some"
    Table "table"
    Then "then"
    To "to"
    Union "union"
    Update "update"
    Using "using"
    Values "values"
    When "when"
    Where "where"
    With "with"
}

impl Keyword {
    /// Whether no function can have this name without quotes, so that a parenthesis behind the word
    /// is no call.
    pub(in crate::statement) fn is_reserved(self) -> bool {
        !matches!(
            self,
            Self::Other
                | Self::By
                | Self::Cascade
                | Self::Conflict
                | Self::Delete
                | Self::Duplicate
                | Self::Execute
                | Self::Ilike
                | Self::Insert
                | Self::Join
                | Self::Key
                | Self::Like
                | Self::Merge
                | Self::No
                | Self::Refresh
                | Self::Replace
                | Self::Set
                | Self::Update
        )
    }
}
