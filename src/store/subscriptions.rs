//! Subscriptions at hubs, and what hubs delivered until it is taken in.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Batch, Result, RowNo, View, from_json, millis, to_json};
use crate::model::{Digest, Subscription};

/// Deliveries of one subscription that wait: a hub that is faster than we are is told to come later.
const MOST_WAITING: i64 = 32;

/// Bytes that wait, of all subscriptions together.
const MOST_WAITING_BYTES: i64 = 64 << 20;

/// Deliveries of one subscription that are known again: more than a hub repeats, few enough to keep.
const REMEMBERED: i64 = 64;

/// Where to find a subscription, and where it stands.
#[derive(Debug, Clone)]
pub struct SubscriptionRow {
    /// Row number.
    pub no: RowNo,
    /// The source it is for.
    pub source: RowNo,
    /// The secret part of the call-back address, and the key of the hub's signatures.
    pub secrets: Option<Secrets>,
    /// The hub's registrable domain.
    pub domain: String,
    /// Where it stands.
    pub state: Subscription,
}

/// What only the hub and we know. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Last segment of the call-back address.
    pub path: String,
    /// `hub.secret`.
    pub key: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// A delivery that waits.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Row number.
    pub no: RowNo,
    /// The source it is for.
    pub source: RowNo,
    /// The topic, which is the base of its addresses.
    pub topic: String,
    /// Charset that HTTP declared.
    pub charset: Option<String>,
    /// The document.
    pub body: Vec<u8>,
}

/// What became of a delivery that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It waits.
    New,
    /// It came before.
    Known,
    /// Too much waits.
    Full,
}

const COLUMNS: &str = "no, source, path, secret, domain, state";

fn subscription_row(row: &Row<'_>) -> Result<SubscriptionRow> {
    let secrets = match (row.get(2)?, row.get(3)?) {
        (Some(path), Some(key)) => Some(Secrets { path, key }),
        _ => None,
    };
    Ok(SubscriptionRow {
        no: row.get(0)?,
        source: row.get(1)?,
        secrets,
        domain: row.get(4)?,
        state: from_json(&row.get::<_, String>(5)?, "subscriptions.state")?,
    })
}

impl View<'_> {
    fn subscriptions_where(&self, rest: &str, values: impl rusqlite::Params) -> Result<Vec<SubscriptionRow>> {
        let mut find = self.sql(&format!("SELECT {COLUMNS} FROM subscriptions WHERE {rest}"))?;
        let mut rows = find.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(subscription_row(row)?);
        }
        Ok(found)
    }

    /// The subscription of `source` that is wanted, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscription_of(&self, source: RowNo) -> Result<Option<SubscriptionRow>> {
        let wanted = "source = ?1 AND phase NOT IN ('leaving', 'left') LIMIT 1";
        Ok(self.subscriptions_where(wanted, [source])?.pop())
    }

    /// The subscription whose call-back address ends in `path`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscription_at(&self, path: &str) -> Result<Option<SubscriptionRow>> {
        Ok(self.subscriptions_where("path = ?1", [path])?.pop())
    }

    /// The subscription with this number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscription(&self, no: RowNo) -> Result<Option<SubscriptionRow>> {
        Ok(self.subscriptions_where("no = ?1", [no])?.pop())
    }

    /// Subscriptions whose hub is to be asked at `now`, most overdue first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_subscriptions(&self, now: Timestamp, limit: usize) -> Result<Vec<SubscriptionRow>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.subscriptions_where("next_at <= ?1 ORDER BY next_at, no LIMIT ?2", params![millis(now), limit])
    }

    /// Every subscription that is wanted, of sources that are no longer listed if `orphans`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn wanted_subscriptions(&self, orphans: bool) -> Result<Vec<SubscriptionRow>> {
        let wanted =
            "phase NOT IN ('leaving', 'left') AND (NOT ?1 OR source IN (SELECT no FROM sources WHERE NOT listed))
                      ORDER BY no";
        self.subscriptions_where(wanted, [orphans])
    }

    /// How many subscriptions there are in each phase.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_subscriptions(&self) -> Result<Vec<(String, u64)>> {
        let mut find = self.sql("SELECT phase, count(*) FROM subscriptions GROUP BY phase ORDER BY phase")?;
        let rows = find.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Deliveries that wait, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_deliveries(&self, limit: usize) -> Result<Vec<DeliveryRow>> {
        let sql = "SELECT d.no, s.source, s.state, d.charset, d.body FROM deliveries d
                   JOIN subscriptions s ON s.no = d.subscription WHERE d.body IS NOT NULL ORDER BY d.no LIMIT ?1";
        let mut find = self.sql(sql)?;
        let mut rows = find.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            let state: Subscription = from_json(&row.get::<_, String>(2)?, "subscriptions.state")?;
            waiting.push(DeliveryRow {
                no: row.get(0)?,
                source: row.get(1)?,
                topic: state.topic,
                charset: row.get(3)?,
                body: row.get(4)?,
            });
        }
        Ok(waiting)
    }
}

impl Batch<'_> {
    /// A subscription that is wanted for `source`, which has none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_subscription(&self, source: RowNo, domain: &str, state: &Subscription) -> Result<RowNo> {
        let sql = "INSERT INTO subscriptions VALUES (NULL, ?1, NULL, NULL, ?2, ?3, ?4, ?5)";
        self.sql(sql)?.execute(params![
            source,
            domain,
            state.phase.name(),
            state.next_at.map(millis),
            to_json(state, "subscriptions.state")?
        ])?;
        Ok(self.last_no())
    }

    /// Where a subscription stands now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_subscription(&self, no: RowNo, state: &Subscription) -> Result<()> {
        self.sql("UPDATE subscriptions SET phase = ?2, next_at = ?3, state = ?4 WHERE no = ?1")?.execute(params![
            no,
            state.phase.name(),
            state.next_at.map(millis),
            to_json(state, "subscriptions.state")?
        ])?;
        Ok(())
    }

    /// The secrets of a subscription, before its hub is asked for the first time.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn give_secrets(&self, no: RowNo, secrets: &Secrets) -> Result<()> {
        let sql = "UPDATE subscriptions SET path = ?2, secret = ?3 WHERE no = ?1";
        self.sql(sql)?.execute(params![no, secrets.path, secrets.key])?;
        Ok(())
    }

    /// Forgets a subscription and its deliveries.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_subscription(&self, no: RowNo) -> Result<()> {
        self.sql("DELETE FROM subscriptions WHERE no = ?1")?.execute([no])?;
        Ok(())
    }

    /// A delivery that bore the right signature. It waits, unless it came before or too much waits.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn queue_delivery(&self, no: RowNo, charset: Option<&str>, body: &[u8], now: Timestamp) -> Result<Queued> {
        let digest = Digest::of(body);
        let known = "SELECT 1 FROM deliveries WHERE subscription = ?1 AND digest = ?2";
        let known = self.sql(known)?.query_row(params![no, digest.as_bytes()], |_| Ok(())).optional()?;
        if known.is_some() {
            return Ok(Queued::Known);
        }
        let sql = "SELECT count(*) FILTER (WHERE subscription = ?1), ifnull(sum(size), 0) FROM deliveries
                   WHERE body IS NOT NULL";
        let (waiting, bytes): (i64, i64) = self.sql(sql)?.query_row([no], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
        if waiting >= MOST_WAITING || bytes.saturating_add(size) > MOST_WAITING_BYTES {
            return Ok(Queued::Full);
        }
        self.sql("INSERT INTO deliveries VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            no,
            digest.as_bytes(),
            millis(now),
            charset,
            size,
            body
        ])?;
        Ok(Queued::New)
    }

    /// A delivery was taken in: its body goes, and so do those that are no longer remembered.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn delivery_taken(&self, no: RowNo) -> Result<()> {
        self.sql("UPDATE deliveries SET body = NULL, size = 0 WHERE no = ?1")?.execute([no])?;
        let sql = "DELETE FROM deliveries WHERE body IS NULL
                   AND subscription = (SELECT subscription FROM deliveries WHERE no = ?1)
                   AND no NOT IN (SELECT no FROM deliveries
                                  WHERE subscription = (SELECT subscription FROM deliveries WHERE no = ?1)
                                  ORDER BY no DESC LIMIT ?2)";
        self.sql(sql)?.execute(params![no, REMEMBERED])?;
        Ok(())
    }
}
