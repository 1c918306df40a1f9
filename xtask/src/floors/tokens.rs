//! Paths in the tokens of macros, which are no syntax yet.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What the tokens name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Paths of two segments or more, with their lines; `a::{b, c}` is two. `$crate` is `crate`.
    pub(super) paths: Vec<(usize, Vec<String>)>,
    pub(super) idents: BTreeSet<String>,
}

impl Named {
    pub(super) fn of(tokens: TokenStream) -> Self {
        let mut named = Self::default();
        named.scan(tokens);
        named
    }

    fn scan(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(ident) if ident == "pub" && is_restriction(tokens.get(at + 1)) => {
                    at += 2;
                }
                TokenTree::Ident(_) => at = self.path(&tokens, at, &[]),
                TokenTree::Group(group) => {
                    self.scan(group.stream());
                    at += 1;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => at += 1,
            }
        }
    }

    /// Takes the path that starts here, or goes on after `before`; gives the place of what follows it.
    fn path(&mut self, tokens: &[TokenTree], start: usize, before: &[String]) -> usize {
        let line = tokens.get(start).map(|token| token.span().start().line);
        let mut path = before.to_vec();
        let mut at = start;
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            let name = ident.to_string();
            self.idents.insert(name.clone());
            if name != "self" || path.is_empty() {
                path.push(name);
            }
            at += 1;
            if !is_separator(tokens.get(at..)) {
                break;
            }
            at += 2;
        }
        if let Some(TokenTree::Group(group)) = tokens.get(at)
            && group.delimiter() == Delimiter::Brace
            && ends_open(&tokens[..at])
        {
            let tokens: Vec<_> = group.stream().into_iter().collect();
            for piece in tokens.split(|token| is_punct(Some(token), ',')) {
                self.path(piece, 0, &path);
            }
            return at + 1;
        }
        if let Some(line) = line
            && path.len() > 1
            && is_start(&tokens[..start], &path)
        {
            self.paths.push((line, path));
        }
        at
    }
}

/// The rest of `pub(in path)`.
fn is_restriction(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == "in")
}

/// Whether this is a path from its start: neither the rest of one, nor a variable of a macro.
fn is_start(before: &[TokenTree], path: &[String]) -> bool {
    !ends_open(before) && (path[0] == "crate" || !is_punct(before.last(), '$'))
}

/// Whether the tokens end in `::`.
fn ends_open(tokens: &[TokenTree]) -> bool {
    let start = tokens.len().saturating_sub(2);
    is_separator(tokens.get(start..))
}

fn is_separator(tokens: Option<&[TokenTree]>) -> bool {
    matches!(tokens, Some([first, second, ..]) if is_punct(Some(first), ':') && is_punct(Some(second), ':'))
}

fn is_punct(token: Option<&TokenTree>, of: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<(usize, String)> {
        let named = Named::of(text.parse().unwrap());
        let paths = named.paths.into_iter();
        paths.map(|(line, path)| (line, path.join("::"))).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        paths(text).into_iter().map(|(_, path)| path).collect()
    }

    #[test]
    fn paths_are_found_at_any_depth() {
        let found = paths(
            "($M:ty) => {\n impl crate::model::Model for $M { fn f() { g(super::rows::h()) } } }",
        );
        let expected = [
            (2, "crate::model::Model".to_owned()),
            (2, "super::rows::h".to_owned()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_group_is_several_paths() {
        let found = texts("use $crate::{map::{self, Store}, error::Error as E, Scope};");
        assert_eq!(
            found,
            [
                "crate::map",
                "crate::map::Store",
                "crate::error::Error",
                "crate::Scope"
            ]
        );
    }

    #[test]
    fn rests_of_paths_variables_strings_and_visibilities_are_none() {
        let found = texts(
            "::core::fmt $Conn::Backend <T as A>::B::C \"crate::map::Store\" /* crate::map::A */ \
             pub(in crate::map) fn f(self) {}",
        );
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn idents_are_names_too() {
        let named = Named::of("Store { at: Stamp::now() }".parse().unwrap());
        assert!(named.idents.contains("Store") && named.idents.contains("Stamp"));
    }
}
