//! An identity map for Diesel.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use identity_map_core::*;
pub use identity_map_derive::IdentityMapped;

#[doc(hidden)]
pub use identity_map_core::__private;

/// What a program that uses the map imports, beside `diesel::prelude::*`.
pub mod prelude {
    pub use crate::{
        Cached, CachedConnection, IdentityMap, IdentityMapConnection, IdentityMapped,
        InIdentityScope, Retain, Scope, Strategy,
    };
    #[doc(no_inline)]
    pub use std::sync::Arc;
}
