-- Articles as they were when they arrived in the open window: it is put together again of these, whatever is said of
-- the articles meanwhile.
CREATE TABLE arrivals (
  number    INTEGER PRIMARY KEY,  -- articles.placed, as long as the article is there
  id        BLOB NOT NULL,
  published INTEGER NOT NULL,     -- seconds
  terms     BLOB NOT NULL,        -- readable by the grouping stage alone
  gone_at   INTEGER               -- how many had arrived when it left out of its turn
) STRICT;
CREATE INDEX arrivals_gone_at ON arrivals (gone_at) WHERE gone_at IS NOT NULL;
INSERT INTO arrivals SELECT number, id, published, terms, at FROM departed;
DROP TABLE departed;
