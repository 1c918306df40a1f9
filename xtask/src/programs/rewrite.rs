//! The text of the two programs as that of libraries of their own.

/// Everything is public, so that nothing is left out as dead code.
pub(super) fn public(text: &str) -> String {
    let mut parts = text.split("pub(");
    let mut public = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        public.push_str("pub");
        public.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
    }
    public
}

/// The models, and the functions on them, without the library.
pub(super) fn without_library(text: &str) -> String {
    let mut kept = String::new();
    let mut in_use = false;
    for line in text.lines() {
        let code = line.trim_start();
        let is_attribute = code.starts_with("#[identity_map(")
            || code.starts_with("#[cfg_attr(all(), identity_map(");
        in_use |= code.starts_with("use diesel_identity_map::");
        if !in_use && !is_attribute {
            kept.push_str(line);
            kept.push('\n');
        }
        in_use &= !code.ends_with(';');
    }
    without_derive(&kept)
}

fn without_derive(text: &str) -> String {
    let mut parts = text.split("IdentityMapped");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match kept.trim_end().strip_suffix(',') {
            Some(before) => {
                kept = before.to_owned();
                kept.push_str(part);
            }
            None => kept.push_str(part.strip_prefix(',').unwrap_or(part).trim_start()),
        }
    }
    kept
}

/// A function of a file, with its attribute.
pub(super) fn function<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    const ATTRIBUTE: &str = "#[diesel::dsl::auto_type]\n";
    let at = text.find(&format!("pub(crate) fn {name}("))?;
    let end = at + text[at..].find("\n}\n")? + "\n}\n".len();
    let start = text[..at].strip_suffix(ATTRIBUTE).map_or(at, str::len);
    Some(&text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_left_out() {
        let text = "use diesel::prelude::*;\nuse diesel_identity_map::{\n    A, B,\n};\n#[derive(Queryable, IdentityMapped)]\n\
                    #[identity_map(hooks)]\nstruct A;\n#[derive(IdentityMapped, Clone)]\nstruct B;\n\
                    derive(\n    Clone,\n    IdentityMapped\n)\n";
        let plain = "use diesel::prelude::*;\n#[derive(Queryable)]\nstruct A;\n#[derive(Clone)]\nstruct B;\n\
                     derive(\n    Clone\n)\n";
        assert_eq!(without_library(text), plain);
    }

    #[test]
    fn everything_is_public() {
        let text = "pub(crate) fn a(); pub(in crate::b) x: pub (super)";
        assert_eq!(public(text), "pub fn a(); pub x: pub (super)");
    }

    #[test]
    fn a_function_has_its_attribute() {
        let text = "fn b() {\n}\n#[diesel::dsl::auto_type]\npub(crate) fn a() -> _ {\n    c\n}\nfn d() {}\n";
        let of_a = "#[diesel::dsl::auto_type]\npub(crate) fn a() -> _ {\n    c\n}\n";
        assert_eq!(function(text, "a"), Some(of_a));
        assert_eq!(function(text, "d"), None);
    }
}
