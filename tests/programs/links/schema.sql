CREATE TYPE visibility AS ENUM ('public', 'local', 'private');
CREATE TYPE follow_state AS ENUM ('accepted', 'pending', 'approval');
CREATE TYPE rate_action AS ENUM ('message', 'post', 'comment', 'search');
CREATE TYPE activity_state AS ENUM ('waiting', 'running', 'failed');

CREATE TABLE language (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);

CREATE TABLE instance (
    id SERIAL PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    software TEXT,
    published TIMESTAMPTZ NOT NULL DEFAULT '2026-01-01Z'
);

CREATE TABLE site (
    id SERIAL PRIMARY KEY,
    instance_id INTEGER NOT NULL UNIQUE REFERENCES instance ON DELETE CASCADE,
    name TEXT NOT NULL,
    sidebar TEXT,
    people BIGINT NOT NULL DEFAULT 0,
    communities BIGINT NOT NULL DEFAULT 0,
    posts BIGINT NOT NULL DEFAULT 0,
    comments BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE person (
    id SERIAL PRIMARY KEY,
    instance_id INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,
    name TEXT NOT NULL,
    actor_url TEXT NOT NULL UNIQUE,
    bio TEXT,
    admin BOOLEAN NOT NULL DEFAULT FALSE,
    banned BOOLEAN NOT NULL DEFAULT FALSE,
    deleted BOOLEAN NOT NULL DEFAULT FALSE,
    posts INTEGER NOT NULL DEFAULT 0,
    post_score INTEGER NOT NULL DEFAULT 0,
    comments INTEGER NOT NULL DEFAULT 0,
    comment_score INTEGER NOT NULL DEFAULT 0,
    updated TIMESTAMPTZ
);

CREATE TABLE person_setting (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person_id, name)
);

CREATE TABLE registration_application (
    id SERIAL PRIMARY KEY,
    person_id INTEGER NOT NULL UNIQUE REFERENCES person ON DELETE CASCADE,
    answer TEXT NOT NULL,
    admin_id INTEGER REFERENCES person ON DELETE SET NULL,
    deny_reason TEXT
);

CREATE TABLE image (
    alias TEXT PRIMARY KEY,
    person_id INTEGER REFERENCES person ON DELETE SET NULL,
    bytes INTEGER NOT NULL
);

CREATE TABLE rate_limit (
    action rate_action PRIMARY KEY,
    max_requests INTEGER NOT NULL,
    seconds INTEGER NOT NULL
);

CREATE TABLE community (
    id SERIAL PRIMARY KEY,
    instance_id INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    visibility visibility NOT NULL DEFAULT 'public',
    removed BOOLEAN NOT NULL DEFAULT FALSE,
    deleted BOOLEAN NOT NULL DEFAULT FALSE,
    subscribers BIGINT NOT NULL DEFAULT 0,
    posts BIGINT NOT NULL DEFAULT 0,
    comments BIGINT NOT NULL DEFAULT 0,
    UNIQUE (instance_id, name)
);

CREATE TABLE community_language (
    community_id INTEGER NOT NULL REFERENCES community ON DELETE CASCADE,
    language_id INTEGER NOT NULL REFERENCES language ON DELETE CASCADE,
    PRIMARY KEY (community_id, language_id)
);

CREATE TABLE community_follow (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    community_id INTEGER NOT NULL REFERENCES community ON DELETE CASCADE,
    state follow_state NOT NULL,
    approver_id INTEGER REFERENCES person ON DELETE SET NULL,
    PRIMARY KEY (person_id, community_id)
);

CREATE TABLE community_moderator (
    community_id INTEGER NOT NULL REFERENCES community ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    rank INTEGER NOT NULL,
    PRIMARY KEY (community_id, person_id)
);

CREATE TABLE person_block (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    target_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    PRIMARY KEY (person_id, target_id)
);

CREATE TABLE instance_block (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    instance_id INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,
    PRIMARY KEY (person_id, instance_id)
);

CREATE TABLE post (
    id SERIAL PRIMARY KEY,
    creator_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    community_id INTEGER NOT NULL REFERENCES community ON DELETE CASCADE,
    language_id INTEGER NOT NULL DEFAULT 0 REFERENCES language ON DELETE SET DEFAULT,
    title TEXT NOT NULL,
    url TEXT,
    body TEXT,
    removed BOOLEAN NOT NULL DEFAULT FALSE,
    deleted BOOLEAN NOT NULL DEFAULT FALSE,
    locked BOOLEAN NOT NULL DEFAULT FALSE,
    featured BOOLEAN NOT NULL DEFAULT FALSE,
    score INTEGER NOT NULL DEFAULT 0,
    upvotes INTEGER NOT NULL DEFAULT 0,
    downvotes INTEGER NOT NULL DEFAULT 0,
    comments INTEGER NOT NULL DEFAULT 0,
    reports INTEGER NOT NULL DEFAULT 0,
    published TIMESTAMPTZ NOT NULL DEFAULT '2026-02-01Z',
    newest_comment TIMESTAMPTZ
);

CREATE TABLE tag (
    id SERIAL PRIMARY KEY,
    community_id INTEGER NOT NULL REFERENCES community ON DELETE CASCADE,
    name TEXT NOT NULL
);

CREATE TABLE post_tag (
    post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tag ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);

CREATE TABLE post_vote (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
    score SMALLINT NOT NULL,
    PRIMARY KEY (person_id, post_id)
);

CREATE TABLE post_saved (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
    saved_at TIMESTAMPTZ NOT NULL DEFAULT '2026-03-01Z',
    PRIMARY KEY (person_id, post_id)
);

CREATE TABLE post_read (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
    comments_seen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, post_id)
);

CREATE TABLE post_report (
    id SERIAL PRIMARY KEY,
    creator_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
    reason TEXT NOT NULL,
    resolved BOOLEAN NOT NULL DEFAULT FALSE,
    resolver_id INTEGER REFERENCES person ON DELETE SET NULL,
    UNIQUE (creator_id, post_id)
);

CREATE TABLE comment (
    id SERIAL PRIMARY KEY,
    creator_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    post_id INTEGER NOT NULL REFERENCES post ON DELETE CASCADE,
    path TEXT NOT NULL DEFAULT '0',
    content TEXT NOT NULL,
    removed BOOLEAN NOT NULL DEFAULT FALSE,
    deleted BOOLEAN NOT NULL DEFAULT FALSE,
    score INTEGER NOT NULL DEFAULT 0,
    children INTEGER NOT NULL DEFAULT 0,
    published TIMESTAMPTZ NOT NULL DEFAULT '2026-02-02Z'
);

CREATE TABLE comment_vote (
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    comment_id INTEGER NOT NULL REFERENCES comment ON DELETE CASCADE,
    score SMALLINT NOT NULL,
    PRIMARY KEY (person_id, comment_id)
);

CREATE TABLE private_message (
    id SERIAL PRIMARY KEY,
    creator_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    recipient_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    content TEXT NOT NULL,
    deleted BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE notification (
    id SERIAL PRIMARY KEY,
    recipient_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    kind TEXT NOT NULL,
    comment_id INTEGER REFERENCES comment ON DELETE CASCADE,
    message_id INTEGER REFERENCES private_message ON DELETE CASCADE,
    read BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE moderation (
    id SERIAL PRIMARY KEY,
    moderator_id INTEGER REFERENCES person ON DELETE SET NULL,
    post_id INTEGER REFERENCES post ON DELETE CASCADE,
    person_id INTEGER REFERENCES person ON DELETE CASCADE,
    action TEXT NOT NULL,
    reason TEXT
);

CREATE TABLE outgoing_activity (
    id BIGSERIAL PRIMARY KEY,
    instance_id INTEGER NOT NULL REFERENCES instance ON DELETE CASCADE,
    payload TEXT NOT NULL,
    state activity_state NOT NULL DEFAULT 'waiting',
    attempts SMALLINT NOT NULL DEFAULT 0
);

CREATE TABLE delivery_state (
    instance_id INTEGER PRIMARY KEY REFERENCES instance ON DELETE CASCADE,
    last_activity BIGINT,
    failures INTEGER NOT NULL DEFAULT 0
);

CREATE FUNCTION path_depth(path TEXT) RETURNS INTEGER IMMUTABLE LANGUAGE sql
    AS $$ SELECT cardinality(string_to_array(path, '.')) - 1 $$;

CREATE FUNCTION hot_rank(score INTEGER, published TIMESTAMPTZ) RETURNS DOUBLE PRECISION IMMUTABLE LANGUAGE sql
    AS $$ SELECT log(greatest(1, score + 3))::double precision
        + extract(epoch FROM published - '2026-01-01Z'::timestamptz)::double precision / 90000 $$;
