//! SQLite's pragmas; `docs/settings.md` has the reasons.

use crate::statement::settings::kind::KnownSettings;

#[rustfmt::skip]
pub(in super::super) const KNOWN: KnownSettings = KnownSettings {
    harmless: &[
        "analysis_limit", "application_id", "auto_vacuum", "automatic_index", "busy_timeout",
        "cache_size", "cache_spill", "cell_size_check", "checkpoint_fullfsync", "collation_list",
        "compile_options", "data_version", "database_list", "default_cache_size",
        "defer_foreign_keys", "empty_result_callbacks", "encoding", "foreign_key_check",
        "foreign_key_list", "foreign_keys", "freelist_count", "fullfsync", "function_list",
        "hard_heap_limit", "ignore_check_constraints", "incremental_vacuum", "index_info",
        "index_list", "index_xinfo", "integrity_check", "journal_mode", "journal_size_limit",
        "legacy_alter_table", "legacy_file_format", "lock_status", "locking_mode", "max_page_count",
        "mmap_size", "module_list", "optimize", "page_count", "page_size", "parser_trace",
        "pragma_list", "query_only", "quick_check", "recursive_triggers",
        "reverse_unordered_selects", "secure_delete", "shrink_memory", "soft_heap_limit", "stats",
        "synchronous", "table_info", "table_list", "table_xinfo", "threads", "user_version",
        "vdbe_addoptrace", "vdbe_debug", "vdbe_listing", "vdbe_trace", "wal_autocheckpoint",
        "wal_checkpoint",
    ],
    changes: &[
        "case_sensitive_like", "count_changes", "full_column_names", "read_uncommitted",
        "schema_version", "short_column_names", "temp_store", "temp_store_directory",
        "trusted_schema", "writable_schema",
    ],
};

/// Those among the ones that change rows that are on in a new connection.
pub(in super::super) const ON_BY_ITSELF: &[&str] = &["short_column_names", "trusted_schema"];
