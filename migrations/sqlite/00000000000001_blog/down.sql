DROP TABLE blobs;
DROP TABLE translations;
DROP TABLE countries;
DROP TABLE post_tags;
DROP TABLE tags;
DROP TABLE comments;
DROP TABLE posts;
DROP TABLE users;
