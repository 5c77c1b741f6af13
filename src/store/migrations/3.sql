-- One row a call-back address. A source has at most one subscription that is wanted; those it had before are told
-- good-bye and kept until nobody can deliver to them any more.
CREATE TABLE subscriptions (
  no      INTEGER PRIMARY KEY,
  source  INTEGER NOT NULL REFERENCES sources,
  path    TEXT UNIQUE,           -- the secret part of the call-back address; NULL until the hub is first asked
  secret  TEXT,                  -- the key of its signatures
  domain  TEXT NOT NULL,         -- of the hub
  phase   TEXT NOT NULL CHECK (phase IN ('offered', 'active', 'denied', 'leaving', 'left')),
  next_at INTEGER,               -- when the hub is asked next
  state   TEXT NOT NULL
) STRICT;
CREATE INDEX subscriptions_source ON subscriptions (source);
CREATE INDEX subscriptions_due ON subscriptions (next_at) WHERE next_at IS NOT NULL;

-- What hubs delivered. A row whose body was taken in stays for a while, to know the same delivery again.
CREATE TABLE deliveries (
  no           INTEGER PRIMARY KEY,
  subscription INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
  digest       BLOB NOT NULL,
  at           INTEGER NOT NULL,
  charset      TEXT,
  size         INTEGER NOT NULL, -- of the body; 0 once it was taken in
  body         BLOB,
  UNIQUE (subscription, digest)
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (no) WHERE body IS NOT NULL;

-- One row a source whose feed linked to its past when it was first read (RFC 5005). It is never started again.
CREATE TABLE archives (
  source  INTEGER PRIMARY KEY REFERENCES sources,
  url     TEXT NOT NULL,         -- the page to be read next, or the last one
  domain  TEXT NOT NULL,
  next_at INTEGER,               -- NULL: finished
  state   TEXT NOT NULL
) STRICT;
CREATE INDEX archives_due ON archives (next_at) WHERE next_at IS NOT NULL;

-- Trouble with a source, from its beginning to its end. Numbers stand in entry ids, so none is ever used again.
CREATE TABLE incidents (
  no      INTEGER PRIMARY KEY AUTOINCREMENT,
  source  INTEGER NOT NULL REFERENCES sources,
  kind    TEXT NOT NULL CHECK (kind IN ('broken', 'throttled', 'gone', 'resting', 'moved')),
  detail  TEXT NOT NULL,
  polls   INTEGER NOT NULL,      -- in trouble since it began
  opened  INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  closed  INTEGER,
  cure    TEXT                   -- why it was closed
) STRICT;
CREATE UNIQUE INDEX incidents_open ON incidents (source, kind = 'moved') WHERE closed IS NULL;
CREATE INDEX incidents_updated ON incidents (updated);
