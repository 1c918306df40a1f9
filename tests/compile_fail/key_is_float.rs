//! Floats are not `Eq`.

use diesel_identity_map::IdentityMapped;

diesel::table! {
    readings (at, value) {
        at -> Double,
        value -> Float,
    }
}

#[derive(IdentityMapped)]
#[diesel(primary_key(at, value))]
struct Reading {
    at: f64,
    value: f32,
}

fn main() {}
