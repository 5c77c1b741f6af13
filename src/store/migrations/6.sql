-- The archive of each topic (RFC 5005): the stories it ever held by the month they came in, in volumes of bounded size.
CREATE TABLE volumes (
  no       INTEGER PRIMARY KEY,
  topic    TEXT NOT NULL,
  month    TEXT NOT NULL,        -- yyyy-mm
  part     INTEGER NOT NULL,     -- counts from 1 within its month
  stories  INTEGER NOT NULL,     -- that ever came in
  closed   INTEGER NOT NULL,     -- its month is over, and its stories are kept as they were then
  modified INTEGER NOT NULL,     -- when its bytes last changed
  written  INTEGER NOT NULL,     -- its static file is what it is
  UNIQUE (topic, month, part)
) STRICT;
CREATE INDEX volumes_open ON volumes (month) WHERE NOT closed;
CREATE INDEX volumes_unwritten ON volumes (no) WHERE NOT written;

CREATE TABLE volume_stories (
  story  INTEGER NOT NULL REFERENCES stories,
  volume INTEGER NOT NULL REFERENCES volumes ON DELETE CASCADE,
  PRIMARY KEY (story, volume)
) STRICT, WITHOUT ROWID;
CREATE INDEX volume_stories_volume ON volume_stories (volume, story);

-- Stories of closed volumes as readers last saw them in their month.
CREATE TABLE keepsakes (
  story INTEGER PRIMARY KEY REFERENCES stories,
  view  BLOB NOT NULL            -- readable by the release stage alone
) STRICT;

-- Digests: one row a period of a topic. NULL: nothing was new in it.
CREATE TABLE digests (
  topic TEXT NOT NULL,
  until INTEGER NOT NULL,        -- the end of the period
  issue TEXT,
  PRIMARY KEY (topic, until)
) STRICT, WITHOUT ROWID;

-- Words of every story that all may see, by the story's number. The words themselves are not kept.
CREATE VIRTUAL TABLE found USING fts5(
  words, content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 2 tokenchars '+#&.,'''"
);
-- Whether search and archive know the story as it is.
ALTER TABLE stories ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;
UPDATE stories SET waiting = 1 WHERE state = 'live';

-- When a topic last became another for readers.
ALTER TABLE editions ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Feeds that changed and whose hub was not told yet.
CREATE TABLE announcements (
  path TEXT PRIMARY KEY,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who gets feeds from our own hub (W3C WebSub).
CREATE TABLE followers (
  no            INTEGER PRIMARY KEY,
  topic         TEXT NOT NULL,   -- path of the feed
  callback      TEXT NOT NULL,
  domain        TEXT NOT NULL,   -- of the call-back
  secret        TEXT,
  lease_ends_at INTEGER NOT NULL,
  owed_at       INTEGER,         -- since when the feed is owed
  next_at       INTEGER,         -- when it is sent, or sent again
  tries         INTEGER NOT NULL,
  UNIQUE (topic, callback)
) STRICT;
CREATE INDEX followers_due ON followers (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX followers_domain ON followers (domain);
CREATE INDEX followers_lease ON followers (lease_ends_at);

-- Requests to our own hub that wait to be verified.
CREATE TABLE follow_requests (
  no         INTEGER PRIMARY KEY,
  topic      TEXT NOT NULL,
  callback   TEXT NOT NULL,
  domain     TEXT NOT NULL,
  secret     TEXT,
  lease_s    INTEGER NOT NULL,
  is_leaving INTEGER NOT NULL,
  UNIQUE (topic, callback)
) STRICT;
