-- A title becomes one row, and each row knows the revision at which it last changed: so a catalogue that keeps all
-- titles in memory reads what changed since it last looked, and nothing else.

ALTER TABLE titles
    ADD COLUMN tags     TEXT   NOT NULL DEFAULT '',
    ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- One tag a line, in the order of first adding, each as it was spelt when the title first got it. No tag holds the end
-- of a line.
UPDATE titles SET revision = 1, tags = coalesce(
    (SELECT string_agg(tag, E'\n' ORDER BY position) FROM tags WHERE title = titles.number), '');

DROP TABLE tags;
ALTER TABLE titles DROP COLUMN folded;

CREATE INDEX titles_by_revision ON titles (revision);

-- The revision of the last change; one row. Whoever changes a title adds one to it, in the same transaction: the lock
-- that this takes makes revisions visible in their order.
CREATE TABLE titles_revision (current BIGINT NOT NULL);
INSERT INTO titles_revision (current) VALUES (1);

-- Which titles were deleted, and when.
CREATE TABLE titles_gone (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);

CREATE INDEX titles_gone_by_revision ON titles_gone (revision);

-- Whoever changes titles, the service or a person with a shell, and whatever revision the row came with. The lock is
-- taken before any title is, so that two who edit several titles never wait for each other.

CREATE FUNCTION titles_begin_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE titles_revision SET current = current + 1;
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO titles_gone (id, revision) SELECT id, current FROM titles, titles_revision
            ON CONFLICT (id) DO UPDATE SET revision = EXCLUDED.revision;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION titles_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at BIGINT := (SELECT current FROM titles_revision);
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
        INSERT INTO titles_gone (id, revision) VALUES (OLD.id, now_at)
            ON CONFLICT (id) DO UPDATE SET revision = EXCLUDED.revision;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.revision := now_at;
    RETURN NEW;
END
$$;

CREATE TRIGGER titles_begin_change BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON titles
    FOR EACH STATEMENT EXECUTE FUNCTION titles_begin_change();

CREATE TRIGGER titles_change BEFORE INSERT OR UPDATE OR DELETE ON titles
    FOR EACH ROW EXECUTE FUNCTION titles_change();
