//! The expansion as text: what is written, what is refused, and where an error points.

mod attributes;
mod expansion;
mod refusals;
mod relations;
mod stand_in;

use syn::DeriveInput;

use crate::compile_errors::CompileErrors;

/// The expansion, and every error as the text it points at and its message.
struct Derived {
    impls: String,
    errors: Vec<(String, String)>,
}

/// Derives on the Rust source of a struct.
fn derive(source: &str) -> Derived {
    derive_on(&syn::parse_str(source).expect("the test's struct parses"))
}

fn derive_on(item: &DeriveInput) -> Derived {
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

/// Tokens print with more or less space depending on who joined them.
fn unspaced(code: &str) -> String {
    code.split_whitespace().collect()
}

impl Derived {
    /// The impls of a struct that was not refused.
    fn accepted(self) -> Self {
        assert!(self.errors.is_empty(), "refused: {:?}", self.errors);
        self
    }

    fn has(&self, code: &str) -> bool {
        unspaced(&self.impls).contains(&unspaced(code))
    }

    #[track_caller]
    fn expect(self, code: &str) -> Self {
        assert!(self.has(code), "no `{code}` in\n{}", self.impls);
        self
    }

    #[track_caller]
    fn expect_not(self, code: &str) -> Self {
        assert!(!self.has(code), "`{code}` in\n{}", self.impls);
        self
    }

    /// The one error: where it points, and what it says.
    #[track_caller]
    fn refused(self, at: &str, message: &str) {
        assert_eq!(self.errors, [(at.to_owned(), message.to_owned())]);
    }
}
