//! The users, as an administrator sees and edits them.

use std::time::Duration;

use iceflix_database::{Database, Durability, Edit, Location};
use sqlx::Row;

use crate::store::Error;
use crate::store::clock::{Clock, System, from_millis, millis};
use crate::store::password::Passwords;
use crate::store::schema::SCHEMA;
use crate::store::user::{Hash, Name};

/// The users of a database. Works beside running services, in another process: they see an edit within a
/// second, and revoke the tokens that it ended.
///
/// What an edit means for tokens and services is written into the database itself, as triggers, so that an edit with psql or
/// sqlite3 means the same.
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
    /// Since when the user is locked, since 1970, UTC; `None` where the user may log in.
    pub locked: Option<Duration>,
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
        let mut edit = self.database.write().await?;
        let added = sqlx::query(
            "INSERT INTO users (name, password, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(name.as_str())
        .bind(phc)
        .bind(millis(System.wall()))
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
        let mut edit = self.database.write().await?;
        let changed = sqlx::query("UPDATE users SET password = $1 WHERE name = $2")
            .bind(phc)
            .bind(name.as_str())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("changing a password"))?;
        self.finish(name, changed.rows_affected(), edit).await
    }

    /// Removes a user and ends the user's tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user; else where the database fails.
    pub async fn remove(&self, name: &Name) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        let removed = sqlx::query("DELETE FROM users WHERE name = $1")
            .bind(name.as_str())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("removing a user"))?;
        self.finish(name, removed.rows_affected(), edit).await
    }

    /// Locks a user out, until [`unlock`](Self::unlock), and ends the user's tokens. To lock again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user; else where the database fails.
    pub async fn lock(&self, name: &Name) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        let locked = sqlx::query(
            "UPDATE users SET locked_at = CASE locked_at WHEN 0 THEN $1 ELSE locked_at END \
             WHERE name = $2",
        )
        .bind(millis(System.wall()))
        .bind(name.as_str())
        .execute(&mut *edit)
        .await
        .map_err(self.database.failed("locking a user"))?;
        self.finish(name, locked.rows_affected(), edit).await
    }

    /// Lets a user log in again, with the password of before. To unlock who is not locked changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such user; else where the database fails.
    pub async fn unlock(&self, name: &Name) -> Result<(), Error> {
        let mut edit = self.database.write().await?;
        // Who is not locked keeps the tokens: an edit of the lock would end them.
        sqlx::query("UPDATE users SET locked_at = 0 WHERE name = $1 AND locked_at <> 0")
            .bind(name.as_str())
            .execute(&mut *edit)
            .await
            .map_err(self.database.failed("unlocking a user"))?;
        let known = sqlx::query("SELECT 1 FROM users WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(&mut *edit)
            .await
            .map_err(self.database.failed("looking up a user"))?;
        self.finish(name, u64::from(known.is_some()), edit).await
    }

    /// All users, by name.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn list(&self) -> Result<Vec<User>, Error> {
        let rows =
            sqlx::query("SELECT name, created_at, last_login, locked_at FROM users ORDER BY name")
                .fetch_all(self.database.read())
                .await
                .map_err(self.database.failed("listing the users"))?;
        let unless_zero = |at: i64| (at != 0).then(|| from_millis(at));
        let users = rows.iter().map(|row| {
            Ok(User {
                name: row.try_get("name")?,
                created: from_millis(row.try_get("created_at")?),
                last_login: unless_zero(row.try_get("last_login")?),
                locked: unless_zero(row.try_get("locked_at")?),
            })
        });
        let users: Result<_, sqlx::Error> = users.collect();
        Ok(users.map_err(self.database.failed("listing the users"))?)
    }

    /// Closes the database.
    pub async fn close(self) {
        self.database.close().await;
    }

    /// Ends an edit that touched so many users of that name.
    async fn finish(&self, name: &Name, touched: u64, edit: Edit) -> Result<(), Error> {
        if touched == 0 {
            let name = name.to_string();
            return Err(Error::Unknown { name });
        }
        Ok(self.database.commit(edit).await?)
    }
}
