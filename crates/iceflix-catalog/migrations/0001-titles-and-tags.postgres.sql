-- "folded" is what a search compares: the text without letter case, in one normal form. Texts are compared byte by
-- byte, as in SQLite.

CREATE TABLE titles (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The media id: 64 lower-case hexadecimal digits.
    id     TEXT COLLATE "C" NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    folded TEXT COLLATE "C" NOT NULL
);

-- An ordered index has a bound for the length of what it holds.
CREATE INDEX titles_by_name ON titles USING hash (folded);

CREATE TABLE tags (
    title    BIGINT NOT NULL REFERENCES titles (number) ON DELETE CASCADE,
    folded   TEXT COLLATE "C" NOT NULL,
    -- As it was spelt when the title first got it.
    tag      TEXT   NOT NULL,
    -- The order of first adding.
    position BIGINT NOT NULL,
    PRIMARY KEY (title, folded)
);

CREATE INDEX tags_by_name ON tags (folded, title);
