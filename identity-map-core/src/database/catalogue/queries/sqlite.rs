//! SQLite's schema: of the main database.

pub(super) const QUERY: &str = "\
/* diesel-identity-map reads the catalogue */
WITH objects AS (SELECT type, name, tbl_name, sql FROM sqlite_schema
    UNION ALL SELECT type, name, tbl_name, sql FROM sqlite_temp_schema WHERE type = 'trigger')
SELECT 'version', CAST(schema_version AS TEXT), NULL, NULL, NULL, NULL FROM pragma_schema_version
UNION ALL
SELECT type, name, 'main', name, NULL, NULL FROM objects WHERE type IN ('table', 'view')
UNION ALL
SELECT 'defined', name, sql, NULL, NULL, NULL FROM objects WHERE type = 'view'
UNION ALL
SELECT 'replaces', name, NULL, NULL, NULL, NULL FROM objects
WHERE type = 'table' AND sql LIKE '%REPLACE%'
UNION ALL
SELECT 'trigger', tbl_name, NULL, NULL, sql, NULL FROM objects WHERE type = 'trigger'
UNION ALL
SELECT 'key', o.name, p.name, k.on_delete, k.on_update, 
    COALESCE((SELECT '*' FROM pragma_table_xinfo(p.name) x WHERE x.name = k.\"to\" COLLATE NOCASE AND x.hidden > 1),
        k.\"to\", (SELECT group_concat(i.name) FROM pragma_table_info(p.name) i WHERE i.pk > 0))
FROM objects o, pragma_foreign_key_list(o.name) k
JOIN objects p ON p.type = 'table' AND p.name = k.\"table\" COLLATE NOCASE
WHERE o.type = 'table'";

/// The number that every change of the schema changes.
pub(super) const VERSION: &str = "\
/* diesel-identity-map reads the catalogue */
SELECT 'version', CAST(schema_version AS TEXT) FROM pragma_schema_version";
