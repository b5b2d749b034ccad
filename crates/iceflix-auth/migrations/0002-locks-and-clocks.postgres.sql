-- 0: the user may log in. Else when the user was locked, in milliseconds since 1970, UTC.
ALTER TABLE users ADD COLUMN locked_at BIGINT NOT NULL DEFAULT 0;

-- The times of a token are milliseconds since 1970 on this server's clock, put right by "shift".
ALTER TABLE tokens ADD COLUMN issued_at BIGINT NOT NULL DEFAULT 0;
UPDATE tokens SET expires_at = 0;

-- What is to be added to this server's clock so that its time goes on steadily: grows by as much as the clock is put back.
ALTER TABLE revision ADD COLUMN shift BIGINT NOT NULL DEFAULT 0;

-- This server's clock, in milliseconds since 1970.
CREATE FUNCTION users_clock() RETURNS BIGINT LANGUAGE sql VOLATILE AS
    'SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)';

-- Whoever edits a user, with this program or another, ends the user's tokens and has running services look.

CREATE FUNCTION users_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE revision SET number = number + 1;
    UPDATE tokens SET expires_at = 0
        WHERE user_name = CASE TG_OP WHEN 'INSERT' THEN NEW.name ELSE OLD.name END;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_edited AFTER INSERT OR DELETE OR UPDATE OF name, password, locked_at ON users
    FOR EACH ROW EXECUTE FUNCTION users_edited();

CREATE FUNCTION users_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE revision SET number = number + 1;
    UPDATE tokens SET expires_at = 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER users_emptied AFTER TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION users_emptied();

-- A token that is ended before its time has to be forgotten by every service that knows it. Once for all that a statement
-- ends: a row that is updated ten thousand times in one transaction takes seconds.

CREATE FUNCTION tokens_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM changed WHERE expires_at = 0) THEN
        UPDATE revision SET number = number + 1;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER tokens_revoked AFTER UPDATE ON tokens
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tokens_revoked();
