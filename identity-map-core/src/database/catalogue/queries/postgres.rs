//! PostgreSQL's catalogue: of all schemas of the program's.
//!
//! The volatile functions of the extensions that are listed make values, and write to no table.

pub(super) const QUERY: &str = "\
/* diesel-identity-map reads the catalogue */
WITH names AS (
    SELECT oid, nspname FROM pg_catalog.pg_namespace
    WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
), relations AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind
    FROM pg_catalog.pg_class c JOIN names n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
), routines AS (
    SELECT p.oid, n.nspname, p.proname, l.lanname, p.prosrc,
        p.provolatile = 'v' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
            JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
            AND e.extname IN ('uuid-ossp', 'pgcrypto', 'pg_trgm', 'unaccent', 'tablefunc', 'moddatetime', 'insert_username',
                'autoinc', 'tcn', 'lo', 'pg_stat_statements')) AS may_write
    FROM pg_catalog.pg_proc p JOIN names n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prokind IN ('f', 'p')
), rule_names AS (
    SELECT DISTINCT r.ev_class, r.ev_type, k.relkind, d.refobjid
    FROM pg_catalog.pg_rewrite r JOIN relations k ON k.oid = r.ev_class
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
    WHERE d.refclassid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)
    AND d.refobjid <> r.ev_class
)
SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END::text,
    oid::text, nspname::text, relname::text, NULL::text, NULL::text FROM relations
UNION ALL
SELECT 'routine', oid::text, nspname::text, proname::text,
    CASE WHEN NOT may_write THEN 'reads' WHEN lanname IN ('sql', 'plpgsql') THEN 'body' ELSE 'opaque' END,
    CASE WHEN lanname NOT IN ('sql', 'plpgsql') THEN ''
         WHEN prosrc = '' THEN pg_catalog.pg_get_functiondef(oid) ELSE prosrc END
FROM routines
UNION ALL
SELECT 'shown', inhrelid::text, inhparent::text, NULL, NULL, NULL FROM pg_catalog.pg_inherits
UNION ALL
SELECT 'passed', inhrelid::text, inhparent::text, NULL, NULL, NULL FROM pg_catalog.pg_inherits
UNION ALL
SELECT 'passed', inhparent::text, inhrelid::text, NULL, NULL, NULL FROM pg_catalog.pg_inherits
UNION ALL
SELECT 'splits', p.partrelid::text, '*', NULL, NULL, NULL
FROM pg_catalog.pg_partitioned_table p WHERE 0 = ANY (p.partattrs::int2[])
UNION ALL
SELECT 'splits', p.partrelid::text, a.attname::text, NULL, NULL, NULL
FROM pg_catalog.pg_partitioned_table p
JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs::int2[])
UNION ALL
SELECT 'shown', refobjid::text, ev_class::text, NULL, NULL, NULL FROM rule_names WHERE relkind = 'v'
UNION ALL
SELECT 'passed', ev_class::text, refobjid::text, NULL, NULL, NULL FROM rule_names WHERE relkind = 'v'
UNION ALL
SELECT 'rule', ev_class::text, CASE ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END,
    refobjid::text, NULL, NULL FROM rule_names WHERE relkind <> 'm' AND ev_type <> '1'
UNION ALL
SELECT 'rewritten', r.ev_class::text, NULL, NULL, NULL, NULL FROM pg_catalog.pg_rewrite r WHERE r.ev_type <> '1'
UNION ALL
SELECT 'key', k.conrelid::text, k.confrelid::text,
    CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END,
    CASE k.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END,
    CASE WHEN a.attgenerated <> '' THEN '*' ELSE a.attname::text END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)
WHERE k.contype = 'f'
UNION ALL
SELECT 'trigger', t.tgrelid::text,
    concat_ws(',', CASE WHEN t.tgdeferrable THEN 'DEFERRABLE' END, CASE WHEN t.tgtype & 2 > 0 THEN 'BEFORE' END, CASE WHEN t.tgtype & 4 > 0 THEN 'INSERT' END, CASE WHEN t.tgtype & 16 > 0 THEN 'UPDATE' END,
        CASE WHEN t.tgtype & 40 > 0 THEN 'DELETE' END),
    t.tgfoid::text,
    CASE WHEN t.tgfoid IN (SELECT oid FROM routines) THEN NULL ELSE '' END, NULL
FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
UNION ALL
SELECT 'trigger', t.tgrelid::text, 'ALL', d.refobjid::text, NULL, NULL
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_depend d
ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid
AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
JOIN routines r ON r.oid = d.refobjid
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND d.refobjid <> t.tgfoid
UNION ALL
SELECT 'default', f.adrelid::text, d.refobjid::text, NULL, NULL, NULL
FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_depend d
ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
JOIN routines r ON r.oid = d.refobjid";

/// How many temporary objects the session has. Every table and view has a type.
pub(super) const TEMPORARY: &str = "\
/* diesel-identity-map reads the catalogue */
SELECT count(*)::text FROM pg_catalog.pg_type WHERE typnamespace = pg_catalog.pg_my_temp_schema()";
