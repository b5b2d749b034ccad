//! Files that earlier versions wrote.

use std::time::Duration;

use iceflix_database::Engine;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::site::*;

/// What the first version wrote into a new file: its tables, and that it had taken its first step.
const FIRST_VERSION: &str = r"
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (
    1, 'users and tokens', TRUE,
    x'a252f945ed753c2b7688163b8b0507888dde2f419fa0b73f6b4a5892b328802a5ada185c3dbbff39b81ed127cb462a1d',
    215000
);
CREATE TABLE users (
    name       TEXT PRIMARY KEY,
    password   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    last_login BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE tokens (
    token      TEXT PRIMARY KEY,
    user_name  TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);
CREATE INDEX tokens_by_user ON tokens (user_name);
CREATE TABLE revision (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number BIGINT  NOT NULL
);
INSERT INTO revision (id, number) VALUES (1, 7);
";

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_first_version_log_in_with_their_passwords() {
    let phc = {
        let site = Site::with_users(Engine::Sqlite, &["ana"]).await;
        site.query("SELECT password FROM users").await
    };
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("users.db");
    std::fs::write(&path, "").expect("a file");
    let url = format!("sqlite:{}", path.display());
    let mut connection = AnyConnection::connect(&url).await.expect("a connection");
    let rows = format!(
        "{FIRST_VERSION} INSERT INTO users VALUES ('ana', '{phc}', 1790000000000, 1790000001000); \
         INSERT INTO tokens VALUES ('{}', 'ana', 1990000000000);",
        "0".repeat(32)
    );
    connection
        .execute(AssertSqlSafe(rows))
        .await
        .expect("written");
    connection.close().await.expect("closed");

    let site = Site::at(path.display().to_string(), directory, &[]).await;
    let users = site.users.list().await.expect("a list");
    assert_eq!(
        users[0].last_login,
        Some(Duration::from_millis(1_790_000_001_000))
    );
    let store = site.real_service().await;
    assert_eq!(published(&store).await.len(), 1, "its token has ended");
    let token = login(&store, "ana").await;
    assert!(valid(&store, token).await);
}
