//! The users, as an administrator sees and edits them.

use std::time::Duration;

use iceflix_database::{Database, Durability, Edit, Location};
use sqlx::Row;

use crate::store::clock::{Clock, System, from_millis, millis};
use crate::store::password::Passwords;
use crate::store::schema::SCHEMA;
use crate::store::user::{Hash, Name};
use crate::store::{Error, Tokens};

/// The users of a database. Works beside running services, in another process: they see an edit within a
/// second, and revoke the tokens that it ended.
#[derive(Debug)]
pub struct Users {
    database: Database,
    passwords: Passwords,
}

/// One user, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: String,
    /// When the user was added, since 1970, UTC.
    pub created: Duration,
    /// When a token was last issued to the user, since 1970, UTC.
    pub last_login: Option<Duration>,
}

impl Users {
    /// Opens the database at `location`, and makes it where there is none. Edits are on the disk when they
    /// return.
    ///
    /// # Errors
    ///
    /// Where the database cannot be opened; the text names it and says what to do.
    pub async fn open(location: &Location) -> Result<Self, Error> {
        Ok(Self {
            database: Database::open(location, &SCHEMA, Durability::Disk).await?,
            passwords: Passwords::new().await?,
        })
    }

    /// Adds a user.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] where there is one of that name; else where the database fails.
    pub async fn add(&self, name: &Name, hash: &Hash) -> Result<(), Error> {
        let phc = self.passwords.hash(hash).await?;
        let mut edit = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO users (name, password, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(name.as_str())
        .bind(phc)
        .bind(millis(System::new().now()))
        .execute(&mut *edit)
        .await
        .map_err(self.database.failed("adding a user"))?;
        if added.rows_affected() == 0 {
            let name = name.to_string();
            return Err(Error::Exists { name });
        }
        Ok(self.database.commit(edit).await?)
    }

    /// Changes the password of a user and ends the user's tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user; else where the database fails.
    pub async fn change_password(&self, name: &Name, hash: &Hash) -> Result<(), Error> {
        let phc = self.passwords.hash(hash).await?;
        let mut edit = self.begin().await?;
        let changed = sqlx::query("UPDATE users SET password = $1 WHERE name = $2")
            .bind(phc)
            .bind(name.as_str())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("changing a password"))?;
        self.end_tokens(name, changed.rows_affected(), edit).await
    }

    /// Removes a user and ends the user's tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user; else where the database fails.
    pub async fn remove(&self, name: &Name) -> Result<(), Error> {
        let mut edit = self.begin().await?;
        let removed = sqlx::query("DELETE FROM users WHERE name = $1")
            .bind(name.as_str())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("removing a user"))?;
        self.end_tokens(name, removed.rows_affected(), edit).await
    }

    /// All users, by name.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn list(&self) -> Result<Vec<User>, Error> {
        let rows = sqlx::query("SELECT name, created_at, last_login FROM users ORDER BY name")
            .fetch_all(self.database.read())
            .await
            .map_err(self.database.failed("listing the users"))?;
        let users = rows.iter().map(|row| User {
            name: row.get("name"),
            created: from_millis(row.get("created_at")),
            last_login: Some(row.get("last_login"))
                .filter(|&at: &i64| at != 0)
                .map(from_millis),
        });
        Ok(users.collect())
    }

    /// Closes the database.
    pub async fn close(self) {
        self.database.close().await;
    }

    /// Begins an edit that running services will notice.
    async fn begin(&self) -> Result<Edit, Error> {
        let mut edit = self.database.write().await?;
        sqlx::query("UPDATE revision SET number = number + 1 WHERE id = 1")
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("editing the users"))?;
        Ok(edit)
    }

    /// Ends an edit that touched so many users of that name, and the tokens with it.
    async fn end_tokens(&self, name: &Name, touched: u64, mut edit: Edit) -> Result<(), Error> {
        if touched == 0 {
            let name = name.to_string();
            return Err(Error::Unknown { name });
        }
        Tokens::end_all_of(name, &mut edit)
            .await
            .map_err(self.database.failed("ending the tokens of a user"))?;
        Ok(self.database.commit(edit).await?)
    }
}
