//! The tokens just before the one that is scanned: [`RecentTokens`].

use crate::statement::lexer::{Keyword, Token};

pub(super) struct RecentTokens<'a> {
    pub(super) last: Token<'a>,
    pub(super) second_last: Token<'a>,
    pub(super) third_last: Token<'a>,
    /// Some databases skip the last token.
    pub(super) last_is_disputed: bool,
}

impl<'a> RecentTokens<'a> {
    pub(super) fn new(first: Token<'a>) -> Self {
        Self {
            last: first,
            second_last: Token::NOTHING,
            third_last: Token::NOTHING,
            last_is_disputed: false,
        }
    }

    pub(super) fn push(&mut self, token: Token<'a>, is_disputed: bool) {
        self.third_last = self.second_last;
        self.second_last = self.last;
        self.last = token;
        self.last_is_disputed = is_disputed;
    }

    pub(super) fn ends_with(&self, keyword: Keyword) -> bool {
        self.last.is_keyword(keyword)
    }
}
