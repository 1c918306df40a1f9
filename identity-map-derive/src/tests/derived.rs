//! Derives on the source of a struct, and looks at what comes of it.

use proc_macro2::{Delimiter, Group};
use syn::DeriveInput;

use crate::compile_errors::CompileErrors;

/// The expansion, and the errors. Each error is the source text that it points at, and its message.
pub(super) struct Derived {
    pub(super) impls: String,
    pub(super) errors: Vec<(String, String)>,
}

/// Derives on the Rust source of a struct.
pub(super) fn derive(source: &str) -> Derived {
    derive_on(&syn::parse_str(source).expect("the test's struct parses"))
}

pub(super) fn derive_on(item: &DeriveInput) -> Derived {
    let mut errors = CompileErrors::default();
    let impls = crate::derive_impls(item, &mut errors);
    syn::parse2::<syn::File>(impls.clone()).expect("the expansion is Rust");
    let errors = errors.into_inner().into_iter().flatten();
    Derived {
        impls: impls.to_string(),
        errors: errors
            .map(|error| {
                (
                    error.span().source_text().unwrap_or_default(),
                    error.to_string(),
                )
            })
            .collect(),
    }
}

/// Derives on a `Post` with fields for most foreign keys.
pub(super) fn derive_post(attributes: &str) -> Derived {
    derive(&format!(
        "{attributes} struct Post {{
            id: i32, user_id: i32, editor_id: Option<UserId>, parent_id: Option<i32>,
            #[diesel(embed)] rest: Rest, #[diesel(select_expression = a::b.eq(1))] sum: i64
        }}"
    ))
}

/// Tokens in a group without delimiters, as a `macro_rules!` passes on a `$t:ty`.
pub(super) fn passed_on(source: &str) -> Group {
    Group::new(Delimiter::None, source.parse().expect("tokens"))
}

/// Code without its spaces, because tokens print with more or fewer depending on who joined them.
fn unspaced(code: &str) -> String {
    code.split_whitespace().collect()
}

impl Derived {
    /// Asserts that the struct was not refused.
    pub(super) fn accepted(self) -> Self {
        assert!(self.errors.is_empty(), "refused: {:?}", self.errors);
        self
    }

    fn has(&self, code: &str) -> bool {
        unspaced(&self.impls).contains(&unspaced(code))
    }

    #[track_caller]
    pub(super) fn expect(self, code: &str) -> Self {
        assert!(self.has(code), "no `{code}` in\n{}", self.impls);
        self
    }

    #[track_caller]
    pub(super) fn expect_not(self, code: &str) -> Self {
        assert!(!self.has(code), "`{code}` in\n{}", self.impls);
        self
    }

    /// Asserts the one error: the text that it points at, and its message.
    #[track_caller]
    pub(super) fn refused(self, at: &str, message: &str) {
        assert_eq!(self.errors, [(at.to_owned(), message.to_owned())]);
    }
}
