-- An article's own id leads to it without a row here.
DELETE FROM aliases WHERE id = (SELECT id FROM articles WHERE no = article);

-- Whether a seed states an article is told from the index alone.
DROP INDEX entries_article;
CREATE INDEX entries_article ON entries (article, seed);

-- Stories are counted from indexes alone.
CREATE INDEX stories_ended ON stories (state) WHERE state <> 'live';
