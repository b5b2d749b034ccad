-- "folded" is what a search compares: the text without letter case, in one normal form.

CREATE TABLE titles (
    number INTEGER PRIMARY KEY,
    -- The media id: 64 lower-case hexadecimal digits.
    id     TEXT NOT NULL UNIQUE,
    name   TEXT NOT NULL,
    folded TEXT NOT NULL
);

CREATE INDEX titles_by_name ON titles (folded, id);

CREATE TABLE tags (
    title    BIGINT NOT NULL REFERENCES titles (number) ON DELETE CASCADE,
    folded   TEXT   NOT NULL,
    -- As it was spelt when the title first got it.
    tag      TEXT   NOT NULL,
    -- The order of first adding.
    position BIGINT NOT NULL,
    PRIMARY KEY (title, folded)
) WITHOUT ROWID;

CREATE INDEX tags_by_name ON tags (folded, title);
