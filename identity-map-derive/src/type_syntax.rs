//! Looks at types as they are written, because a derive sees tokens and no more.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// The `T` of an `Option<T>`, by whatever path `Option` is named.
pub(crate) fn option_argument(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// The `Option<T>` of a `std::option::Option<T>`; `None` if the type is no path.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        // A `$t:ty` of a `macro_rules!` arrives in a group.
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether the type is written as an integer or a boolean.
pub(crate) fn is_primitive(ty: &Type) -> bool {
    const PRIMITIVES: [&str; 9] = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
    match ty {
        Type::Path(path) => {
            let ident = path.path.get_ident();
            ident.is_some_and(|ident| PRIMITIVES.iter().any(|primitive| ident == primitive))
        }
        // A `$t:ty` of a `macro_rules!` arrives in a group.
        Type::Group(group) => is_primitive(&group.elem),
        Type::Paren(paren) => is_primitive(&paren.elem),
        _ => false,
    }
}

/// Tokens as a person writes them, for an error's text: printed tokens have a space between
/// any two.
pub(crate) fn as_written(tokens: &impl ToTokens) -> String {
    let tokens = tokens.to_token_stream().to_string();
    tokens
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
        .replace(" , ", ", ")
}
