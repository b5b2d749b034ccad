-- 0: the user may log in. Else when the user was locked, in milliseconds since 1970, UTC.
ALTER TABLE users ADD COLUMN locked_at BIGINT NOT NULL DEFAULT 0;

-- The times of a token are milliseconds since the machine was started, and count while it sleeps: nobody turns that clock.
ALTER TABLE tokens ADD COLUMN issued_at BIGINT NOT NULL DEFAULT 0;
UPDATE tokens SET expires_at = 0;

-- The id of the start (the boot) that the tokens belong to. Those of another have ended.
ALTER TABLE revision ADD COLUMN boot TEXT NOT NULL DEFAULT '';

-- Whoever edits a user, with this program or another, ends the user's tokens and has running services look.

CREATE TRIGGER users_added AFTER INSERT ON users
BEGIN
    UPDATE revision SET number = number + 1;
    UPDATE tokens SET expires_at = 0 WHERE user_name = NEW.name;
END;

CREATE TRIGGER users_removed AFTER DELETE ON users
BEGIN
    UPDATE revision SET number = number + 1;
    UPDATE tokens SET expires_at = 0 WHERE user_name = OLD.name;
END;

CREATE TRIGGER users_changed AFTER UPDATE OF name, password, locked_at ON users
BEGIN
    UPDATE revision SET number = number + 1;
    UPDATE tokens SET expires_at = 0 WHERE user_name = OLD.name;
END;

-- A token that is ended before its time has to be forgotten by every service that knows it.
CREATE TRIGGER tokens_revoked AFTER UPDATE OF expires_at ON tokens WHEN NEW.expires_at = 0
BEGIN
    UPDATE revision SET number = number + 1;
END;
