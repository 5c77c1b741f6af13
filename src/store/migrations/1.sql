-- Times are milliseconds since 1970 (UTC) unless a name says otherwise; NULL means "not yet" or "never again".

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a seed file that was ever read, with the facts of its last good version.
CREATE TABLE seeds (
  no          INTEGER PRIMARY KEY,
  path        TEXT NOT NULL UNIQUE,
  size        INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  inode       INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  published   INTEGER NOT NULL,  -- what the file says
  active      INTEGER NOT NULL,  -- whether its entries count
  labels      TEXT NOT NULL,
  heat        REAL,
  note        TEXT,
  findings    TEXT NOT NULL,     -- of the version last looked at, good or broken
  broken      INTEGER NOT NULL
) STRICT;

CREATE TABLE sources (
  no      INTEGER PRIMARY KEY,
  url     TEXT NOT NULL UNIQUE,
  listed  INTEGER NOT NULL,      -- still in the configuration
  labels  TEXT NOT NULL,
  title   TEXT,
  lang    TEXT,
  domain  TEXT NOT NULL,
  next_at INTEGER,
  poll    TEXT NOT NULL
) STRICT;
CREATE INDEX sources_due ON sources (next_at) WHERE listed AND next_at IS NOT NULL;

-- The articles. What is known of one is merged on reading from its entries and its page.
CREATE TABLE articles (
  no         INTEGER PRIMARY KEY,
  id         BLOB NOT NULL UNIQUE,
  url        TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  published  INTEGER NOT NULL,
  live       INTEGER NOT NULL,   -- some active entry states it
  face       BLOB NOT NULL,      -- digest of all that readers see
  text       BLOB NOT NULL,      -- digest of all that grouping looks at
  waiting    INTEGER NOT NULL,   -- to be grouped
  story      INTEGER REFERENCES stories,
  placed     INTEGER,            -- counts up in the order of grouping
  via        TEXT,
  copy_of    BLOB
) STRICT;
CREATE INDEX articles_waiting ON articles (published, id) WHERE waiting;
CREATE INDEX articles_retired ON articles (published, id) WHERE waiting AND NOT live;
CREATE INDEX articles_story ON articles (story);
CREATE INDEX articles_placed ON articles (placed) WHERE placed IS NOT NULL;
CREATE INDEX articles_published ON articles (published) WHERE placed IS NOT NULL;

-- Every address an article is known by, as the hash of its key.
CREATE TABLE aliases (
  id      BLOB PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES articles
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_article ON aliases (article);

-- What seeds and sources stated. In a seed, rank 0 is its lead.
CREATE TABLE entries (
  no      INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES articles,
  seed    INTEGER REFERENCES seeds,
  source  INTEGER REFERENCES sources,
  rank    INTEGER NOT NULL,
  key     BLOB NOT NULL,         -- tells the entries of one origin apart
  entry   TEXT NOT NULL
) STRICT;
CREATE INDEX entries_article ON entries (article);
CREATE INDEX entries_seed ON entries (seed, rank) WHERE seed IS NOT NULL;
CREATE UNIQUE INDEX entries_source ON entries (source, key) WHERE source IS NOT NULL;

-- What is known of an article's own page, and when it is asked next.
CREATE TABLE pages (
  article  INTEGER PRIMARY KEY REFERENCES articles,
  domain   TEXT NOT NULL,
  next_at  INTEGER,
  visit    TEXT NOT NULL,
  metadata TEXT
) STRICT;
CREATE INDEX pages_due ON pages (domain, next_at) WHERE next_at IS NOT NULL;

-- One row a registrable domain that was or will be asked.
CREATE TABLE hosts (
  domain     TEXT PRIMARY KEY,
  due_at     INTEGER,            -- when its first page is due, kept by the triggers below
  asked_at   INTEGER,
  not_before INTEGER             -- the whole host rests until then
) STRICT, WITHOUT ROWID;
CREATE INDEX hosts_due ON hosts (due_at) WHERE due_at IS NOT NULL;

CREATE TRIGGER page_planned AFTER INSERT ON pages WHEN new.next_at IS NOT NULL BEGIN
  INSERT INTO hosts VALUES (new.domain, new.next_at, NULL, NULL)
  ON CONFLICT DO UPDATE SET due_at = min(ifnull(due_at, excluded.due_at), excluded.due_at);
END;
CREATE TRIGGER page_moved AFTER UPDATE OF next_at ON pages WHEN new.next_at IS NOT old.next_at BEGIN
  UPDATE hosts SET due_at = (SELECT min(next_at) FROM pages WHERE domain = new.domain AND next_at IS NOT NULL)
  WHERE domain = new.domain;
END;
CREATE TRIGGER page_gone AFTER DELETE ON pages BEGIN
  UPDATE hosts SET due_at = (SELECT min(next_at) FROM pages WHERE domain = old.domain AND next_at IS NOT NULL)
  WHERE domain = old.domain;
END;

CREATE TABLE stories (
  no        INTEGER PRIMARY KEY,  -- counts up: the age of an id
  id        BLOB NOT NULL UNIQUE,
  founder   BLOB NOT NULL,
  -- Not `IN`: SQLite would make a table of the list for every row that is written.
  state     TEXT NOT NULL CHECK (state = 'live' OR state = 'withdrawn' OR state = 'alias'),
  alias_of  INTEGER REFERENCES stories,
  published INTEGER,              -- fixed at first release
  updated   INTEGER,
  newest    INTEGER,              -- latest publication of its coverage
  changed   INTEGER,              -- when its page's bytes last changed
  face      BLOB,
  told      TEXT,                 -- what readers have been told, to judge what is news
  waiting   INTEGER NOT NULL      -- to be released
) STRICT;
CREATE INDEX stories_waiting ON stories (no) WHERE waiting;
CREATE INDEX stories_alias ON stories (alias_of) WHERE alias_of IS NOT NULL;

-- An article that a seed lists but that stands in another story.
CREATE TABLE related (
  article INTEGER NOT NULL REFERENCES articles,
  story   INTEGER NOT NULL REFERENCES stories,
  PRIMARY KEY (article, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX related_story ON related (story);

-- Which stories each topic holds, in the topic's own order.
CREATE TABLE story_topics (
  topic TEXT NOT NULL,
  story INTEGER NOT NULL REFERENCES stories,
  rank  REAL NOT NULL,
  PRIMARY KEY (story, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_topics_rank ON story_topics (topic, rank DESC, story);

CREATE TABLE editions (
  topic TEXT PRIMARY KEY,
  stale INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was last published at each path, and since when.
CREATE TABLE documents (
  path     TEXT PRIMARY KEY,
  digest   BLOB NOT NULL,
  modified INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
