-- No foreign keys: rows that point to nothing are what these tables are for.
CREATE TABLE reviews (
    id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
    post_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    editor_id INTEGER,
    INDEX reviews_author_id (author_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE hints (
    id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
    lang VARCHAR(16),
    msg VARCHAR(64)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE places (
    id INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY,
    country_code VARCHAR(64)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
