//! Sites: what the pages of each have taught about it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Batch, Result, View, from_json, millis, to_json};
use crate::model::Site;

/// Sites remembered: about 40 MB at the very most, mostly a tenth. Those that taught nothing for longest are forgotten.
const MOST_SITES: i64 = 20_000;

impl View<'_> {
    /// What is known of the site under a registrable domain; the default where nothing is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn site(&self, domain: &str) -> Result<Site> {
        let mut find = self.sql("SELECT memory FROM sites WHERE domain = ?1")?;
        let memory = find.query_row([domain], |row| row.get::<_, String>(0)).optional()?;
        memory.map_or_else(|| Ok(Site::default()), |memory| from_json(&memory, "sites.memory"))
    }
}

impl Batch<'_> {
    /// What is known of a site now. Where that makes one too many, the one that taught nothing for longest is forgotten.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_site(&self, domain: &str, site: &Site, now: Timestamp) -> Result<()> {
        self.note_site_among(domain, site, now, MOST_SITES)
    }

    fn note_site_among(&self, domain: &str, site: &Site, now: Timestamp, most: i64) -> Result<()> {
        let memory = to_json(site, "sites.memory")?;
        let sql = "UPDATE sites SET memory = ?2, learnt_at = ?3 WHERE domain = ?1";
        if self.sql(sql)?.execute(params![domain, memory, millis(now)])? == 0 {
            self.sql("INSERT INTO sites VALUES (?1, ?2, ?3)")?.execute(params![domain, memory, millis(now)])?;
            let sql = "DELETE FROM sites WHERE domain IN
                       (SELECT domain FROM sites ORDER BY learnt_at DESC, domain LIMIT -1 OFFSET ?1)";
            self.sql(sql)?.execute([most])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn the_oldest_are_forgotten() {
        let store = Store::in_memory().unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let site = |pages| Site { pages, ..Site::default() };
        store
            .write(|batch| {
                for (second, domain) in (0..).zip(["a", "b", "c"]) {
                    batch.note_site_among(domain, &site(1), at(second), 3)?;
                }
                // `a` taught something again: `b` is the oldest now.
                batch.note_site_among("a", &site(2), at(8), 3)?;
                batch.note_site_among("d", &site(1), at(9), 3)
            })
            .unwrap();
        let pages = |domain: &str| store.read(|view| view.site(domain)).unwrap().pages;
        assert_eq!(["a", "b", "c", "d"].map(pages), [2, 0, 1, 1]);
    }
}
