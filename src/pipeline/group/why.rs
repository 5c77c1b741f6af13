//! Why an article stands in its story, for people.

use super::place::Seated;
use crate::cluster::open::Open;
use crate::model::{Article, ArticleId, Via};
use crate::pipeline::intake;
use crate::similarity::{Similarity, parts, reasons};
use crate::store::{Batch, Result};

/// Why `seated` stands in a story with `others` that `founder` founded. What somebody says comes first; the founder
/// needs no reason; what was found before holds as long as the nearest stays; else the nearest of the story is named.
pub(super) fn via(
    batch: &Batch<'_>,
    open: &Open,
    seated: &Seated<'_>,
    founder: ArticleId,
    others: &[ArticleId],
) -> Result<Via> {
    let Seated { row, arrived, said } = seated;
    if let Some(via) = said {
        return Ok(via.clone());
    }
    if row.id == founder {
        return Ok(Via::Founder);
    }
    if let Some(via @ Via::Linked { nearest, .. }) = &row.via
        && arrived.is_none()
        && others.contains(nearest)
    {
        return Ok(via.clone());
    }
    let Some((nearest, similarity)) = open.nearest(row.id) else {
        return Ok(row.via.clone().filter(|via| matches!(via, Via::Linked { .. })).unwrap_or(Via::Founder));
    };
    let stated;
    let article = if let Some(article) = arrived {
        article
    } else {
        stated = intake::stated(batch, row)?;
        &stated
    };
    let other = intake::stated(batch, &batch.article_by_id(nearest)?)?;
    Ok(linked(article, &other, &similarity))
}

fn linked(article: &Article, nearest: &Article, similarity: &Similarity) -> Via {
    let mut told = reasons(article, nearest);
    told.extend(parts(similarity));
    Via::Linked { score: (similarity.score * 1000.0).round() / 1000.0, nearest: nearest.id, reasons: told }
}
