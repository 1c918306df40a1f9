//! SQLite's schema: of the main database.

pub(super) const QUERY: &str = "\
/* diesel-identity-map reads the catalogue */
WITH objects AS (SELECT type, name, tbl_name, sql FROM sqlite_schema
    UNION ALL SELECT type, name, tbl_name, sql FROM sqlite_temp_schema WHERE type = 'trigger')
SELECT 'version', CAST(schema_version AS TEXT), NULL, NULL, NULL, NULL FROM pragma_schema_version
UNION ALL
SELECT type, lower(name), 'main', name, NULL, NULL FROM objects WHERE type IN ('table', 'view')
UNION ALL
SELECT 'defined', lower(name), sql, NULL, NULL, NULL FROM objects WHERE type = 'view'
UNION ALL
SELECT 'replaces', lower(name), NULL, NULL, NULL, NULL FROM objects
WHERE type = 'table' AND sql LIKE '%REPLACE%'
UNION ALL
SELECT 'trigger', lower(tbl_name), NULL, NULL, sql, NULL FROM objects WHERE type = 'trigger'
UNION ALL
SELECT 'key', lower(o.name), lower(k.\"table\"), k.on_delete, k.on_update, CASE WHEN k.on_update <> 'NO ACTION' THEN
    COALESCE((SELECT '*' FROM pragma_table_xinfo(k.\"table\") x WHERE x.name = k.\"to\" COLLATE NOCASE AND x.hidden > 1),
        k.\"to\") END
FROM sqlite_schema o, pragma_foreign_key_list(o.name) k WHERE o.type = 'table' AND k.\"to\" IS NOT NULL
UNION ALL
SELECT 'key', lower(o.name), lower(k.\"table\"), k.on_delete, k.on_update, i.name
FROM sqlite_schema o, pragma_foreign_key_list(o.name) k, pragma_table_info(k.\"table\") i
WHERE o.type = 'table' AND k.\"to\" IS NULL AND i.pk > 0";

/// The number that every change of the schema changes.
pub(super) const VERSION: &str = "\
/* diesel-identity-map reads the catalogue */ SELECT CAST(schema_version AS TEXT) FROM pragma_schema_version";

/// How many temporary objects the session has.
pub(super) const TEMPORARY: &str = "\
/* diesel-identity-map reads the catalogue */ SELECT CAST(count(*) AS TEXT) FROM sqlite_temp_schema";
