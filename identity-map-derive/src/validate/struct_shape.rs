//! Refuses what is no struct with named fields, and a struct with parameters.

use syn::ext::IdentExt;
use syn::{ConstParam, Data, DeriveInput, Fields, GenericParam, Ident, TypeParam};

use crate::compile_errors::CompileErrors;

pub(crate) fn refuse_other_shapes(item: &DeriveInput, errors: &mut CompileErrors) {
    let name = item.ident.unraw();
    let row_struct = "derive it on the struct that a row of the table is loaded into";
    let refused = match &item.data {
        Data::Enum(_) => Some(("an enum", row_struct.to_owned())),
        Data::Union(_) => Some(("a union", row_struct.to_owned())),
        Data::Struct(data) => match data.fields {
            Fields::Named(_) => None,
            Fields::Unnamed(_) => Some((
                "a tuple struct",
                format!("give its fields the names of the columns: `struct {name} {{ id: .. }}`"),
            )),
            Fields::Unit => Some((
                "a unit struct",
                format!("give it a field for every column: `struct {name} {{ id: .. }}`"),
            )),
        },
    };
    if let Some((what, help)) = refused {
        errors.push_at(
            item.ident.span(),
            format!(
                "`IdentityMapped` needs a struct with named fields, but `{name}` is {what}\n\
                 help: {help}"
            ),
        );
    }
    for param in &item.generics.params {
        refuse_parameter(&name, param, errors);
    }
}

fn refuse_parameter(name: &Ident, param: &GenericParam, errors: &mut CompileErrors) {
    match param {
        GenericParam::Lifetime(param) => errors.push_at(
            param.lifetime.span(),
            format!(
                "`{name}` borrows for `{lifetime}`, but models are shared in `Arc`s and outlive \
                 the borrow\n\
                 help: own the data: `String` instead of `&{lifetime} str`",
                lifetime = param.lifetime,
            ),
        ),
        GenericParam::Type(TypeParam { ident, .. })
        | GenericParam::Const(ConstParam { ident, .. }) => errors.push_at(
            ident.span(),
            format!(
                "`{name}` has the parameter `{ident}`, but one table has one model type\n\
                 help: derive `IdentityMapped` on a concrete struct, without `{ident}`"
            ),
        ),
    }
}
