//! What a browser sends: the page of a list it wants, and a comment.

use serde::Deserialize;

/// `/?page=2&size=20`: the newest posts are on page 1.
#[derive(Deserialize, Clone, Copy)]
#[serde(default)]
pub(crate) struct PageOf {
    pub(crate) page: i64,
    pub(crate) size: i64,
}

impl Default for PageOf {
    fn default() -> Self {
        Self { page: 1, size: 12 }
    }
}

impl PageOf {
    /// # Errors
    /// What is wrong, for people.
    pub(crate) fn check(self) -> Result<Self, &'static str> {
        match self {
            Self {
                page: 1..=10_000,
                size: 1..=200,
            } => Ok(self),
            _ => Err("a page is numbered from 1, and holds between 1 and 200 posts"),
        }
    }

    pub(crate) fn offset(self) -> i64 {
        (self.page - 1) * self.size
    }
}

/// The form below a post. A field that is missing is an empty one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct NewComment {
    pub(crate) name: String,
    pub(crate) body: String,
}

impl NewComment {
    /// The comment without the spaces around it.
    ///
    /// # Errors
    /// The form as it was sent, and what is wrong with it, for people.
    pub(crate) fn check(self) -> Result<Self, (Self, &'static str)> {
        let (name, body) = (self.name.trim(), self.body.trim());
        let wrong = if name.is_empty() {
            "Who are you? A name is missing."
        } else if name.chars().count() > 50 {
            "A name has 50 characters at most."
        } else if name.chars().any(char::is_control) {
            "A name has no control characters."
        } else if body.is_empty() {
            "The comment is empty."
        } else if body.chars().count() > 2_000 {
            "A comment has 2,000 characters at most."
        } else if body.contains('\0') {
            "A comment has no NUL characters."
        } else {
            let (name, body) = (name.to_owned(), body.to_owned());
            return Ok(Self { name, body });
        };
        Err((self, wrong))
    }
}
