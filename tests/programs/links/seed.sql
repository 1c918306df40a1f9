INSERT INTO language VALUES (0, 'und'), (1, 'en'), (2, 'de'), (3, 'tw');
INSERT INTO instance (domain, software) VALUES ('links.test', 'links'), ('far.test', 'links'), ('old.test', NULL);
INSERT INTO site (instance_id, name) VALUES (1, 'Links');
INSERT INTO person (instance_id, name, actor_url, bio, admin) VALUES
    (1, 'ann', 'https://links.test/u/ann', 'First.', TRUE),
    (1, 'bob', 'https://links.test/u/bob', NULL, FALSE),
    (2, 'cai', 'https://far.test/u/cai', 'Far away.', FALSE),
    (2, 'dee', 'https://far.test/u/dee', NULL, FALSE),
    (1, 'eva', 'https://links.test/u/eva', NULL, TRUE);
INSERT INTO person_setting VALUES (1, 'theme', 'dark'), (1, 'sort', 'hot'), (2, 'theme', 'light');
INSERT INTO registration_application (person_id, answer, admin_id) VALUES
    (2, 'Friends.', NULL), (5, 'Work.', 1), (1, 'Mine.', NULL);
INSERT INTO image VALUES ('a1.png', 1, 10), ('b2.png', 1, 20), ('c3.png', NULL, 30);
INSERT INTO rate_limit VALUES ('message', 10, 60), ('post', 3, 600), ('comment', 30, 600), ('search', 60, 600);
INSERT INTO community (instance_id, name, title, visibility) VALUES
    (1, 'rust', 'Rust', 'public'), (1, 'rows', 'Rows and objects', 'local'),
    (2, 'rust', 'Rust, far away', 'public'), (1, 'inner', 'Inner circle', 'private');
INSERT INTO community_language VALUES (1, 1), (1, 2), (2, 1), (3, 3);
INSERT INTO community_follow (person_id, community_id, state) VALUES
    (1, 1, 'accepted'), (2, 1, 'accepted'), (3, 1, 'pending'), (1, 3, 'accepted'),
    (2, 4, 'approval'), (3, 4, 'approval'), (4, 3, 'accepted');
INSERT INTO community_moderator VALUES (1, 1, 1), (1, 2, 2), (2, 2, 1), (4, 1, 1);
INSERT INTO person_block VALUES (2, 4), (1, 3);
INSERT INTO instance_block VALUES (2, 3);
INSERT INTO post (creator_id, community_id, language_id, title, url, body, featured, published)
    SELECT 1 + i % 4, 1 + i % 3, i % 3, 'Post ' || i || CASE i % 4 WHEN 0 THEN ' on Rust' ELSE '' END,
        CASE i % 3 WHEN 0 THEN 'https://rust.test/' || i % 2 END, 'Body ' || i, i = 7,
        '2026-02-01Z'::timestamptz + i / 2 * interval '1 hour'
    FROM generate_series(1, 24) i;
UPDATE post SET deleted = TRUE WHERE id = 5;
UPDATE post SET removed = TRUE WHERE id = 11;
INSERT INTO tag (community_id, name) VALUES (1, 'news'), (1, 'help'), (2, 'help'), (3, 'news');
INSERT INTO post_tag VALUES (3, 1), (3, 2), (6, 1), (1, 3), (4, 3);
INSERT INTO post_vote SELECT 1 + v % 5, 1 + v % 17, CASE v % 4 WHEN 0 THEN -1 ELSE 1 END
    FROM generate_series(1, 60) v;
INSERT INTO post_saved (person_id, post_id) VALUES (1, 3), (1, 4), (2, 3), (1, 20);
INSERT INTO post_read (person_id, post_id, comments_seen) VALUES (1, 1, 0), (1, 3, 2), (2, 6, 0);
INSERT INTO post_report (creator_id, post_id, reason, resolved, resolver_id) VALUES
    (3, 3, 'Spam', FALSE, NULL), (4, 3, 'Spam?', FALSE, NULL), (2, 6, 'Old', TRUE, 1), (1, 1, 'Rude', FALSE, NULL);
INSERT INTO comment (creator_id, post_id, content, published)
    SELECT 1 + i % 5, 3 + i % 2, 'Comment ' || i, '2026-02-02Z'::timestamptz + i * interval '1 minute'
    FROM generate_series(1, 16) i;
UPDATE comment SET path = '0.' || id WHERE id <= 4;
UPDATE comment SET path = '0.' || id - 4 || '.' || id WHERE id BETWEEN 5 AND 8;
UPDATE comment SET path = '0.' || id - 8 || '.' || id - 4 || '.' || id WHERE id BETWEEN 9 AND 12;
UPDATE comment SET path = '0.' || id - 12 || '.' || id WHERE id > 12;
INSERT INTO comment_vote SELECT 1 + v % 5, 1 + v % 13, CASE v % 3 WHEN 0 THEN -1 ELSE 1 END
    FROM generate_series(1, 40) v;
INSERT INTO private_message (creator_id, recipient_id, content) VALUES
    (1, 2, 'Hello'), (2, 1, 'Hello, ann'), (3, 1, 'From afar'), (1, 2, 'Still there?');
INSERT INTO notification (recipient_id, kind, message_id)
    SELECT recipient_id, 'message', id FROM private_message;
INSERT INTO moderation (moderator_id, post_id, person_id, action, reason) VALUES
    (1, 11, NULL, 'remove post', 'Spam'), (2, 6, NULL, 'lock', NULL), (NULL, NULL, 4, 'warn', 'Rude'),
    (1, NULL, 3, 'warn', NULL);
INSERT INTO outgoing_activity (instance_id, payload) SELECT 2 + i % 2, 'Activity ' || i FROM generate_series(1, 7) i;
INSERT INTO delivery_state (instance_id, last_activity) VALUES (2, 0);
