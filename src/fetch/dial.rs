//! From a URL to the addresses that will be dialled: a URL comes in, checked addresses go out.
//!
//! The client never resolves for itself: it dials what was checked here and nothing else, which is the guard
//! against names that change their answer between check and use (DNS rebinding).

use std::future::{Future, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::time::timeout;
use url::{Host, Url};

use super::{Early, FetchRules, failed, guard, refused};
use crate::model::FailureKind;

/// A name with more addresses than these has them for balance, not for reach.
const MAX_ADDRESSES: usize = 8;

/// A resolver that has not answered by then will not.
const LOOKUP_LIMIT: Duration = Duration::from_secs(10);

tokio::task_local! {
    /// The addresses checked for the request that this task is making.
    pub(super) static CHECKED: Vec<SocketAddr>;
}

/// How a name becomes addresses: by the system's resolver, or by a test's hand.
pub trait Lookup: Send + Sync {
    /// The addresses of `host`, in the resolver's order of preference, with `port`.
    fn look_up<'a>(&'a self, host: &'a str, port: u16) -> Addresses<'a>;
}

/// What [`Lookup::look_up`] gives.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// The system's resolver.
#[derive(Debug, Clone, Copy)]
pub struct Resolver;

impl Lookup for Resolver {
    fn look_up<'a>(&'a self, host: &'a str, port: u16) -> Addresses<'a> {
        Box::pin(async move { Ok(lookup_host((host, port)).await?.take(MAX_ADDRESSES).collect()) })
    }
}

/// Where a URL leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Checked, in the resolver's order of preference, with the port to dial.
    pub addresses: Vec<SocketAddr>,
    /// Those that count for the budget by address: a whole intranet or test stand may live behind one address,
    /// so what the operator reroutes or allows by name does not.
    pub counted: Vec<IpAddr>,
    /// `connect_to` decided.
    pub rerouted: bool,
}

/// The client's resolver: hands out what was checked.
pub(super) struct CheckedOnly;

impl Resolve for CheckedOnly {
    fn resolve(&self, _name: Name) -> Resolving {
        let checked = CHECKED.try_with(Clone::clone);
        Box::pin(ready(match checked {
            Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
            Err(_) => Err("no checked address".into()),
        }))
    }
}

/// Where `connect_to` sends `url`, by `host:port` first, then by `host`. Literal addresses are not rerouted.
pub(super) fn connect_to(url: &Url, rules: &FetchRules) -> Option<SocketAddr> {
    // Most wires reroute nobody.
    if rules.connect_to.is_empty() {
        return None;
    }
    let Some(Host::Domain(host)) = url.host() else { return None };
    let exact = url.port_or_known_default().and_then(|port| rules.connect_to.get(&format!("{host}:{port}")));
    exact.or_else(|| rules.connect_to.get(host)).copied()
}

/// The addresses of `url` that may be dialled.
///
/// # Errors
/// `Refused` when the guard leaves none, `Failed` when there was none.
pub(super) async fn route(url: &Url, rules: &FetchRules, names: &dyn Lookup) -> Result<Route, Early> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let found = match (url.host(), connect_to(url, rules)) {
        (_, Some(target)) => {
            guard::allowed(target.ip(), &rules.allow_private)
                .map_err(|what| refused(format!("connect_to sends {host} to {target}, which is {what}")))?;
            return Ok(Route { addresses: vec![target], counted: Vec::new(), rerouted: true });
        }
        (Some(Host::Ipv4(ip)), None) => vec![SocketAddr::from((ip, port))],
        (Some(Host::Ipv6(ip)), None) => vec![SocketAddr::from((ip, port))],
        (_, None) => look_up(names, host, port).await?,
    };
    let listed = guard::port_is_listed(url, rules);
    let addresses = filter(host, &found, listed, rules)?;
    let counted = addresses.iter().map(SocketAddr::ip).filter(|ip| !guard::inside(*ip, &rules.allow_private)).collect();
    Ok(Route { addresses, counted, rerouted: false })
}

async fn look_up(names: &dyn Lookup, host: &str, port: u16) -> Result<Vec<SocketAddr>, Early> {
    match timeout(LOOKUP_LIMIT, names.look_up(host, port)).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(_)) => Err(failed(FailureKind::Dns, format!("no address for {host}"))),
        Err(_) => Err(failed(FailureKind::Dns, format!("no answer from the resolver about {host}"))),
    }
}

/// Those of `found` that may be dialled; on a port that is not `listed`, only those in `allow_private`.
fn filter(host: &str, found: &[SocketAddr], listed: bool, rules: &FetchRules) -> Result<Vec<SocketAddr>, Early> {
    let mut why_not = None;
    let mut kept = Vec::new();
    for address in found {
        let ip = address.ip();
        match guard::allowed(ip, &rules.allow_private) {
            Err(what) => why_not = Some(format!("{host} is at {ip}, which is {what}")),
            Ok(()) if !listed && !guard::inside(ip, &rules.allow_private) => {
                why_not = Some(format!("port {} is not listed in `fetch.ports`", address.port()));
            }
            Ok(()) => kept.push(*address),
        }
    }
    match why_not {
        _ if !kept.is_empty() => Ok(kept),
        Some(why) => Err(refused(why)),
        None => Err(failed(FailureKind::Dns, format!("no address for {host}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> FetchRules {
        FetchRules {
            allow_private: vec![("10.0.0.0".parse().unwrap(), 8)],
            connect_to: [("a.test", "10.0.0.1:1"), ("a.test:443", "10.0.0.1:2"), ("b.test:8080", "127.0.0.1:3")]
                .map(|(host, to)| (host.to_owned(), to.parse().unwrap()))
                .into(),
            ..FetchRules::default()
        }
    }

    #[test]
    fn connect_to_prefers_the_exact_port() {
        let check = |url: &str, expect: Option<&str>| {
            let found = connect_to(&Url::parse(url).unwrap(), &rules());
            assert_eq!(found, expect.map(|text| text.parse().unwrap()), "{url}");
        };
        check("http://a.test/", Some("10.0.0.1:1"));
        check("http://A.TEST:81/", Some("10.0.0.1:1"));
        check("https://a.test/", Some("10.0.0.1:2"));
        check("http://b.test:8080/", Some("127.0.0.1:3"));
        check("http://b.test/", None);
        check("http://c.a.test/", None);
        check("http://10.0.0.1/", None);
    }

    #[test]
    fn answers_are_filtered_by_the_guard_and_the_port() {
        let check = |found: &[&str], listed: bool, expect: Result<&[&str], &str>| {
            let found: Vec<SocketAddr> = found.iter().map(|text| text.parse().unwrap()).collect();
            let kept = filter("x.test", &found, listed, &rules());
            match (kept, expect) {
                (Ok(kept), Ok(expect)) => {
                    assert_eq!(kept.iter().map(ToString::to_string).collect::<Vec<_>>(), expect);
                }
                (Err(Early::Refused(why)), Err(expect)) => assert!(why.to_string().contains(expect), "{why}"),
                (Err(Early::Failed(why)), Err(expect)) => assert!(why.to_string().contains(expect), "{why}"),
                (kept, expect) => panic!("{found:?}: {kept:?} instead of {expect:?}"),
            }
        };
        check(&["8.8.8.8:80", "127.0.0.1:80"], true, Ok(&["8.8.8.8:80"]));
        check(&["127.0.0.1:80", "[::1]:80"], true, Err("x.test is at ::1, which is loopback"));
        check(&["10.0.0.7:22", "8.8.8.8:22"], false, Ok(&["10.0.0.7:22"]));
        check(&["8.8.8.8:22"], false, Err("port 22"));
        check(&[], true, Err("no address for x.test"));
    }

    #[tokio::test]
    async fn a_rerouted_host_passes_the_guard_too() {
        let rules = rules();
        let ask = async |url: &str| route(&Url::parse(url).unwrap(), &rules, &Resolver).await;
        let good = ask("https://a.test/x").await.unwrap();
        assert_eq!(good.addresses, ["10.0.0.1:2".parse().unwrap()]);
        assert!(good.rerouted && good.counted.is_empty());
        assert!(matches!(ask("http://b.test:8080/").await, Err(Early::Refused(_))));
        assert!(matches!(ask("http://localhost/").await, Err(Early::Refused(_))));
        assert_eq!(ask("http://8.8.8.8/").await.unwrap().counted, ["8.8.8.8".parse::<IpAddr>().unwrap()]);
    }
}
