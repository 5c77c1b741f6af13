//! What hubs and followers say (W3C WebSub sections 5 and 7): the query or form of a request in, a word out.
//!
//! Fields are counted, and the first of each name is meant. Never fails: what makes no sense is `None` or empty, and is
//! refused by whom it is said to.

use ::url::form_urlencoded;

use crate::model::{FollowWord, HubWord};

/// Fields of a form: hubs send five, and what stands behind so many is not looked at.
const MOST_FIELDS: usize = 32;

/// What a hub asks in a GET; `None` where it makes no sense.
#[must_use]
pub fn question(query: &str) -> Option<HubWord> {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes()).take(MOST_FIELDS);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let topic = value("hub.topic")?;
    let is_leaving = match value("hub.mode")?.as_str() {
        "denied" => return Some(HubWord::Denied { topic, reason: value("hub.reason") }),
        "subscribe" => false,
        "unsubscribe" => true,
        _ => return None,
    };
    let challenge = value("hub.challenge").filter(|challenge| !challenge.is_empty())?;
    let lease_s = value("hub.lease_seconds").and_then(|lease| lease.parse().ok());
    Some(HubWord::Verify { is_leaving, topic, challenge, lease_s })
}

/// What somebody who wants to follow a feed says in the form of a POST.
#[must_use]
pub fn word(form: &[u8]) -> FollowWord {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(form).take(MOST_FIELDS);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    FollowWord {
        mode: value("hub.mode").unwrap_or_default(),
        topic: value("hub.topic").unwrap_or_default(),
        callback: value("hub.callback").unwrap_or_default(),
        secret: value("hub.secret"),
        lease_s: value("hub.lease_seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_of_hubs() {
        let verify = |is_leaving, lease_s| {
            Some(HubWord::Verify {
                is_leaving,
                topic: "https://a.example/?x=1&y".to_owned(),
                challenge: "c +".to_owned(),
                lease_s,
            })
        };
        let check = |query: &str, expect| assert_eq!(question(query), expect, "{query}");
        let rest = "hub.topic=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&hub.challenge=c+%2B";
        check(&format!("hub.mode=subscribe&{rest}&hub.lease_seconds=86400"), verify(false, Some(86_400)));
        check(&format!("hub.mode=subscribe&{rest}&hub.lease_seconds=-1"), verify(false, None));
        check(&format!("hub.mode=unsubscribe&{rest}"), verify(true, None));
        check(&format!("hub.mode=publish&{rest}"), None);
        check(rest, None);
        check("hub.mode=subscribe&hub.topic=x&hub.challenge=", None);
        check("hub.mode=subscribe&hub.challenge=x", None);
        let denied = HubWord::Denied { topic: "x".to_owned(), reason: Some("no way".to_owned()) };
        check("hub.mode=denied&hub.topic=x&hub.reason=no%20way", Some(denied));
        check("", None);
    }

    #[test]
    fn forms() {
        let check = |form: &str, expect: [&str; 3]| {
            let word = word(form.as_bytes());
            assert_eq!([word.mode.as_str(), &word.topic, &word.callback], expect, "{form}");
        };
        check("hub.mode=subscribe&hub.topic=https%3A%2F%2Fa&hub.callback=b", ["subscribe", "https://a", "b"]);
        check("hub.mode=a&hub.mode=b", ["a", "", ""]);
        check("", ["", "", ""]);
        check("\u{fffd}=&&&=", ["", "", ""]);
        assert_eq!(word(b"hub.secret=s&hub.lease_seconds=60").lease_s.as_deref(), Some("60"));
    }
}
