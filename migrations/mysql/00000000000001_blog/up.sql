-- Collations stay the server's default, which ignores case: on purpose, for `countries.code`.
-- `parent_id` cascades because InnoDB checks row by row: anything else would keep a post with a
-- thread of comments from being deleted.
CREATE TABLE users (
    id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE posts (
    id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    published BOOLEAN NOT NULL DEFAULT FALSE,
    score INTEGER NOT NULL DEFAULT 0,
    INDEX posts_user_id (user_id),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE comments (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    post_id INTEGER NOT NULL,
    user_id INTEGER,
    parent_id BIGINT,
    body TEXT NOT NULL,
    INDEX comments_post_id (post_id),
    INDEX comments_user_id (user_id),
    INDEX comments_parent_id (parent_id),
    FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
    FOREIGN KEY (parent_id) REFERENCES comments (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE tags (
    id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(100) NOT NULL UNIQUE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE post_tags (
    post_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (post_id, tag_id),
    INDEX post_tags_tag_id (tag_id),
    FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE,
    FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE countries (
    code VARCHAR(64) NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE translations (
    lang VARCHAR(16) NOT NULL,
    msg VARCHAR(64) NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (lang, msg)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE blobs (
    digest VARBINARY(32) NOT NULL PRIMARY KEY,
    note TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
