CREATE TYPE owner_kind AS ENUM ('user', 'team');
CREATE TYPE dependency_kind AS ENUM ('normal', 'build', 'dev');
CREATE TYPE token_scope AS ENUM ('publish_new', 'publish_update', 'yank', 'owners');

CREATE TABLE users (
    id SERIAL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    display_name TEXT,
    is_admin BOOLEAN NOT NULL DEFAULT false,
    locked_until TIMESTAMP
);

CREATE TABLE teams (
    id SERIAL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    org_id BIGINT NOT NULL,
    title TEXT
);

CREATE TABLE emails (
    id SERIAL PRIMARY KEY,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    verified BOOLEAN NOT NULL DEFAULT false,
    token TEXT NOT NULL
);

CREATE TABLE packages (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    homepage TEXT,
    score INTEGER NOT NULL DEFAULT 0,
    max_size INTEGER,
    trusted_only BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE package_downloads (
    package_id INTEGER PRIMARY KEY REFERENCES packages (id) ON DELETE CASCADE,
    total BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE versions (
    id SERIAL PRIMARY KEY,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    num TEXT NOT NULL,
    license TEXT,
    size INTEGER NOT NULL,
    checksum BYTEA NOT NULL,
    downloads INTEGER NOT NULL DEFAULT 0,
    yanked BOOLEAN NOT NULL DEFAULT false,
    yank_message TEXT,
    published_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (package_id, num)
);

CREATE TABLE default_versions (
    package_id INTEGER PRIMARY KEY REFERENCES packages (id) ON DELETE CASCADE,
    version_id INTEGER NOT NULL UNIQUE REFERENCES versions (id) ON DELETE CASCADE,
    num_versions INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE dependencies (
    id SERIAL PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    req TEXT NOT NULL,
    kind dependency_kind NOT NULL DEFAULT 'normal',
    optional BOOLEAN NOT NULL DEFAULT false,
    target TEXT,
    features TEXT[] NOT NULL DEFAULT '{}'
);

-- The owner is a user or a team, so no foreign key says which.
CREATE TABLE package_owners (
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    owner_id INTEGER NOT NULL,
    owner_kind owner_kind NOT NULL,
    added_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    deleted BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (package_id, owner_id, owner_kind)
);

CREATE TABLE categories (
    id SERIAL PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    packages_count INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE packages_categories (
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    category_id INTEGER NOT NULL REFERENCES categories (id) ON DELETE CASCADE,
    PRIMARY KEY (package_id, category_id)
);

CREATE TABLE keywords (
    id SERIAL PRIMARY KEY,
    word TEXT NOT NULL UNIQUE,
    packages_count INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE packages_keywords (
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    keyword_id INTEGER NOT NULL REFERENCES keywords (id) ON DELETE CASCADE,
    PRIMARY KEY (package_id, keyword_id)
);

CREATE TABLE version_downloads (
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    day DATE NOT NULL,
    downloads INTEGER NOT NULL,
    counted INTEGER NOT NULL DEFAULT 0,
    processed BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (version_id, day)
);

CREATE TABLE readme_renderings (
    version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
    html TEXT NOT NULL,
    rendered_at TIMESTAMP NOT NULL
);

CREATE TABLE api_tokens (
    id SERIAL PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,
    revoked BOOLEAN NOT NULL DEFAULT false,
    scopes token_scope[],
    last_used_at TIMESTAMP,
    expires_at TIMESTAMP
);

CREATE TABLE publish_limits (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    last_refill TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, action)
);

CREATE TABLE background_jobs (
    id BIGSERIAL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    priority SMALLINT NOT NULL DEFAULT 0,
    retries INTEGER NOT NULL DEFAULT 0,
    last_retry TIMESTAMP NOT NULL DEFAULT '1970-01-01'
);

CREATE TABLE deleted_packages (
    id SERIAL PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    message TEXT,
    deleted_at TIMESTAMP NOT NULL,
    available_at TIMESTAMP NOT NULL
);

CREATE TABLE trusted_publishers (
    id SERIAL PRIMARY KEY,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    repository TEXT NOT NULL,
    workflow TEXT NOT NULL,
    environment TEXT,
    UNIQUE (package_id, provider, repository, workflow)
);

CREATE TABLE follows (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, package_id)
);

CREATE TABLE package_votes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    vote SMALLINT NOT NULL,
    PRIMARY KEY (user_id, package_id)
);

CREATE TABLE badges (
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    badge TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (package_id, badge)
);

-- A comment's path names its ancestors and itself: '1.3.4'.
CREATE TABLE comments (
    id SERIAL PRIMARY KEY,
    package_id INTEGER NOT NULL REFERENCES packages (id) ON DELETE CASCADE,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    path TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL,
    child_count INTEGER NOT NULL DEFAULT 0,
    deleted BOOLEAN NOT NULL DEFAULT false
);

CREATE FUNCTION add_package() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO package_downloads (package_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER add_package AFTER INSERT ON packages
    FOR EACH ROW EXECUTE FUNCTION add_package();

CREATE FUNCTION count_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE packages SET updated_at = NEW.created_at WHERE id = NEW.package_id;
        INSERT INTO default_versions (package_id, version_id, num_versions)
            VALUES (NEW.package_id, NEW.id, 1)
            ON CONFLICT (package_id) DO UPDATE SET num_versions = default_versions.num_versions + 1;
    ELSE
        UPDATE default_versions SET num_versions = num_versions - 1 WHERE package_id = OLD.package_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_versions AFTER INSERT OR DELETE ON versions
    FOR EACH ROW EXECUTE FUNCTION count_versions();

CREATE FUNCTION count_downloads() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    new_counted INTEGER := NEW.counted;
    old_counted INTEGER := CASE WHEN TG_OP = 'UPDATE' THEN OLD.counted ELSE 0 END;
BEGIN
    UPDATE versions SET downloads = downloads + new_counted - old_counted WHERE id = NEW.version_id;
    UPDATE package_downloads SET total = total + new_counted - old_counted
        FROM versions WHERE versions.id = NEW.version_id
        AND package_downloads.package_id = versions.package_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_downloads AFTER INSERT OR UPDATE OF counted ON version_downloads
    FOR EACH ROW EXECUTE FUNCTION count_downloads();

-- A package counts for its category and for each category above that.
CREATE FUNCTION count_categories() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_category INTEGER := CASE WHEN TG_OP = 'DELETE' THEN OLD.category_id ELSE NEW.category_id END;
BEGIN
    UPDATE categories SET packages_count = categories.packages_count + CASE WHEN TG_OP = 'DELETE' THEN -1 ELSE 1 END
        FROM categories AS below WHERE below.id = of_category
        AND (below.path = categories.path OR starts_with(below.path, categories.path || '.'));
    RETURN NULL;
END $$;
CREATE TRIGGER count_categories AFTER INSERT OR DELETE ON packages_categories
    FOR EACH ROW EXECUTE FUNCTION count_categories();

CREATE FUNCTION count_keywords() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE keywords SET packages_count = packages_count + 1 WHERE id = NEW.keyword_id;
    ELSE
        UPDATE keywords SET packages_count = packages_count - 1 WHERE id = OLD.keyword_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_keywords AFTER INSERT OR DELETE ON packages_keywords
    FOR EACH ROW EXECUTE FUNCTION count_keywords();

CREATE FUNCTION count_votes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE packages SET score = score - OLD.vote WHERE id = OLD.package_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE packages SET score = score + NEW.vote WHERE id = NEW.package_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_votes AFTER INSERT OR UPDATE OR DELETE ON package_votes
    FOR EACH ROW EXECUTE FUNCTION count_votes();

-- A comment counts for each comment above it, which are rows of the same table.
CREATE FUNCTION count_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE comments SET child_count = child_count + 1
        WHERE id <> NEW.id AND starts_with(NEW.path, comments.path || '.');
    RETURN NULL;
END $$;
CREATE TRIGGER count_replies AFTER UPDATE OF path ON comments
    FOR EACH ROW WHEN (OLD.path = '') EXECUTE FUNCTION count_replies();

CREATE FUNCTION forget_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM package_owners WHERE owner_id = OLD.id AND owner_kind::text = TG_ARGV[0];
    RETURN NULL;
END $$;
CREATE TRIGGER forget_user AFTER DELETE ON users
    FOR EACH ROW EXECUTE FUNCTION forget_owner('user');
CREATE TRIGGER forget_team AFTER DELETE ON teams
    FOR EACH ROW EXECUTE FUNCTION forget_owner('team');
