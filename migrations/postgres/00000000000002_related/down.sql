DROP TABLE places;
DROP TABLE hints;
DROP TABLE reviews;
