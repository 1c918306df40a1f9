//! What a file names: its `use` lines, and the paths in its code, macros and tests.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};

use super::tokens::Named;

/// A path that the file names.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) line: usize,
    /// As it is written, without what it is renamed to.
    pub(super) path: Vec<String>,
    /// From the root of the library; none if the path starts elsewhere.
    pub(super) target: Option<Vec<String>>,
    pub(super) kind: Kind,
    /// Others can import it from the file.
    pub(super) is_reexport: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In code, or in a `use` inside a function.
    Path,
    /// A `use` that gives the file this name, after those of the inline modules that it stands in.
    Use { name: Vec<String> },
    /// `use path::*`, wherever it stands.
    Glob,
}

/// All that a file names.
#[derive(Debug, Default)]
pub(super) struct Imports {
    pub(super) all: Vec<Import>,
    /// The identifiers with which its paths start, and those of its macros.
    pub(super) idents: BTreeSet<String>,
}

impl Imports {
    /// `module` is the file's own path from the root of the library.
    pub(super) fn of(file: &syn::File, module: &[String]) -> Self {
        let children = file.items.iter().filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
            _ => None,
        });
        let mut visitor = Visitor {
            module: module.to_vec(),
            children: children.collect(),
            inline: Vec::new(),
            blocks: 0,
            found: Self::default(),
        };
        visitor.visit_file(file);
        visitor.found
    }
}

struct Visitor {
    module: Vec<String>,
    /// Modules of the file that are files of their own.
    children: BTreeSet<String>,
    /// The inline modules around the place.
    inline: Vec<String>,
    /// How many blocks are around it.
    blocks: usize,
    found: Imports,
}

impl Visitor {
    fn path(&mut self, line: usize, path: Vec<String>) {
        self.found.all.push(Import {
            line,
            target: self.absolute(&path),
            path,
            kind: Kind::Path,
            is_reexport: false,
        });
    }

    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut from = [self.module.as_slice(), &self.inline].concat();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => from.clear(),
            "self" | "super" => {}
            child if self.inline.is_empty() && self.children.contains(child) => {}
            _ => return None,
        }
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "super" => drop(from.pop()),
                "crate" | "self" => {}
                _ => break,
            }
            rest = others;
        }
        Some([&from, rest].concat())
    }

    fn tokens(&mut self, tokens: &TokenStream) {
        let named = Named::of(tokens.clone());
        for (line, path) in named.paths {
            self.path(line, path);
        }
        self.found.idents.extend(named.idents);
    }
}

impl<'ast> Visit<'ast> for Visitor {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_some() {
            return;
        }
        let mut names = Vec::new();
        leaves(&item.tree, &[], &mut names);
        for Leaf { line, path, name } in names {
            let kind = match name {
                None => Kind::Glob,
                Some(_) if self.blocks > 0 => Kind::Path,
                Some(name) => Kind::Use {
                    name: [self.inline.as_slice(), &[name]].concat(),
                },
            };
            self.found.all.push(Import {
                line,
                target: self.absolute(&path),
                path,
                kind,
                is_reexport: !matches!(item.vis, syn::Visibility::Inherited),
            });
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_inline = item.content.is_some();
        if is_inline {
            self.inline.push(item.ident.to_string());
        }
        visit::visit_item_mod(self, item);
        if is_inline {
            self.inline.pop();
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.blocks += 1;
        visit::visit_block(self, block);
        self.blocks -= 1;
    }

    /// `pub(in path)` is no import.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none()
            && let Some(first) = path.segments.first()
        {
            let segments = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string());
            let segments: Vec<_> = segments.collect();
            self.found.idents.insert(segments[0].clone());
            if segments.len() > 1 {
                self.path(first.ident.span().start().line, segments);
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.tokens(&item.tokens);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        visit::visit_meta_list(self, list);
        self.tokens(&list.tokens);
    }
}

/// One path of a `use`, and the name it gets; none if it is `path::*`.
struct Leaf {
    line: usize,
    path: Vec<String>,
    name: Option<String>,
}

fn leaves(tree: &syn::UseTree, before: &[String], found: &mut Vec<Leaf>) {
    let (ident, name) = match tree {
        syn::UseTree::Path(path) => {
            let before = [before, &[path.ident.to_string()]].concat();
            return leaves(&path.tree, &before, found);
        }
        syn::UseTree::Group(group) => {
            return group
                .items
                .iter()
                .for_each(|tree| leaves(tree, before, found));
        }
        syn::UseTree::Glob(glob) => {
            return found.push(Leaf {
                line: glob.star_token.spans[0].start().line,
                path: before.to_vec(),
                name: None,
            });
        }
        syn::UseTree::Name(name) => (&name.ident, &name.ident),
        syn::UseTree::Rename(rename) => (&rename.ident, &rename.rename),
    };
    let mut path = before.to_vec();
    if ident != "self" || before.is_empty() {
        path.push(ident.to_string());
    }
    let name = match path.last() {
        Some(last) if name == "self" => last.clone(),
        _ => name.to_string(),
    };
    found.push(Leaf {
        line: ident.span().start().line,
        path,
        name: Some(name),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(module: &[&str], text: &str) -> Imports {
        let module: Vec<_> = module.iter().map(ToString::to_string).collect();
        Imports::of(&syn::parse_file(text).unwrap(), &module)
    }

    /// The line, the path and where it leads, of those that lead into the library.
    fn found(module: &[&str], text: &str) -> Vec<(usize, String, String)> {
        let all = imports(module, text).all.into_iter();
        all.filter_map(|import| {
            Some((
                import.line,
                import.path.join("::"),
                import.target?.join("::"),
            ))
        })
        .collect()
    }

    fn targets(module: &[&str], text: &str) -> Vec<String> {
        found(module, text)
            .into_iter()
            .map(|(_, _, target)| target)
            .collect()
    }

    #[test]
    fn groups_are_taken_apart_with_their_lines() {
        let text = "use crate::{map::{self, Store as S},\n    error::*};\nuse std::fmt; mod tests { use std::fmt; fn f() { use std::io; } }";
        let expected = [
            (1, "crate::map", "map"),
            (1, "crate::map::Store", "map::Store"),
            (2, "crate::error", "error"),
        ];
        let expected =
            expected.map(|(line, path, target)| (line, path.to_owned(), target.to_owned()));
        assert_eq!(found(&["scope", "lazy"], text), expected);
        let all = imports(&[], text).all;
        let names = all.iter().filter_map(|import| match &import.kind {
            Kind::Use { name } => Some(name.join("::")),
            Kind::Path | Kind::Glob => None,
        });
        assert_eq!(names.collect::<Vec<_>>(), ["map", "S", "fmt", "tests::fmt"]);
    }

    #[test]
    fn paths_lead_from_where_they_stand() {
        let module = ["map", "store"];
        assert_eq!(targets(&module, "use super::Stamp;"), ["map::Stamp"]);
        assert_eq!(
            targets(&module, "use super::super::scope::Scope;"),
            ["scope::Scope"]
        );
        assert_eq!(
            targets(&module, "use self::inner::X;"),
            ["map::store::inner::X"]
        );
        assert_eq!(
            targets(&module, "mod tests { use super::*; }"),
            ["map::store"]
        );
        assert_eq!(
            targets(&module, "mod tests { fn f() { super::super::list::g() } }"),
            ["map::list::g"]
        );
    }

    #[test]
    fn modules_of_the_file_need_no_self() {
        let text =
            "mod clock; mod tests { use clock::X; } pub use clock::Clock; fn f() { clock::now() }";
        assert_eq!(
            targets(&["scope"], text),
            ["scope::clock::Clock", "scope::clock::now"]
        );
    }

    #[test]
    fn paths_are_found_in_types_bounds_expressions_macros_and_attributes() {
        for text in [
            "fn f(_: Vec<crate::map::Store>) {}",
            "impl<T: crate::map::Store> A for T {}",
            "type Q<M> = <M as crate::map::Store>::Query;",
            "fn f() { crate::map::Store::new(); }",
            "macro_rules! m { () => { $crate::map::Store } }",
            "fn f() { vec![crate::map::Store] }",
            "#[derive(crate::map::Store)] struct A;",
            "#[cfg(test)] mod tests { use crate::map::Store; }",
        ] {
            let found = targets(&["query"], text);
            assert!(found[0].starts_with("map::Store"), "{text}: {found:?}");
        }
    }

    #[test]
    fn visibilities_comments_and_strings_are_no_imports() {
        let text = "//! crate::a::B\n/// [`B`](crate::a::B)\npub(in crate::a) const C: &str = \"crate::a::B\"; // crate::a::B";
        assert_eq!(targets(&["query"], text), [""; 0]);
        assert_eq!(
            targets(&["query"], "use ::std::fmt; use diesel::QueryResult;"),
            [""; 0]
        );
    }

    #[test]
    fn reexports_are_told_from_imports() {
        let all = imports(
            &["map"],
            "mod a; pub(crate) use a::A; use a::B; pub use a::*;",
        )
        .all;
        let reexports = all.iter().map(|import| import.is_reexport);
        assert_eq!(reexports.collect::<Vec<_>>(), [true, false, true]);
    }
}
