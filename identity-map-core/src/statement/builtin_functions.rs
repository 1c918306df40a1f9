//! The functions that databases bring along and that write to no table.

/// Whether the name is that of a function which writes nothing, whatever the database.
pub(super) fn never_writes(name: &str) -> bool {
    let mut lower = [0; LONGEST];
    let Some(lower) = lower.get_mut(..name.len()) else {
        return false;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let is_family = FAMILIES
        .iter()
        .any(|family| lower.starts_with(family.as_bytes()));
    is_family
        || KNOWN
            .binary_search_by(|known| known.as_bytes().cmp(lower))
            .is_ok()
}

/// The length of the longest name that is looked up.
const LONGEST: usize = 48;

/// What the names of whole families of functions begin with.
const FAMILIES: &[&str] = &["pg_advisory_", "pg_try_advisory_", "pragma_"];

/// In alphabetical order. A function that runs a statement given as a string, such as
/// `query_to_xml`, is not among them.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "abbrev", "abs", "acos", "acosd", "acosh", "adddate", "addtime", "aes_decrypt", "aes_encrypt",
    "age", "any_value", "approx_count_distinct", "area", "array_agg", "array_append", "array_cat",
    "array_dims", "array_fill", "array_length", "array_lower", "array_ndims", "array_position",
    "array_positions", "array_prepend", "array_remove", "array_replace", "array_reverse",
    "array_sample", "array_shuffle", "array_sort", "array_to_json", "array_to_string",
    "array_to_tsvector", "array_upper", "ascii", "asin", "asind", "asinh", "atan", "atan2",
    "atan2d", "atand", "atanh", "avg", "benchmark", "bigint", "bin", "bin_to_uuid",
    "binary", "bit", "bit_and", "bit_count", "bit_length", "bit_or", "bit_xor", "blob", "bm25",
    "bool", "bool_and", "bool_or", "boolean", "box", "bpchar", "broadcast", "btrim", "bytea",
    "cardinality", "cast", "cbrt", "ceil", "ceiling", "center", "changes", "char", "char_length",
    "character", "character_length", "charset", "chr", "cidr", "circle", "clock_timestamp",
    "coalesce", "coercibility", "col_description", "collation", "compress", "concat", "concat_ws",
    "connection_id", "conv", "convert", "convert_from", "convert_to", "convert_tz", "corr", "cos",
    "cosd", "cosh", "cot", "cotd", "count", "covar_pop", "covar_samp", "crc32", "crypt",
    "cume_dist", "curdate", "current_catalog", "current_database", "current_date",
    "current_query", "current_role", "current_schema", "current_schemas", "current_setting",
    "current_time", "current_timestamp", "current_user", "currval", "curtime", "database", "date",
    "date_add", "date_bin", "date_format", "date_part", "date_sub", "date_subtract", "date_trunc",
    "datediff", "datemultirange", "daterange", "datetime", "day", "dayname", "dayofmonth",
    "dayofweek", "dayofyear", "dec", "decimal", "decode", "degrees", "dense_rank", "diagonal",
    "diameter", "difference", "digest", "div", "dmetaphone", "dmetaphone_alt", "double", "elt",
    "encode", "enum_first", "enum_last", "enum_range", "erf", "erfc", "every", "exp",
    "export_set", "extract", "extractvalue", "factorial", "family", "field", "find_in_set",
    "first_value", "float", "float4", "float8", "floor", "format", "format_type", "found_rows",
    "from_base64", "from_days", "from_unixtime", "gamma", "gcd", "gen_random_bytes",
    "gen_random_uuid", "gen_salt", "generate_series", "generate_subscripts", "get_bit",
    "get_byte", "get_current_ts_config", "get_format", "get_lock", "glob", "greatest",
    "group_concat", "grouping", "has_column_privilege", "has_database_privilege",
    "has_function_privilege", "has_schema_privilege", "has_sequence_privilege",
    "has_table_privilege", "height", "hex", "highlight", "hmac", "host", "hostmask", "hour", "if",
    "ifnull", "iif", "ilike", "inet", "inet6_aton", "inet6_ntoa", "inet_aton", "inet_client_addr",
    "inet_client_port", "inet_merge", "inet_ntoa", "inet_same_family", "inet_server_addr",
    "inet_server_port", "initcap", "instr", "int", "int2", "int4", "int4multirange", "int4range",
    "int8", "int8multirange", "int8range", "integer", "interval", "is_free_lock", "is_ipv4",
    "is_ipv6", "is_normalized", "is_used_lock", "is_uuid", "isclosed", "isempty", "isfinite",
    "isnull", "isopen", "json", "json_agg", "json_array", "json_array_append",
    "json_array_elements", "json_array_elements_text", "json_array_insert", "json_array_length",
    "json_arrayagg", "json_build_array", "json_build_object", "json_compact", "json_contains",
    "json_contains_path", "json_depth", "json_detailed", "json_each", "json_each_text",
    "json_equals", "json_error_position", "json_exists", "json_extract", "json_extract_path",
    "json_extract_path_text", "json_group_array", "json_group_object", "json_insert", "json_keys",
    "json_length", "json_loose", "json_merge", "json_merge_patch", "json_merge_preserve",
    "json_normalize", "json_object", "json_object_agg", "json_object_agg_strict",
    "json_object_agg_unique", "json_object_keys", "json_objectagg", "json_overlaps", "json_patch",
    "json_populate_record", "json_populate_recordset", "json_pretty", "json_query", "json_quote",
    "json_remove", "json_replace", "json_scalar", "json_schema_valid",
    "json_schema_validation_report", "json_search", "json_serialize", "json_set",
    "json_storage_free", "json_storage_size", "json_strip_nulls", "json_table", "json_to_record",
    "json_to_recordset", "json_tree", "json_type", "json_typeof", "json_unquote", "json_valid",
    "json_value", "jsonb", "jsonb_agg", "jsonb_array", "jsonb_array_elements",
    "jsonb_array_elements_text", "jsonb_array_length", "jsonb_build_array", "jsonb_build_object",
    "jsonb_concat", "jsonb_contains", "jsonb_each", "jsonb_each_text", "jsonb_exists",
    "jsonb_exists_all", "jsonb_exists_any", "jsonb_extract", "jsonb_extract_path",
    "jsonb_extract_path_text", "jsonb_group_array", "jsonb_group_object", "jsonb_insert",
    "jsonb_object", "jsonb_object_agg", "jsonb_object_agg_unique", "jsonb_object_keys",
    "jsonb_patch", "jsonb_path_exists", "jsonb_path_exists_tz", "jsonb_path_match",
    "jsonb_path_match_tz", "jsonb_path_query", "jsonb_path_query_array",
    "jsonb_path_query_array_tz", "jsonb_path_query_first", "jsonb_path_query_first_tz",
    "jsonb_path_query_tz", "jsonb_populate_record", "jsonb_populate_recordset", "jsonb_pretty",
    "jsonb_remove", "jsonb_replace", "jsonb_set", "jsonb_set_lax", "jsonb_strip_nulls",
    "jsonb_to_record", "jsonb_to_recordset", "jsonb_tree", "jsonb_typeof", "julianday",
    "justify_days", "justify_hours", "justify_interval", "lag", "last_day", "last_insert_id",
    "last_insert_rowid", "last_value", "lastval", "lcase", "lcm", "lead", "least", "left",
    "length", "levenshtein", "lgamma", "like", "likelihood", "likely", "line", "ln", "localtime",
    "localtimestamp", "locate", "log", "log10", "log2", "lower", "lower_inc", "lower_inf", "lpad",
    "lseg", "ltrim", "macaddr", "make_date", "make_interval", "make_set", "make_time",
    "make_timestamp", "make_timestamptz", "makedate", "maketime", "masklen", "matchinfo", "max",
    "md5", "median", "mediumint", "metaphone", "microsecond", "mid", "min", "min_scale", "minute",
    "mod", "mode", "money", "month", "monthname", "multirange", "name_const", "nchar", "netmask",
    "network", "nextval", "normalize", "now", "npoints", "nth_value", "ntile", "nullif",
    "num_nonnulls", "num_nulls", "numeric", "nummultirange", "numnode", "numrange", "nvarchar",
    "nvl", "nvl2", "obj_description", "oct", "octet_length", "offsets", "oid", "ord", "overlay",
    "parse_ident", "path", "pclose", "percent_rank", "percentile", "percentile_cont",
    "percentile_disc", "period_add", "period_diff", "pg_backend_pid", "pg_blocking_pids",
    "pg_cancel_backend", "pg_client_encoding", "pg_column_size", "pg_current_snapshot",
    "pg_current_wal_lsn", "pg_current_xact_id", "pg_current_xact_id_if_assigned",
    "pg_database_size", "pg_encoding_to_char", "pg_export_snapshot", "pg_get_constraintdef",
    "pg_get_expr", "pg_get_functiondef", "pg_get_indexdef", "pg_get_serial_sequence",
    "pg_get_triggerdef", "pg_get_userbyid", "pg_get_viewdef", "pg_has_role", "pg_indexes_size",
    "pg_input_error_info", "pg_input_is_valid", "pg_is_in_recovery", "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn", "pg_my_temp_schema", "pg_notify", "pg_postmaster_start_time",
    "pg_relation_size", "pg_size_pretty", "pg_sleep", "pg_sleep_for", "pg_sleep_until",
    "pg_snapshot_xmax", "pg_snapshot_xmin", "pg_table_is_visible", "pg_table_size",
    "pg_terminate_backend", "pg_total_relation_size", "pg_trigger_depth", "pg_typeof",
    "pg_wal_lsn_diff", "pg_xact_status", "phraseto_tsquery", "pi", "plainto_tsquery", "point",
    "polygon", "popen", "position", "pow", "power", "printf", "quarter", "querytree", "quote",
    "quote_ident", "quote_literal", "quote_nullable", "radians", "radius", "rand", "random",
    "random_bytes", "random_normal", "randomblob", "range_agg", "range_intersect_agg",
    "range_merge", "rank", "real", "regclass", "regexp_count", "regexp_instr", "regexp_like",
    "regexp_match", "regexp_matches", "regexp_replace", "regexp_split_to_array",
    "regexp_split_to_table", "regexp_substr", "regproc", "regr_avgx", "regr_avgy", "regr_count",
    "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy", "regr_syy", "regtype",
    "release_all_locks", "release_lock", "repeat", "replace", "reverse", "right", "round",
    "row_count", "row_number", "row_security_active", "row_to_json", "rpad", "rtrim", "scale",
    "schema", "sec_to_time", "second", "session_user", "set_bit", "set_byte", "set_masklen",
    "setseed", "setval", "setweight", "sha", "sha1", "sha2", "sha224", "sha256", "sha384",
    "sha512", "shobj_description", "show_trgm", "sign", "signed", "similarity", "sin", "sind",
    "sinh", "sleep", "slope", "smallint", "snippet", "soundex", "space", "split_part",
    "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_offset", "sqlite_source_id",
    "sqlite_version", "sqrt", "st_area", "st_asbinary", "st_asewkb", "st_asewkt", "st_asgeojson",
    "st_astext", "st_aswkb", "st_aswkt", "st_azimuth", "st_boundary", "st_buffer", "st_centroid",
    "st_closestpoint", "st_collect", "st_contains", "st_convexhull", "st_coveredby", "st_covers",
    "st_crosses", "st_difference", "st_dimension", "st_disjoint", "st_distance",
    "st_distance_sphere", "st_distancesphere", "st_dwithin", "st_endpoint", "st_envelope",
    "st_equals", "st_expand", "st_force2d", "st_geogfromtext", "st_geohash", "st_geometryn",
    "st_geometrytype", "st_geomfromewkb", "st_geomfromewkt", "st_geomfromgeojson",
    "st_geomfromtext", "st_geomfromwkb", "st_intersection", "st_intersects", "st_isempty",
    "st_issimple", "st_isvalid", "st_latfromgeohash", "st_latitude", "st_length",
    "st_linefromtext", "st_longfromgeohash", "st_longitude", "st_m", "st_makeenvelope",
    "st_makeline", "st_makepoint", "st_makepolygon", "st_makevalid", "st_npoints",
    "st_numgeometries", "st_numpoints", "st_overlaps", "st_perimeter", "st_point",
    "st_pointfromtext", "st_pointn", "st_polyfromtext", "st_polygon", "st_setsrid", "st_simplify",
    "st_snaptogrid", "st_srid", "st_startpoint", "st_swapxy", "st_symdifference", "st_touches",
    "st_transform", "st_translate", "st_union", "st_within", "st_x", "st_xmax", "st_xmin", "st_y",
    "st_ymax", "st_ymin", "st_z", "starts_with", "statement_timestamp", "std", "stddev",
    "stddev_pop", "stddev_samp", "str_to_date", "strcmp", "strftime", "strict_word_similarity",
    "string_agg", "string_to_array", "string_to_table", "strip", "strpos", "subdate", "substr",
    "substring", "substring_index", "subtime", "subtype", "sum", "sysdate",
    "system_user", "tan", "tand", "tanh", "text", "time", "time_format", "time_to_sec",
    "timediff", "timeofday", "timestamp", "timestampadd", "timestampdiff", "timestamptz",
    "timetz", "timezone", "tinyint", "to_ascii", "to_base64", "to_bin", "to_char", "to_date",
    "to_days", "to_hex", "to_json", "to_jsonb", "to_number", "to_oct", "to_regclass",
    "to_regnamespace", "to_regproc", "to_regtype", "to_seconds", "to_timestamp", "to_tsquery",
    "to_tsvector", "total", "total_changes", "transaction_timestamp", "translate", "trim",
    "trim_array", "trim_scale", "trunc", "try_cast", "ts_delete", "ts_filter",
    "ts_headline", "ts_lexize", "ts_rank", "ts_rank_cd", "tsmultirange", "tsquery_phrase",
    "tsrange", "tstzmultirange", "tstzrange", "tsvector_to_array", "txid_current",
    "txid_current_if_assigned", "txid_current_snapshot", "txid_status", "typeof", "ucase",
    "unaccent", "uncompress", "uncompressed_length", "unhex", "unicode", "unistr",
    "unix_timestamp", "unixepoch", "unlikely", "unnest", "unsigned", "updatexml", "upper",
    "upper_inc", "upper_inf", "user", "utc_date", "utc_time", "utc_timestamp", "uuid",
    "uuid_extract_timestamp", "uuid_extract_version", "uuid_generate_v1", "uuid_generate_v1mc",
    "uuid_generate_v3", "uuid_generate_v4", "uuid_generate_v5", "uuid_nil", "uuid_short",
    "uuid_to_bin", "uuidv4", "uuidv7", "var_pop", "var_samp", "varbinary", "varchar", "variance",
    "version", "websearch_to_tsquery", "week", "weekday", "weekofyear", "weight_string", "width",
    "width_bucket", "word_similarity", "xml", "xml_is_well_formed", "xmlagg", "xmlcomment",
    "xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlparse", "xmlpi", "xmlroot",
    "xmlserialize", "xmltable", "xpath", "xpath_exists", "year", "yearweek", "zeroblob",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(KNOWN.is_sorted_by(|left, right| left < right));
        assert!(KNOWN.iter().all(|name| name.len() <= LONGEST));
        assert!(KNOWN.len() > 200);
    }

    #[test]
    fn names_are_known_in_any_case() {
        for name in [
            "lower",
            "LOWER",
            "Coalesce",
            "pg_advisory_xact_lock",
            "count",
        ] {
            assert!(never_writes(name), "{name}");
        }
        for name in [
            "",
            "low",
            "my_fn",
            "query_to_xml",
            "set_config",
            "dblink_exec",
        ] {
            assert!(!never_writes(name), "{name}");
        }
    }
}
