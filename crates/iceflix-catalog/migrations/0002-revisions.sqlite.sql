-- A title becomes one row, and each row knows the revision at which it last changed: so a catalogue that keeps all
-- titles in memory reads what changed since it last looked, and nothing else.

ALTER TABLE titles ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE titles ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- One tag a line, in the order of first adding, each as it was spelt when the title first got it. No tag holds the end
-- of a line.
UPDATE titles SET revision = 1, tags = coalesce(
    (SELECT group_concat(tag, char(10) ORDER BY position) FROM tags WHERE title = titles.number), '');

DROP TABLE tags;
DROP INDEX titles_by_name;
ALTER TABLE titles DROP COLUMN folded;

CREATE INDEX titles_by_revision ON titles (revision);

-- The revision of the last change; one row. Whoever changes a title adds one to it, in the same transaction: the lock
-- that this takes makes revisions visible in their order.
CREATE TABLE titles_revision (current BIGINT NOT NULL);
INSERT INTO titles_revision (current) VALUES (1);

-- Which titles were deleted, and when.
CREATE TABLE titles_gone (
    id       TEXT   NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX titles_gone_by_revision ON titles_gone (revision);

-- Whoever changes titles, the service or a person with a shell, and whatever revision the row came with.

CREATE TRIGGER title_added AFTER INSERT ON titles
BEGIN
    UPDATE titles_revision SET current = current + 1;
    UPDATE titles SET revision = (SELECT current FROM titles_revision) WHERE number = NEW.number;
END;

CREATE TRIGGER title_edited AFTER UPDATE OF id, name, tags ON titles
BEGIN
    UPDATE titles_revision SET current = current + 1;
    UPDATE titles SET revision = (SELECT current FROM titles_revision) WHERE number = NEW.number;
END;

CREATE TRIGGER title_given_another_id AFTER UPDATE OF id ON titles WHEN NEW.id <> OLD.id
BEGIN
    UPDATE titles_revision SET current = current + 1;
    INSERT OR REPLACE INTO titles_gone (id, revision) SELECT OLD.id, current FROM titles_revision;
END;

CREATE TRIGGER title_deleted AFTER DELETE ON titles
BEGIN
    UPDATE titles_revision SET current = current + 1;
    INSERT OR REPLACE INTO titles_gone (id, revision) SELECT OLD.id, current FROM titles_revision;
END;
