-- What the pages of a site have taught about it, by registrable domain.
CREATE TABLE sites (
  domain    TEXT PRIMARY KEY,
  memory    TEXT NOT NULL,
  learnt_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sites_learnt ON sites (learnt_at);

-- Pictures whose size nobody states: one row, and so one request, an article at most.
CREATE TABLE pictures (
  article INTEGER PRIMARY KEY REFERENCES articles,
  url     TEXT NOT NULL,
  domain  TEXT NOT NULL,
  next_at INTEGER,               -- NULL: it was asked
  width   INTEGER,
  height  INTEGER,
  problem TEXT,                  -- why it has no size, or is no article's picture
  unfit   INTEGER NOT NULL DEFAULT 0 -- it is none, or is not there
) STRICT;
CREATE INDEX pictures_due ON pictures (domain, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX pictures_url ON pictures (url);
