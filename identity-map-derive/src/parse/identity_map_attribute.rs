//! Parses `#[identity_map(..)]`, the derive's own attribute.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Path, Token};

use super::attribute_items::{NamelessItem, parse_items};
use super::attribute_value::{AttributeValue, parse_assigned, parse_flag, parse_parenthesized};
use super::belongs_to::BelongsToAttribute;
use crate::column::Column;
use crate::compile_errors::CompileErrors;

const KNOWN: &str = "`crate`, `hooks`, `belongs_to`, `changed_by`, `version`, `keep_unchanged`";

/// `#[identity_map(..)]` on the struct.
pub(crate) struct IdentityMapAttribute {
    /// The path of the facade crate; `None` if it is malformed.
    pub(crate) krate: Option<Path>,
    pub(crate) has_hooks: bool,
    pub(crate) version: Option<Column>,
    pub(crate) keep_unchanged: Option<Span>,
    pub(crate) belongs_to: Vec<BelongsToAttribute>,
    /// Tables whose writes change the model's rows.
    pub(crate) changed_by: Vec<Path>,
}

impl IdentityMapAttribute {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut CompileErrors) -> Self {
        let mut krate = AttributeValue::Absent;
        let mut parsed = Self {
            krate: None,
            has_hooks: false,
            version: None,
            keep_unchanged: None,
            belongs_to: Vec::new(),
            changed_by: Vec::new(),
        };
        for attr in identity_map_attributes(attrs) {
            parse_items(
                attr,
                NamelessItem::Refused,
                errors,
                |name, input, errors| {
                    match name.to_string().as_str() {
                        "crate" => {
                            let format = "identity_map(crate = diesel_identity_map)";
                            let path = parse_assigned(name, input, format, Path::parse_mod_style);
                            krate.set(path, errors);
                        }
                        "hooks" => {
                            // A malformed `hooks` counts too: the program has its own `Hooks`, and
                            // an empty impl beside them would be a second error.
                            parsed.has_hooks = true;
                            parse_flag(input, "identity_map(hooks)")?;
                        }
                        "keep_unchanged" => {
                            parse_flag(input, "identity_map(keep_unchanged)")?;
                            parsed.keep_unchanged = Some(name.span());
                        }
                        "version" => {
                            let format = "identity_map(version = lock_version)";
                            let column = parse_assigned(name, input, format, Column::parse)?;
                            parsed.version = Some(column);
                        }
                        "belongs_to" => {
                            let format = "identity_map(belongs_to(User, foreign_key = editor_id))";
                            let own = BelongsToAttribute::parse_in_identity_map_attribute;
                            let relation = parse_parenthesized(name, input, format, own)?;
                            parsed.belongs_to.push(relation);
                        }
                        "changed_by" => {
                            let format = "identity_map(changed_by(jars, audit_log))";
                            let tables = parse_parenthesized(name, input, format, parse_tables)?;
                            parsed.changed_by.extend(tables);
                        }
                        unknown => {
                            let message = format!(
                                "unknown attribute `{unknown}`\nhelp: the known ones are {KNOWN}"
                            );
                            return Err(syn::Error::new(name.span(), message));
                        }
                    }
                    Ok(())
                },
            );
        }
        parsed.krate = krate.or_default(|| syn::parse_quote!(::diesel_identity_map));
        parsed
    }
}

/// Tables, at least one.
fn parse_tables(input: ParseStream) -> syn::Result<Punctuated<Path, Token![,]>> {
    let tables = Punctuated::parse_terminated_with(input, Path::parse_mod_style)?;
    if tables.is_empty() {
        return Err(input.error("expected a table"));
    }
    Ok(tables)
}

/// Refuses `#[identity_map(..)]` on a field, where it would be ignored.
pub(crate) fn refuse_on_field(attrs: &[Attribute], errors: &mut CompileErrors) {
    for attr in identity_map_attributes(attrs) {
        errors.push_at(
            attr.path().span(),
            "`#[identity_map(..)]` has no meaning on a field\nhelp: move it to the struct",
        );
    }
}

fn identity_map_attributes(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("identity_map"))
}
