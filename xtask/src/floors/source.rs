//! One file of a library: what it defines and what it imports.

use std::collections::BTreeSet;

use super::imports::{Import, Imports, Kind};

#[derive(Debug)]
pub(super) struct Source {
    /// From the folder `src`, with slashes.
    pub(super) path: String,
    pub(super) module: Vec<String>,
    pub(super) text: String,
    pub(super) imports: Imports,
    /// The names of its items, without those of macros' expansions.
    pub(super) defined: BTreeSet<String>,
    /// The names of its macros that are at the root of the library for others.
    pub(super) exported_macros: BTreeSet<String>,
    /// It declares and re-exports, and has no code of its own: a `mod.rs` as it should be.
    pub(super) only_declares: bool,
}

impl Source {
    pub(super) fn parse(path: &str, text: String) -> syn::Result<Self> {
        let file = syn::parse_file(&text)?;
        let module = module(path);
        Ok(Self {
            path: path.to_owned(),
            imports: Imports::of(&file, &module),
            module,
            text,
            defined: file.items.iter().filter_map(name).collect(),
            exported_macros: file.items.iter().filter_map(exported_macro).collect(),
            only_declares: file.items.iter().all(declares),
        })
    }

    /// The folder or file beside `lib.rs` that the file belongs to, as the table of floors has it.
    pub(super) fn room(&self) -> String {
        match self.path.split_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => self.path.clone(),
        }
    }

    /// The `use` that gives a path in the file its start, and what of the path follows this name.
    pub(super) fn use_of<'p>(&self, path: &'p [String]) -> Option<(&Import, &'p [String])> {
        self.imports.all.iter().find_map(|import| {
            let Kind::Use { name } = &import.kind else {
                return None;
            };
            // `pub(crate) use shown;` re-exports a macro of the file.
            let is_own = import.path == *name && self.defined.contains(&name[0]);
            let rest = path.strip_prefix(name.as_slice())?;
            (!is_own).then_some((import, rest))
        })
    }

    /// Where the names come from that it takes without naming them.
    pub(super) fn globs(&self) -> impl Iterator<Item = &[String]> {
        let globs = self.imports.all.iter();
        globs
            .filter(|import| import.kind == Kind::Glob)
            .filter_map(|import| import.target.as_deref())
    }
}

/// `map/store.rs` is `map::store`, `map/mod.rs` is `map`, `lib.rs` the root.
fn module(path: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Vec<_> = stem.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn name(item: &syn::Item) -> Option<String> {
    let ident = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Mod(item) => &item.ident,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::TraitAlias(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn exported_macro(item: &syn::Item) -> Option<String> {
    let syn::Item::Macro(item) = item else {
        return None;
    };
    let mut attributes = item.attrs.iter();
    let is_exported = attributes.any(|attribute| attribute.path().is_ident("macro_export"));
    item.ident
        .as_ref()
        .filter(|_| is_exported)
        .map(ToString::to_string)
}

fn declares(item: &syn::Item) -> bool {
    match item {
        syn::Item::Use(_) | syn::Item::ExternCrate(_) => true,
        syn::Item::Mod(module) => module.content.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::parse(path, text.to_owned()).unwrap()
    }

    #[test]
    fn the_path_says_module_and_room() {
        for (path, module, room) in [
            ("lib.rs", "", "lib.rs"),
            ("error.rs", "error", "error.rs"),
            ("map/mod.rs", "map", "map/"),
            ("map/store.rs", "map::store", "map/"),
            ("connection/slot/mod.rs", "connection::slot", "connection/"),
        ] {
            let source = source(path, "");
            assert_eq!(
                (source.module.join("::").as_str(), source.room().as_str()),
                (module, room)
            );
        }
    }

    #[test]
    fn a_file_with_an_item_of_its_own_does_more_than_declare() {
        assert!(
            source(
                "map/mod.rs",
                "//! The map.\nmod store;\npub use store::Store;"
            )
            .only_declares
        );
        assert!(!source("map/mod.rs", "mod store;\nstruct Map;").only_declares);
        assert!(!source("map/mod.rs", "mod tests { }").only_declares);
    }

    #[test]
    fn items_are_known_by_name() {
        let source = source(
            "a.rs",
            "#[macro_export]\nmacro_rules! m { () => {} }\nmacro_rules! n { () => {} }\nstruct S;\nfn f() {}",
        );
        assert_eq!(Vec::from_iter(&source.defined), ["S", "f", "m", "n"]);
        assert_eq!(Vec::from_iter(&source.exported_macros), ["m"]);
    }
}
