-- No foreign keys: rows that point to nothing are what these tables are for.
CREATE TABLE reviews (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    post_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER
);
CREATE INDEX reviews_author_id ON reviews (author_id);

CREATE TABLE hints (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    lang VARCHAR(16),
    msg VARCHAR(64)
);

CREATE TABLE places (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    country_code VARCHAR(64)
);
