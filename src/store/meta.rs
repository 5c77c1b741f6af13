//! Facts about this wire that are decided once and kept for good.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use super::{Batch, Result, View, millis, time};

/// What ids are made of: fixed at first start, so that a new `base_url` changes none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The authority of `tag:` URIs (RFC 4151).
    pub authority: String,
    /// Their year.
    pub year: i16,
    /// First start.
    pub birth: Timestamp,
}

impl View<'_> {
    /// A text kept under `key`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        let mut find = self.sql("SELECT value FROM meta WHERE key = ?1")?;
        Ok(find.query_row([key], |row| row.get(0)).optional()?)
    }

    /// The wire's identity, if it was started before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn identity(&self) -> Result<Option<Identity>> {
        let (Some(authority), Some(birth)) = (self.meta("authority")?, self.meta("birth")?) else {
            return Ok(None);
        };
        let year = self.meta("year")?.and_then(|year| year.parse().ok()).unwrap_or(1970);
        Ok(Some(Identity { authority, year, birth: time(birth.parse().unwrap_or(0)) }))
    }
}

impl Batch<'_> {
    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        let sql = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
        self.sql(sql)?.execute([key, value])?;
        Ok(())
    }

    /// Keeps the wire's identity if it has none yet; says what it is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_identity(&self, wanted: Identity) -> Result<Identity> {
        if let Some(settled) = self.identity()? {
            return Ok(settled);
        }
        self.set_meta("authority", &wanted.authority)?;
        self.set_meta("year", &wanted.year.to_string())?;
        self.set_meta("birth", &millis(wanted.birth).to_string())?;
        Ok(Identity { birth: time(millis(wanted.birth)), ..wanted })
    }
}
