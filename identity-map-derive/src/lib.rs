//! `#[derive(IdentityMapped)]`.
