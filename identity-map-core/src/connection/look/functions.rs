//! Words that may stand before a parenthesis: syntax, and functions of the databases.
//!
//! Any other function may be a stored one, and those may write.

/// Whether a word is syntax, so that no call is meant.
pub(super) fn is_syntax(word: &str) -> bool {
    is_among(word, SYNTAX)
}

/// Whether a function is one of the databases' own that writes no table.
pub(super) fn is_harmless(name: &str) -> bool {
    is_among(name, FUNCTIONS)
}

fn is_among(word: &str, sorted: &[&str]) -> bool {
    const LONGEST: usize = 40;
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..word.len()) else {
        return false;
    };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    sorted
        .binary_search_by(|known| known.as_bytes().cmp(lower))
        .is_ok()
}

/// Keywords and types, sorted.
#[rustfmt::skip]
const SYNTAX: &[&str] = &[
    "all", "and", "any", "array", "as", "between", "bigint", "binary", "bit", "both", "by",
    "bytea", "case", "char", "character", "check", "collate", "conflict", "constraint", "cross",
    "cube", "date", "datetime", "dec", "decimal", "default", "distinct", "double", "else",
    "end", "escape", "except", "exclude", "exists", "explain", "fetch", "filter", "float",
    "following", "for", "foreign", "from", "full", "group", "grouping", "having", "ilike", "in",
    "index", "inner", "int", "integer", "intersect", "interval", "into", "is", "isnull", "join",
    "key", "last", "lateral", "leading", "left", "like", "limit", "match", "materialized",
    "natural", "not", "nothing", "notnull", "nulls", "numeric", "nvarchar", "of", "offset",
    "on", "only", "or", "order", "outer", "over", "overlaps", "partition", "preceding",
    "primary", "range", "recursive", "references", "regexp", "returning", "right", "rlike",
    "rollup", "row", "rows", "select", "set", "sets", "similar", "smallint", "some", "table",
    "tablesample", "text", "then", "time", "timestamp", "timestamptz", "to", "trailing",
    "union", "unique", "using", "values", "varbinary", "varchar", "varying", "when", "where",
    "window", "with", "within", "xor",
];

/// Functions of SQLite, PostgreSQL, MySQL and MariaDB, sorted.
#[rustfmt::skip]
const FUNCTIONS: &[&str] = &[
    "abs", "acos", "acosh", "age", "any_value", "array_agg", "array_append", "array_cat",
    "array_dims", "array_length", "array_lower", "array_ndims", "array_position",
    "array_positions", "array_prepend", "array_remove", "array_replace", "array_to_json",
    "array_to_string", "array_upper", "ascii", "asin", "asinh", "atan", "atan2", "atanh", "avg",
    "bin", "bit_and", "bit_count", "bit_length", "bit_or", "bit_xor", "bool_and", "bool_or",
    "btrim", "cardinality", "cast", "cbrt", "ceil", "ceiling", "changes", "char", "char_length",
    "character_length", "chr", "clock_timestamp", "coalesce", "collation", "compress", "concat",
    "concat_ws", "connection_id", "convert", "convert_from", "convert_to", "convert_tz", "corr",
    "cos", "cosh", "cot", "count", "covar_pop", "covar_samp", "crc32", "cume_dist", "curdate",
    "current_catalog", "current_database", "current_date", "current_role", "current_schema",
    "current_schemas", "current_setting", "current_time", "current_timestamp", "current_user",
    "currval", "curtime", "database", "date", "date_add", "date_bin", "date_format",
    "date_part", "date_sub", "date_trunc", "datediff", "datetime", "day", "dayname",
    "dayofmonth", "dayofweek", "dayofyear", "decode", "degrees", "dense_rank", "digest", "div",
    "elt", "encode", "every", "exp", "export_set", "extract", "extractvalue", "field",
    "find_in_set", "first_value", "floor", "format", "format_type", "found_rows", "from_base64",
    "from_days", "from_unixtime", "gen_random_uuid", "generate_series", "generate_subscripts",
    "get_format", "glob", "greatest", "group_concat", "grouping", "has_table_privilege", "hex",
    "hour", "if", "ifnull", "iif", "inet_aton", "inet_ntoa", "initcap", "insert", "instr",
    "int", "isempty", "isfinite", "isnull", "json", "json_agg", "json_array",
    "json_array_elements", "json_array_elements_text", "json_array_length", "json_arrayagg",
    "json_build_array", "json_build_object", "json_contains", "json_contains_path", "json_each",
    "json_each_text", "json_extract", "json_extract_path", "json_extract_path_text",
    "json_group_array", "json_group_object", "json_insert", "json_keys", "json_length",
    "json_object", "json_object_agg", "json_object_keys", "json_objectagg", "json_overlaps",
    "json_patch", "json_pretty", "json_quote", "json_remove", "json_replace", "json_search",
    "json_set", "json_table", "json_to_record", "json_to_recordset", "json_tree", "json_type",
    "json_typeof", "json_unquote", "json_valid", "json_value", "jsonb", "jsonb_agg",
    "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_array_length",
    "jsonb_build_array", "jsonb_build_object", "jsonb_each", "jsonb_each_text",
    "jsonb_extract_path", "jsonb_extract_path_text", "jsonb_insert", "jsonb_object",
    "jsonb_object_agg", "jsonb_object_keys", "jsonb_path_exists", "jsonb_path_match",
    "jsonb_path_query", "jsonb_path_query_array", "jsonb_path_query_first", "jsonb_pretty",
    "jsonb_set", "jsonb_strip_nulls", "jsonb_to_record", "jsonb_to_recordset", "jsonb_typeof",
    "julianday", "justify_days", "justify_hours", "justify_interval", "lag", "last_day",
    "last_insert_id", "last_insert_rowid", "last_value", "lastval", "lcase", "lead", "least",
    "left", "length", "like", "likelihood", "likely", "ln", "localtime", "localtimestamp",
    "locate", "log", "log10", "log2", "lower", "lower_inc", "lower_inf", "lpad", "ltrim",
    "make_date", "make_interval", "make_set", "make_time", "make_timestamp", "make_timestamptz",
    "makedate", "maketime", "max", "md5", "microsecond", "mid", "min", "minute", "mod", "mode",
    "month", "monthname", "multirange", "name_const", "nextval", "now", "nth_value", "ntile",
    "nullif", "num_nonnulls", "num_nulls", "numeric", "obj_description", "octet_length", "ord",
    "overlay", "percent_rank", "percentile_cont", "percentile_disc", "period_add",
    "period_diff", "pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_unlock",
    "pg_advisory_unlock_all", "pg_advisory_unlock_shared", "pg_advisory_xact_lock",
    "pg_advisory_xact_lock_shared", "pg_backend_pid", "pg_column_size", "pg_database_size",
    "pg_get_constraintdef", "pg_get_expr", "pg_get_indexdef", "pg_get_serial_sequence",
    "pg_get_viewdef", "pg_is_in_recovery", "pg_relation_size", "pg_size_pretty", "pg_sleep",
    "pg_table_is_visible", "pg_table_size", "pg_total_relation_size", "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared", "pg_try_advisory_xact_lock", "pg_typeof", "phraseto_tsquery",
    "pi", "plainto_tsquery", "position", "pow", "power", "printf", "quarter", "quote",
    "quote_ident", "quote_literal", "quote_nullable", "quotename", "radians", "rand", "random",
    "random_bytes", "randomblob", "range_agg", "range_merge", "rank", "regexp_count",
    "regexp_instr", "regexp_like", "regexp_match", "regexp_matches", "regexp_replace",
    "regexp_split_to_array", "regexp_split_to_table", "regexp_substr", "regr_slope", "repeat",
    "replace", "reverse", "right", "round", "row_count", "row_number", "row_to_json", "rpad",
    "rtrim", "scale", "schema", "sec_to_time", "second", "session_user", "setseed", "setval",
    "setweight", "sha", "sha1", "sha2", "sha224", "sha256", "sha384", "sha512", "sign", "sin",
    "sinh", "sleep", "soundex", "space", "split_part", "sqlite_source_id", "sqlite_version",
    "sqrt", "starts_with", "statement_timestamp", "std", "stddev", "stddev_pop", "stddev_samp",
    "str_to_date", "strcmp", "strftime", "string_agg", "string_to_array", "string_to_table",
    "strip", "strpos", "subdate", "substr", "substring", "substring_index", "subtime", "sum",
    "sysdate", "system_user", "tan", "tanh", "textlen", "time", "time_format", "time_to_sec",
    "timediff", "timeofday", "timestamp", "timestampadd", "timestampdiff", "timezone",
    "to_ascii", "to_base64", "to_char", "to_date", "to_days", "to_hex", "to_json", "to_jsonb",
    "to_number", "to_timestamp", "to_tsquery", "to_tsvector", "total", "total_changes",
    "transaction_timestamp", "translate", "trim", "trim_array", "trunc", "truncate",
    "ts_headline", "ts_rank", "ts_rank_cd", "txid_current", "typeof", "ucase", "uncompress",
    "unhex", "unicode", "unistr", "unix_timestamp", "unixepoch", "unlikely", "unnest", "upper",
    "upper_inc", "upper_inf", "user", "utc_date", "utc_time", "utc_timestamp", "uuid",
    "uuid_generate_v1", "uuid_generate_v4", "uuid_short", "uuid_to_bin", "uuidv4", "uuidv7",
    "value", "var_pop", "var_samp", "variance", "version", "websearch_to_tsquery", "week",
    "weekday", "weekofyear", "width_bucket", "xmlagg", "xmlelement", "year", "yearweek",
    "zeroblob",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(SYNTAX.is_sorted() && FUNCTIONS.is_sorted());
        assert!(FUNCTIONS.iter().all(|name| name.len() <= 40));
        assert!(is_harmless("Count") && !is_harmless("my_function"));
    }
}
