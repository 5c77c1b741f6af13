//! The store: one SQLite file that is the wire's memory and its queue.
//!
//! This folder is the only place with SQL. A stage reads through [`View`] and changes through [`Batch`], one
//! transaction each, so that a crash at any instruction loses nothing that was committed. The store knows
//! nothing of the stages and decides nothing: it keeps, finds and counts.

mod aliases;
mod archives;
mod articles;
mod backup;
mod digests;
mod documents;
mod duplicates;
mod entries;
mod followers;
mod hosts;
mod incidents;
mod meta;
mod migrations;
mod pages;
mod pictures;
mod placings;
mod search;
mod seeds;
mod setback;
mod sites;
mod sources;
mod status;
mod stories;
mod subscriptions;
mod topics;
mod volumes;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, TransactionBehavior};

pub use archives::{ArchiveRow, ArchiveState};
pub use articles::{ArticleRow, NewArticle, Shown};
pub use backup::{Copied, copy, verify};
pub use documents::DocumentRow;
pub use followers::{FollowRequest, FollowerRow};
pub use hosts::{HostRow, RobotsRow};
pub use meta::Identity;
pub use pages::{DuePage, PageRow};
pub use pictures::{DuePicture, PictureRow};
pub use placings::{ArrivalRow, Placed};
pub use seeds::{SeedFile, SeedRow, SeedText};
pub use sources::{DueSource, SourceRow};
pub use status::{Counts, Trouble};
pub use stories::{NewStory, Released, StoryRow, StoryState};
pub use subscriptions::{DeliveryRow, Queued, Secrets, SubscriptionRow};
pub use volumes::VolumeRow;

/// The row number of an article, a story, a seed or a source: small, local to one store, never shown.
pub type RowNo = i64;

/// How long a statement waits for another process (a backup, `status`) that holds the file.
const BUSY: Duration = Duration::from_secs(5);

/// Statements kept compiled: there are about a hundred and fifty.
const STATEMENTS: usize = 192;

/// Pages that the writing connection keeps in memory, in KiB: a step's rows. What else is asked for, the system's own cache
/// has: four times as much made no load faster, and memory grow for days.
const CACHE_KIB: i64 = 4 << 10;

/// The same for each reading connection: they come to few rows, or to many once.
const READER_CACHE_KIB: i64 = 512;

/// Pages of 4 KiB in the log before they are copied into the file: a large load writes most of them several times.
const LOG_PAGES: i64 = 16_000;

/// Idle connections for reading that are kept open.
const IDLE_READERS: usize = 4;

/// HTTP dates know no less.
const SECOND: Duration = Duration::from_secs(1);

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no: disk full, damaged file, lock held too long.
    #[error("store: {0}{advice}", advice = advice(.0))]
    Sqlite(#[from] rusqlite::Error),
    /// A value in the store is not what this program wrote.
    #[error("store: {what} is not readable: {cause}")]
    Damaged {
        /// Table and column.
        what: &'static str,
        /// Why.
        cause: String,
    },
    /// The file comes from a newer program.
    #[error(
        "store {path}: its format is version {found}, this program knows up to {known}; run the newer program or restore a backup"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The file is no store, or no sound one.
    #[error("{path} is no store: {why}")]
    NoStore {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The file cannot be opened.
    #[error("store {path}: {cause}{advice}", advice = advice(cause))]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: rusqlite::Error,
    },
}

impl StoreError {
    /// Whether what the store holds cannot be read any more, so that waiting will not help.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Sqlite(error) | Self::Open { cause: error, .. } => is_corrupt(error),
            Self::Damaged { .. } | Self::NoStore { .. } | Self::Newer { .. } => true,
        }
    }
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// What to do about an error of SQLite.
fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "; free some space on its disk, the work then goes on by itself",
        Some(ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
            "; its disk takes no writes: see the log of the kernel, the work goes on once it does"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; the file is damaged: stop the daemon and `newswire restore` a backup"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "; another program holds it for writing",
        _ => "",
    }
}

/// What store calls return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A handle on the store. Clones share one writing connection.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

/// One consistent look at the store.
pub struct View<'a>(&'a Connection);

/// One transaction of changes; it sees its own changes.
pub struct Batch<'a>(View<'a>);

impl<'a> Deref for Batch<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.0
    }
}

impl View<'_> {
    /// A statement, compiled once a connection.
    fn sql(&self, text: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.0.prepare_cached(text)
    }

    fn last_no(&self) -> RowNo {
        self.0.last_insert_rowid()
    }
}

impl Store {
    /// Opens the store in `path`, creating or migrating it as needed.
    ///
    /// # Errors
    /// When the file cannot be opened or created, is damaged, or comes from a newer program.
    pub fn open(path: &Path) -> Result<Self> {
        let open = |cause| StoreError::Open { path: path.to_owned(), cause };
        let connection = Connection::open(path).map_err(open)?;
        prepare(&connection, CACHE_KIB).map_err(open)?;
        // WAL keeps readers and the writer apart; NORMAL may lose the last commits on power loss, never the file.
        connection.pragma_update(None, "journal_mode", "wal").map_err(open)?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        migrations::run(&connection, path)?;
        Ok(Self::with(connection, Some(path.to_owned())))
    }

    /// A store in memory, for tests and trial runs.
    ///
    /// # Errors
    /// When SQLite cannot allocate it.
    pub fn in_memory() -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        prepare(&connection, CACHE_KIB)?;
        migrations::run(&connection, Path::new(":memory:"))?;
        Ok(Self::with(connection, None))
    }

    /// A copy of this store in memory: what is done to it leaves this one as it is.
    ///
    /// # Errors
    /// When the copy fails.
    pub fn trial_copy(&self) -> Result<Self> {
        let copy = Self::in_memory()?;
        {
            let from = self.lock();
            let mut to = copy.lock();
            let backup = rusqlite::backup::Backup::new(&from, &mut to)?;
            backup.step(-1)?;
        }
        Ok(copy)
    }

    /// Reads, consistently.
    ///
    /// # Errors
    /// Those of `work`, and those of SQLite.
    pub fn read<T>(&self, work: impl FnOnce(&View<'_>) -> Result<T>) -> Result<T> {
        let Some(path) = &self.0.path else {
            return work(&View(&self.lock()));
        };
        let idle = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(path)?,
        };
        let answer = {
            let transaction = connection.unchecked_transaction()?;
            work(&View(&transaction))
        };
        let mut readers = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    /// Changes, all or nothing.
    ///
    /// # Errors
    /// Those of `work` (nothing is changed then), and those of SQLite.
    pub fn write<T>(&self, work: impl FnOnce(&Batch<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let answer = work(&Batch(View(&transaction)))?;
        transaction.commit()?;
        Ok(answer)
    }

    /// Leaves the file tidy: planner statistics and an empty log.
    ///
    /// # Errors
    /// When SQLite cannot write.
    pub fn close(&self) -> Result<()> {
        let connection = self.lock();
        connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")?;
        Ok(())
    }

    fn with(connection: Connection, path: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner { path, writer: Mutex::new(connection), readers: Mutex::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held rolled its transaction back: the connection is sound.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|cause| StoreError::Open { path: path.to_owned(), cause })?;
    prepare(&connection, READER_CACHE_KIB)?;
    Ok(connection)
}

fn prepare(connection: &Connection, cache_kib: i64) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    // Plans do not look at bound values. Without this a statement on a table with a partial index (`WHERE x IS NOT
    // NULL`) is compiled again for every new value: a quarter of all work.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Negative: KiB, not pages.
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "memory")
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T, what: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Damaged { what, cause: error.to_string() })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged { what, cause: error.to_string() })
}

/// When something that last changed `before` is to be dated that changes `now`: later in any case, by a second where the
/// clock was set back, so that nobody who holds its old date takes its new bytes for the old ones.
#[must_use]
pub fn changed_again(before: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let later = before.filter(|before| *before >= now).and_then(|before| before.checked_add(SECOND).ok());
    later.unwrap_or(now)
}

fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn damaged(what: &'static str) -> StoreError {
    StoreError::Damaged { what, cause: "wrong length".to_owned() }
}
