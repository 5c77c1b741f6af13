//! Asking leave: an address comes in, what robots.txt of its origin says about it goes out.

use std::future::Future;
use std::pin::Pin;

use reqwest::header::HeaderValue;
use url::{Position, Url};

use super::super::robots::cache::{Answer as RobotsAnswer, Known, Verdict};
use super::super::{Early, head, robots};
use super::allowance::Allowance;
use super::{Errand, HttpFetch, host, read};
use crate::model::Refusal;

impl HttpFetch {
    /// Whether robots.txt of the origin lets us ask for `url`.
    pub(super) async fn ask_leave(&self, url: &Url) -> Result<(), Early> {
        let origin = url.origin().ascii_serialization();
        match self.robots.verdict(&origin, &self.clock, self.ask_robots(url.clone())).await {
            Verdict::Closed(early) => Err(early),
            Verdict::Open(rules) => rules
                .allows(&url[Position::BeforePath..Position::AfterQuery])
                .map_err(|rule| Early::Refused(Refusal::Robots(rule))),
        }
    }

    /// The robots.txt of `url`'s origin. Boxed, since it goes the way it is part of.
    fn ask_robots(&self, mut url: Url) -> Pin<Box<dyn Future<Output = Known> + Send + '_>> {
        url.set_path("/robots.txt");
        url.set_query(None);
        Box::pin(async move {
            let asked = self.read_robots(url).await;
            Known::of(asked, self.clock.now())
        })
    }

    async fn read_robots(&self, url: Url) -> Result<RobotsAnswer, Early> {
        let errand = Errand {
            accept: HeaderValue::from_static("text/plain, */*;q=0.1"),
            validators: None,
            takes_deltas: false,
            is_head: false,
            is_governed: false,
        };
        let mut time = Allowance::new(self.rules.timeout);
        let answer = self.chase(url, &errand, &mut time).await?;
        let status = answer.response.status().as_u16();
        let retry_after = head::retry_after(answer.response.headers(), self.clock.now());
        let mut bytes = Vec::new();
        if (200..300).contains(&status) {
            let limits = read::Limits {
                max: 2 * robots::MAX_BYTES,
                enough: Some(Box::new(|read| read.len() > robots::MAX_BYTES)),
            };
            bytes = read::whole(answer.response, host(&answer.url), limits, &mut time).await?.bytes;
        }
        Ok(RobotsAnswer { status, retry_after, bytes })
    }
}
