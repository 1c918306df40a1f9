//! Reads `#[identity_map(..)]`, the derive's own attribute.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, DeriveInput, Path};

use crate::attr::Given;
use crate::belongs_to::BelongsTo;
use crate::column::Column;
use crate::entries::{flag, parens, read_own_entries, value};
use crate::errors::Errors;

const KNOWN: &str = "`crate`, `hooks`, `belongs_to`, `version`, `keep_unchanged`";

/// `#[identity_map(..)]` on the struct.
pub(crate) struct OwnAttrs {
    /// The path of the facade crate; `None` if the user's spelling of it could not be read.
    pub(crate) krate: Option<Path>,
    pub(crate) hooks: bool,
    pub(crate) version: Option<Column>,
    pub(crate) keep_unchanged: Option<Span>,
    pub(crate) belongs_to: Vec<BelongsTo>,
}

pub(crate) fn read(item: &DeriveInput, errors: &mut Errors) -> OwnAttrs {
    let mut path = Given::Absent;
    let mut own_attrs = OwnAttrs {
        krate: None,
        hooks: false,
        version: None,
        keep_unchanged: None,
        belongs_to: Vec::new(),
    };
    for attr in own(&item.attrs) {
        read_own_entries(attr, errors, |name, input, errors| {
            match name.to_string().as_str() {
                "crate" => {
                    let format = "identity_map(crate = diesel_identity_map)";
                    path.set(value(name, input, format, Path::parse_mod_style), errors);
                }
                "hooks" => {
                    // However it is written: the program has hooks, and an empty impl beside
                    // them would be an error of its own.
                    own_attrs.hooks = true;
                    flag(input, "identity_map(hooks)")?;
                }
                "keep_unchanged" => {
                    flag(input, "identity_map(keep_unchanged)")?;
                    own_attrs.keep_unchanged = Some(name.span());
                }
                "version" => {
                    let format = "identity_map(version = lock_version)";
                    own_attrs.version = Some(value(name, input, format, Column::parse)?);
                }
                "belongs_to" => {
                    let format = "identity_map(belongs_to(User, foreign_key = editor_id))";
                    let relation = parens(name, input, format, BelongsTo::own)?;
                    own_attrs.belongs_to.push(relation);
                }
                unknown => {
                    let message =
                        format!("unknown attribute `{unknown}`\nhelp: the known ones are {KNOWN}");
                    return Err(syn::Error::new(name.span(), message));
                }
            }
            Ok(())
        });
    }
    own_attrs.krate = path.or_default(|| syn::parse_quote!(::diesel_identity_map));
    own_attrs
}

/// Reports `#[identity_map(..)]` where it would be ignored.
pub(crate) fn refuse_on_field(attrs: &[Attribute], errors: &mut Errors) {
    for attr in own(attrs) {
        errors.at(
            attr.path().span(),
            "`#[identity_map(..)]` has no meaning on a field\nhelp: move it to the struct",
        );
    }
}

fn own(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("identity_map"))
}
