-- Times are milliseconds since 1970, UTC. Names are compared byte by byte, as in SQLite.

CREATE TABLE users (
    name       TEXT COLLATE "C" PRIMARY KEY,
    -- Argon2id of the user hash, as a PHC string: parameters and salt are in it.
    password   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- 0: never.
    last_login BIGINT NOT NULL DEFAULT 0
);

-- No reference to users: the tokens of a removed user stay until their revocation is published.
CREATE TABLE tokens (
    token      TEXT COLLATE "C" PRIMARY KEY,
    user_name  TEXT COLLATE "C" NOT NULL,
    -- 0: revoked. Whoever deletes a row that has expired publishes its end.
    expires_at BIGINT NOT NULL
);

CREATE INDEX tokens_by_expiry ON tokens (expires_at);
CREATE INDEX tokens_by_user ON tokens (user_name);

-- One row; its number grows with every edit of the users, so that a running service sees that there was one.
CREATE TABLE revision (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number BIGINT  NOT NULL
);

INSERT INTO revision (id, number) VALUES (1, 0);
