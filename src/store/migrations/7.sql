-- Why an article stands where it does, beside what it says: the lead of the bundle it is in by somebody's word, and what
-- binds it to articles that the open window no longer holds. What was grouped before there was such a window stays.
ALTER TABLE articles ADD COLUMN tied BLOB;
ALTER TABLE articles ADD COLUMN closed BLOB;
UPDATE articles SET closed = (SELECT id FROM stories WHERE stories.no = articles.story) WHERE placed IS NOT NULL;
CREATE INDEX articles_closed ON articles (closed) WHERE closed IS NOT NULL;
DROP INDEX articles_published;

-- Articles that have left the open window out of their turn, as they were.
CREATE TABLE departed (
  number    INTEGER PRIMARY KEY,  -- articles.placed at that time
  id        BLOB NOT NULL,
  at        INTEGER NOT NULL,     -- how many had been placed when it left
  published INTEGER NOT NULL,     -- seconds
  terms     BLOB NOT NULL         -- readable by the grouping stage alone
) STRICT;

-- An article that a seed lists but that stands in another story than the seed's lead, wherever that is.
UPDATE articles SET waiting = 1 WHERE live AND no IN (SELECT article FROM related);
DROP TABLE related;
CREATE TABLE related (
  article INTEGER NOT NULL REFERENCES articles,
  lead    INTEGER NOT NULL REFERENCES articles,
  PRIMARY KEY (article, lead)
) STRICT, WITHOUT ROWID;
CREATE INDEX related_lead ON related (lead);
