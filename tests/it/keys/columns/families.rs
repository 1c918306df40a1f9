//! Models whose keys are of one Rust type: the rows of `coded`, and `parts` that belong to them.

/// Declares a family: the SQL type that Diesel takes the column for, the type of the field, values as SQL
/// spells them, and values to ask for.
macro_rules! families {
    ($($(#[$gate:meta])? $family:ident ($SqlType:ty) $Key:ty { $($value:literal)+ } { $($question:expr,)+ })+) => {$(
        $(#[$gate])?
        pub(super) mod $family {
            #[allow(unused_imports)]
            use super::{at, decimal};
            use super::super::Values;
            use diesel::prelude::*;
            use diesel_identity_map::IdentityMapped;

            pub(in super::super) type Key = $Key;

            diesel::table! {
                coded (code) {
                    code -> $SqlType,
                    name -> Text,
                }
            }

            diesel::table! {
                parts (id) {
                    id -> Integer,
                    code -> Nullable<$SqlType>,
                }
            }

            diesel::allow_tables_to_appear_in_same_query!(coded, parts);

            #[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
            #[diesel(table_name = coded, primary_key(code))]
            pub(in super::super) struct Coded {
                pub(in super::super) code: Key,
                pub(in super::super) name: String,
            }

            #[derive(Queryable, Selectable, IdentityMapped, Debug)]
            #[diesel(table_name = parts, belongs_to(Coded, foreign_key = code))]
            pub(in super::super) struct Part {
                pub(in super::super) id: i32,
                pub(in super::super) code: Option<Key>,
            }

            pub(in super::super) const VALUES: Values = &[$($value),+];

            pub(in super::super) fn questions() -> Vec<Key> {
                vec![$($question),+]
            }
        }
    )+};
}

families! {
    #[cfg(feature = "postgres")]
    citext (diesel::pg::sql_types::Citext) String {
        "'resume'" "'résumé'" "'Resume'" "'RESUME'" "'ab'" "'ab '" "'ab  '" "''" "' '" "'a b'" "'AB'" "'7'"
        "'007'" "'straße'" "'strasse'" "'ñ'" "'n'" "'e'" "'é'" "'0'" "'-1'" "'%'" "'_'" "'''q'''" "'x.5'"
    } {
        "resume".into(), "résumé".into(), "RESUME".into(), "Résumé".into(), "ab".into(), "ab ".into(),
        "ab      ".into(), "AB".into(), "aB ".into(), String::new(), " ".into(), "7".into(), "07".into(),
        "007".into(), "STRASSE".into(), "straße".into(), "N".into(), "ñ".into(), "Ñ".into(), "E".into(),
        "É".into(), "none".into(), "%".into(), "'Q'".into(), "X.5".into(), "-1 ".into(),
    }
    text (diesel::sql_types::Text) String {
        "'resume'" "'résumé'" "'Resume'" "'RESUME'" "'ab'" "'ab '" "'ab  '" "''" "' '" "'a b'" "'AB'" "'7'"
        "'007'" "'straße'" "'strasse'" "'ñ'" "'n'" "'e'" "'é'" "'0'" "'-1'" "'%'" "'_'" "'''q'''" "'x.5'"
    } {
        "resume".into(), "résumé".into(), "RESUME".into(), "Résumé".into(), "ab".into(), "ab ".into(),
        "ab      ".into(), "AB".into(), "aB ".into(), String::new(), " ".into(), "7".into(), "07".into(),
        "007".into(), "STRASSE".into(), "straße".into(), "N".into(), "ñ".into(), "Ñ".into(), "E".into(),
        "É".into(), "none".into(), "%".into(), "'Q'".into(), "X.5".into(), "-1 ".into(),
    }
    integer (diesel::sql_types::BigInt) i64 {
        "'007'" "'8 '" "9" "10.0" "-9223372036854775808" "9223372036854775807" "0" "-1" "' 11'" "'012.0'"
        "'1e2'"
    } {
        7, 8, 9, 10, i64::MIN, i64::MAX, 0, -1, 11, 12, 100, 5,
    }
    binary (diesel::sql_types::Binary) Vec<u8> {
        "'ab'" "'AB'" "'ab '" "''" "'abcdefgh'" "'a'" "'abc'" "'ABC '"
    } {
        b"ab".to_vec(), b"AB".to_vec(), b"ab ".to_vec(), vec![], b"abcdefgh".to_vec(), b"a".to_vec(),
        b"ab\0\0\0\0\0\0".to_vec(), b"none".to_vec(), b"abc".to_vec(), b"abc ".to_vec(),
    }
    time (diesel::sql_types::Timestamp) chrono::NaiveDateTime {
        "'2020-01-01 00:00:00'" "'2020-01-01T00:00:01'" "'2020-01-01 00:00:02.5'" "'2020-01-01 00:00:03.123456'"
        "'2020-01-01 00:00:04.000'" "'2038-01-01 00:00:00'" "'1999-12-31 23:59:59.999'"
        "'2020-01-01T00:00:05.25'"
    } {
        at(0, 0), at(1, 0), at(2, 500_000_000), at(2, 0), at(3, 123_456_000), at(3, 123_456_789), at(4, 0),
        at(4, 1), at(5, 250_000_000), at(3, 0), at(7, 0),
    }
    decimal (diesel::sql_types::Numeric) bigdecimal::BigDecimal {
        "0" "1" "1.00" "1.5" "1.500" "-1.005" "1.009" "99999999.99" "0.1" "2.50"
    } {
        decimal("0"), decimal("0.00"), decimal("1"), decimal("1.0"), decimal("1.50"), decimal("-1.005"),
        decimal("1.009"), decimal("1.01"), decimal("99999999.990"), decimal("0.10"), decimal("3"),
    }
}

fn at(second: u32, nanos: u32) -> chrono::NaiveDateTime {
    let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    day.and_hms_nano_opt(0, 0, second, nanos).unwrap()
}

fn decimal(text: &str) -> bigdecimal::BigDecimal {
    text.parse().unwrap()
}
