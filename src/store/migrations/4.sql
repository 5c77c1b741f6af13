-- What hosts said in their robots.txt: none is asked again before it has ended, a restart between or not.
CREATE TABLE robots (
  origin  TEXT PRIMARY KEY,      -- scheme, host and port
  until   INTEGER NOT NULL,
  verdict TEXT NOT NULL          -- readable by the fetcher alone
) STRICT, WITHOUT ROWID;

-- Hosts of which one address was throttled: a second one would speak for the whole host.
CREATE TABLE suspects (
  domain TEXT PRIMARY KEY,
  url    BLOB NOT NULL,          -- its digest
  until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
