INSERT INTO users (login, display_name, is_admin) VALUES
    ('ada', 'Ada', true), ('bob', NULL, false), ('cleo', 'Cleo', false),
    ('dora', 'Dora', false), ('emil', NULL, false), ('fay', 'Fay', false);
INSERT INTO teams (slug, org_id, title) VALUES
    ('forge:core', 10, 'Core'), ('forge:web', 10, NULL), ('forge:data', 20, 'Data');
INSERT INTO emails (user_id, address, verified, token)
    SELECT id, login || '@example.org', id % 2 = 0, 'token of ' || login FROM users WHERE id < 5 ORDER BY id;

INSERT INTO packages (name, description, created_at, updated_at)
    SELECT name, 'about ' || name, timestamp '2025-01-01' + n * interval '1 day', timestamp '2025-01-01' + n * interval '1 day'
    FROM unnest(ARRAY['amber', 'birch', 'cedar', 'dune', 'ember', 'fjord', 'grove', 'heath', 'islet', 'jetty', 'knoll', 'lagoon'])
        WITH ORDINALITY AS named (name, n) ORDER BY n;

-- Three versions of each package but the last, which has none.
INSERT INTO versions (package_id, num, license, size, checksum, published_by, created_at)
    SELECT packages.id, minor || '.0', 'MIT', 100 * packages.id + minor, decode('00ff' || lpad(packages.id::text, 4, '0'), 'hex'),
        CASE WHEN (packages.id + minor) % 4 = 0 THEN NULL ELSE (packages.id + minor) % 6 + 1 END,
        timestamp '2025-02-01' + (minor * 12 + packages.id) * interval '1 hour'
    FROM packages, generate_series(1, 3) AS minor WHERE packages.id < 12 ORDER BY minor, packages.id;
UPDATE default_versions SET version_id = (SELECT max(id) FROM versions WHERE versions.package_id = default_versions.package_id);
UPDATE versions SET yanked = true, yank_message = 'broken' WHERE id % 7 = 0;

INSERT INTO dependencies (version_id, package_id, req, kind, optional, target, features)
    SELECT versions.id, (versions.package_id + step) % 11 + 1, '^' || step || '.0',
        (ARRAY['normal', 'build', 'dev'])[versions.id % 3 + 1]::dependency_kind, step = 2,
        CASE WHEN step = 2 THEN 'unix' END, CASE WHEN step = 1 THEN ARRAY['std', 'alloc'] ELSE '{}' END
    FROM versions, generate_series(1, 2) AS step ORDER BY versions.id, step;

INSERT INTO package_owners (package_id, owner_id, owner_kind, added_by, deleted)
    SELECT id, id % 6 + 1, 'user', 1, false FROM packages;
INSERT INTO package_owners (package_id, owner_id, owner_kind, added_by, deleted)
    SELECT id, id % 3 + 1, 'team', 2, id % 4 = 0 FROM packages WHERE id < 9;
INSERT INTO package_owners (package_id, owner_id, owner_kind, added_by, deleted) VALUES (3, 1, 'user', NULL, true), (5, 1, 'user', 2, false);

INSERT INTO categories (path, label) VALUES
    ('web', 'Web'), ('web.http', 'HTTP'), ('web.http.client', 'Clients'), ('web.http.server', 'Servers'),
    ('web.wasm', 'Wasm'), ('data', 'Data'), ('data.sql', 'SQL'), ('data.sql.map', 'Mappers'), ('webs', 'Spiders');
INSERT INTO packages_categories (package_id, category_id)
    SELECT packages.id, categories.id FROM packages, categories WHERE (packages.id + categories.id) % 5 = 0 ORDER BY 1, 2;
INSERT INTO keywords (word) VALUES ('async'), ('orm'), ('http'), ('cli'), ('unused');
INSERT INTO packages_keywords (package_id, keyword_id)
    SELECT packages.id, keywords.id FROM packages, keywords WHERE (packages.id + keywords.id) % 3 = 0 AND keywords.id < 5 ORDER BY 1, 2;

INSERT INTO version_downloads (version_id, day, downloads, counted, processed)
    SELECT versions.id, date '2025-03-01' + age, versions.id * 3 + age,
        CASE WHEN age < 3 THEN versions.id * 3 + age ELSE 0 END, age < 3
    FROM versions, generate_series(1, 4) AS age WHERE versions.id % 2 = 0 ORDER BY 1, 2;
INSERT INTO readme_renderings (version_id, html, rendered_at)
    SELECT id, '<p>' || num, created_at FROM versions WHERE id % 3 = 0 ORDER BY id;

INSERT INTO api_tokens (user_id, name, digest, revoked, scopes, expires_at)
    SELECT n % 3 + 1, 'token ' || n, decode('aa0' || n, 'hex'), n = 4,
        CASE WHEN n % 2 = 0 THEN ARRAY['yank', 'publish_new']::token_scope[] END,
        CASE WHEN n = 6 THEN timestamp '2025-01-01' WHEN n = 3 THEN timestamp '2025-12-01' END
    FROM generate_series(1, 9) AS n ORDER BY n;
INSERT INTO publish_limits (user_id, action, tokens, last_refill) VALUES
    (1, 'publish-new', 5, '2025-01-01'), (1, 'yank', 9, '2025-01-01'), (2, 'publish-new', 1, '2025-01-02');
INSERT INTO background_jobs (kind, payload, priority, retries)
    SELECT (ARRAY['render-readme', 'sync-index', 'send-mail'])[n % 3 + 1], 'job ' || n, n % 4, n % 2 FROM generate_series(1, 8) AS n ORDER BY n;
INSERT INTO deleted_packages (name, deleted_by, message, deleted_at, available_at) VALUES
    ('gone', 1, 'a mistake', '2025-01-05', '2025-01-06'), ('lost', NULL, NULL, '2025-01-07', '2025-01-08'), ('past', 2, NULL, '2025-01-09', '2025-01-10');
INSERT INTO trusted_publishers (package_id, provider, repository, workflow, environment) VALUES
    (3, 'forge', 'ada/cedar', 'release', NULL), (3, 'pipeline', 'ada/cedar', 'release', 'prod'), (5, 'forge', 'bob/ember', 'ci', NULL);
INSERT INTO follows (user_id, package_id)
    SELECT users.id, packages.id FROM users, packages WHERE (users.id + packages.id) % 3 = 0;
INSERT INTO package_votes (user_id, package_id, vote)
    SELECT users.id, packages.id, CASE WHEN users.id % 3 = 0 THEN -1 ELSE 1 END FROM users, packages WHERE (users.id * packages.id) % 4 < 2;
INSERT INTO badges (package_id, badge, attributes) VALUES
    (3, 'maintenance', 'active'), (3, 'coverage', '97'), (4, 'maintenance', 'passive');
INSERT INTO comments (package_id, user_id, path, body, child_count) VALUES
    (3, 1, '1', 'first', 3), (3, 2, '1.2', 'answer', 1), (3, 3, '1.2.3', 'answer to that', 0),
    (3, NULL, '1.4', 'somebody', 0), (3, 2, '5', 'second', 0), (4, 1, '6', 'elsewhere', 1), (4, 2, '6.7', 'yes', 0);
