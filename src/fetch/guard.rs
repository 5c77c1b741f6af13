//! What may be dialled: an address or a URL comes in, yes or the reason against it goes out.
//!
//! A feed is somebody else's text, so every URL in it is too: without this guard a publisher could make us ask
//! our own machine, the operator's router or a cloud's metadata service. Never resolves, never dials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::FetchRules;

/// A network as base address and prefix length in bits: `10.0.0.0/8`.
pub type Network = (IpAddr, u8);

/// Longer addresses are no news; the bound keeps the matching of robots rules cheap.
const MAX_URL: usize = 8 * 1024;

/// IPv4 that is not the public internet (IANA special-purpose registry, RFC 6890), each with its name.
const SPECIAL_V4: [(Ipv4Addr, u8, &str); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8, "\"this network\""),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a 6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::BROADCAST, 32, "broadcast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// IPv6 that is not the public internet; the last row is everything that is not global unicast.
const SPECIAL_V6: [(Ipv6Addr, u8, &str); 17] = [
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::UNSPECIFIED, 96, "an IPv4-compatible form"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "a local translation"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "a discard address"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "a Teredo tunnel"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "for protocols"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "a 6to4 tunnel"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation"),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "for segment routing"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "private"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
    (Ipv6Addr::UNSPECIFIED, 3, "not global"),
    (Ipv6Addr::new(0x4000, 0, 0, 0, 0, 0, 0, 0), 2, "not global"),
];

/// Whether `ip` may be dialled: it is public, or lies in a network of `allow`.
///
/// An IPv6 form that carries an IPv4 address (mapped, NAT64 `64:ff9b::/96`) is judged by what it carries: networks with
/// IPv6 alone reach all others so. Tunnels (6to4, Teredo) are refused whatever they carry: they are out of use (RFC
/// 7526), and where one ends nobody knows. `allow` is taken at its word: an allowed IPv4 network does not allow such forms of it, since no honest name
/// resolves to them.
///
/// # Errors
/// What the address is instead, fit for "`ip` is …".
pub fn allowed(ip: IpAddr, allow: &[Network]) -> Result<(), &'static str> {
    if inside(ip, allow) {
        return Ok(());
    }
    let special = match carried(ip) {
        IpAddr::V4(v4) => SPECIAL_V4.iter().find(|(base, bits, _)| in_v4(v4, *base, *bits)).map(|row| row.2),
        IpAddr::V6(v6) => SPECIAL_V6
            .iter()
            .find(|(base, bits, _)| in_v6(v6, *base, *bits))
            .map(|row| row.2)
            .or_else(|| (v6.segments()[0] >= 0x8000).then_some("not global")),
    };
    special.map_or(Ok(()), Err)
}

/// Whether `ip` lies in one of `networks`, family by family.
pub fn inside(ip: IpAddr, networks: &[Network]) -> bool {
    networks.iter().any(|network| match (ip, *network) {
        (IpAddr::V4(v4), (IpAddr::V4(base), bits)) => in_v4(v4, base, bits),
        (IpAddr::V6(v6), (IpAddr::V6(base), bits)) => in_v6(v6, base, bits),
        _ => false,
    })
}

/// Whether `url` may be asked, as far as its text says: scheme, user info, port, and a literal address in any
/// spelling (the URL parser has already made `2130706433`, `0x7f.1` and `127.1` the same address).
/// What a name resolves to is judged when it is resolved.
///
/// # Errors
/// One phrase saying what is wrong, without path or query.
pub fn check(url: &Url, rules: &FetchRules) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("the scheme `{}` is not http or https", url.scheme()));
    }
    if url.as_str().len() > MAX_URL {
        return Err(format!("the address is longer than {MAX_URL} bytes"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address holds a user name or password".to_owned());
    }
    let ip = match url.host() {
        None => return Err("the address names no host".to_owned()),
        Some(Host::Domain(_)) => None,
        Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
    };
    if let Some(ip) = ip {
        allowed(ip, &rules.allow_private).map_err(|what| format!("{ip} is {what}"))?;
    }
    // A name may still turn out to live in a private network that is allowed on any port.
    let may_be_private =
        ip.map_or(!rules.allow_private.is_empty(), |ip| inside(ip, &rules.allow_private)) || rerouted(url, rules);
    if port_is_listed(url, rules) || may_be_private {
        return Ok(());
    }
    Err(format!("port {} is not listed in `fetch.ports`", url.port_or_known_default().unwrap_or_default()))
}

/// Whether a redirect `from` → `to` may be followed: never from https down to http, where anyone on the way could
/// write the answer. Up is welcome.
///
/// # Errors
/// One phrase saying what is wrong.
pub fn check_redirect(from: &Url, to: &Url) -> Result<(), String> {
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(format!("{} redirects from https to http", from.host_str().unwrap_or_default()));
    }
    Ok(())
}

/// Whether the port of `url` is one that any public host may be asked on.
pub(super) fn port_is_listed(url: &Url, rules: &FetchRules) -> bool {
    url.port_or_known_default().is_some_and(|port| rules.ports.contains(&port))
}

fn rerouted(url: &Url, rules: &FetchRules) -> bool {
    super::dial::connect_to(url, rules).is_some()
}

/// The IPv4 address that an IPv6 form carries; else `ip` itself.
fn carried(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    let join = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => join(high, low),
        _ => ip,
    }
}

fn in_v4(ip: Ipv4Addr, base: Ipv4Addr, bits: u8) -> bool {
    let shift = 32_u32.saturating_sub(u32::from(bits));
    let cut = |ip: Ipv4Addr| ip.to_bits().checked_shr(shift).unwrap_or(0);
    cut(ip) == cut(base)
}

fn in_v6(ip: Ipv6Addr, base: Ipv6Addr, bits: u8) -> bool {
    let shift = 128_u32.saturating_sub(u32::from(bits));
    let cut = |ip: Ipv6Addr| ip.to_bits().checked_shr(shift).unwrap_or(0);
    cut(ip) == cut(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Network {
        let (ip, bits) = text.split_once('/').unwrap();
        (ip.parse().unwrap(), bits.parse().unwrap())
    }

    /// `Ok` for what may be dialled, else what it is.
    fn judge_ip(ip: &str, expect: Result<(), &str>) {
        assert_eq!(allowed(ip.parse().unwrap(), &[]), expect, "{ip}");
    }

    #[test]
    fn only_public_v4_may_be_dialled() {
        for public in ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "11.0.0.1"] {
            judge_ip(public, Ok(()));
        }
        judge_ip("0.0.0.0", Err("\"this network\""));
        judge_ip("0.1.2.3", Err("\"this network\""));
        judge_ip("10.255.255.255", Err("private"));
        judge_ip("100.64.0.1", Err("shared by carriers"));
        judge_ip("127.0.0.1", Err("loopback"));
        judge_ip("127.255.0.1", Err("loopback"));
        judge_ip("169.254.169.254", Err("link-local"));
        judge_ip("172.16.0.1", Err("private"));
        judge_ip("172.31.255.255", Err("private"));
        judge_ip("192.0.0.8", Err("for protocols"));
        judge_ip("192.0.2.1", Err("for documentation"));
        judge_ip("192.88.99.1", Err("a 6to4 relay"));
        judge_ip("192.168.0.1", Err("private"));
        judge_ip("198.18.0.1", Err("for benchmarks"));
        judge_ip("198.19.255.1", Err("for benchmarks"));
        judge_ip("198.51.100.1", Err("for documentation"));
        judge_ip("203.0.113.1", Err("for documentation"));
        judge_ip("224.0.0.1", Err("multicast"));
        judge_ip("239.255.255.250", Err("multicast"));
        judge_ip("240.0.0.1", Err("reserved"));
        judge_ip("255.255.255.255", Err("broadcast"));
    }

    #[test]
    fn only_public_v6_may_be_dialled() {
        for public in ["2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "::ffff:8.8.8.8"] {
            judge_ip(public, Ok(()));
        }
        judge_ip("64:ff9b::808:808", Ok(()));
        judge_ip("::", Err("unspecified"));
        judge_ip("::1", Err("loopback"));
        judge_ip("::127.0.0.1", Err("an IPv4-compatible form"));
        judge_ip("::ffff:127.0.0.1", Err("loopback"));
        judge_ip("::ffff:10.0.0.1", Err("private"));
        judge_ip("::ffff:0:127.0.0.1", Err("not global"));
        judge_ip("64:ff9b::7f00:1", Err("loopback"));
        judge_ip("64:ff9b::a9fe:a9fe", Err("link-local"));
        judge_ip("64:ff9b:1::808:808", Err("a local translation"));
        judge_ip("100::1", Err("a discard address"));
        judge_ip("2001::1", Err("a Teredo tunnel"));
        judge_ip("2001:2::1", Err("for protocols"));
        judge_ip("2001:20::1", Err("for protocols"));
        judge_ip("2001:db8::1", Err("for documentation"));
        judge_ip("2002:7f00:1::", Err("a 6to4 tunnel"));
        judge_ip("2002:808:808::1", Err("a 6to4 tunnel"));
        judge_ip("3fff::1", Err("for documentation"));
        judge_ip("5f00::1", Err("for segment routing"));
        judge_ip("fc00::1", Err("private"));
        judge_ip("fd12:3456::1", Err("private"));
        judge_ip("fe80::1", Err("link-local"));
        judge_ip("fec0::1", Err("site-local"));
        judge_ip("ff02::1", Err("multicast"));
        judge_ip("4000::1", Err("not global"));
        judge_ip("8000::1", Err("not global"));
        judge_ip("e000::1", Err("not global"));
    }

    /// The blocks of both special-purpose registries (RFC 6890, RFC 8190, as of October 2025) that are not globally
    /// reachable, and multicast: neither their first nor their last address may be dialled.
    const NOT_GLOBAL: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/29",
        "192.0.0.8/32",
        "192.0.0.170/31",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2001::/32",
        "2001:2::/48",
        "2001:10::/28",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ];

    /// The first and the last address of a network.
    fn ends((base, bits): Network) -> [IpAddr; 2] {
        match base {
            IpAddr::V4(v4) => {
                let rest = u32::MAX.checked_shr(bits.into()).unwrap_or(0);
                [v4, Ipv4Addr::from_bits(v4.to_bits() | rest)].map(IpAddr::V4)
            }
            IpAddr::V6(v6) => {
                let rest = u128::MAX.checked_shr(bits.into()).unwrap_or(0);
                [v6, Ipv6Addr::from_bits(v6.to_bits() | rest)].map(IpAddr::V6)
            }
        }
    }

    #[test]
    fn nothing_of_the_registries_that_is_not_global_may_be_dialled() {
        for block in NOT_GLOBAL {
            for ip in ends(net(block)) {
                assert!(allowed(ip, &[]).is_err(), "{ip} of {block}");
                // Nor in a form that carries it.
                let IpAddr::V4(v4) = ip else { continue };
                let nat64 = Ipv6Addr::from_bits(u128::from(v4.to_bits()) | (0x64_ff9b << 96));
                for form in [v4.to_ipv6_mapped(), v4.to_ipv6_compatible(), nat64] {
                    assert!(allowed(form.into(), &[]).is_err(), "{form} of {block}");
                }
            }
        }
        // All of IPv6 but 2000::/3, in which alone addresses are given out.
        for first in (0..=0xff_u16).map(|high| high << 8).filter(|first| first >> 13 != 1) {
            let ip = Ipv6Addr::new(first, 0x1234, 1, 1, 1, 1, 1, 1);
            assert!(allowed(ip.into(), &[]).is_err(), "{ip}");
        }
    }

    #[test]
    fn allow_private_is_taken_at_its_word() {
        let check = |ip: &str, allow: &str, expect: bool| {
            assert_eq!(allowed(ip.parse().unwrap(), &[net(allow)]).is_ok(), expect, "{ip} with {allow}");
        };
        check("127.0.0.1", "127.0.0.0/8", true);
        check("127.0.0.1", "127.0.0.1/32", true);
        check("127.0.0.2", "127.0.0.1/32", false);
        check("10.1.2.3", "10.0.0.0/8", true);
        check("10.1.2.3", "192.168.0.0/16", false);
        check("10.1.2.3", "0.0.0.0/0", true);
        check("fd00::1", "fc00::/7", true);
        check("::1", "::/0", true);
        check("::ffff:127.0.0.1", "127.0.0.0/8", false);
        check("::1", "127.0.0.0/8", false);
    }

    #[test]
    fn urls_are_judged_by_their_text() {
        let rules = FetchRules {
            ports: vec![80, 443, 8080],
            connect_to: [("mapped.example:9000".to_owned(), "127.0.0.1:1".parse().unwrap())].into(),
            ..FetchRules::default()
        };
        let private = FetchRules { allow_private: vec![net("10.0.0.0/8")], ..rules.clone() };
        let judge = |url: &str, rules: &FetchRules, expect: Result<(), &str>| {
            let found = check(&Url::parse(url).unwrap(), rules);
            assert_eq!(found.as_ref().map_err(String::as_str), expect.as_ref().map_err(|text| *text), "{url}");
        };
        judge("http://example.org/", &rules, Ok(()));
        judge("https://example.org/?q", &rules, Ok(()));
        judge("http://example.org:8080/", &rules, Ok(()));
        judge("http://mapped.example:9000/", &rules, Ok(()));
        judge("http://8.8.8.8/", &rules, Ok(()));
        judge("http://10.0.0.1:22/", &private, Ok(()));
        // The name may live in 10/8; the resolver decides.
        judge("http://intranet.example:22/", &private, Ok(()));
        judge("http://example.org:22/", &rules, Err("port 22 is not listed in `fetch.ports`"));
        judge("http://mapped.example:9001/", &rules, Err("port 9001 is not listed in `fetch.ports`"));
        judge("http://8.8.8.8:22/", &private, Err("port 22 is not listed in `fetch.ports`"));
        judge("ftp://example.org/", &rules, Err("the scheme `ftp` is not http or https"));
        judge("file:///etc/passwd", &rules, Err("the scheme `file` is not http or https"));
        judge("http://user@example.org/", &rules, Err("the address holds a user name or password"));
        judge("http://:pass@example.org/", &rules, Err("the address holds a user name or password"));
        for spelling in ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "0x7f000001", "127.0.0.1."] {
            judge(&format!("http://{spelling}/"), &rules, Err("127.0.0.1 is loopback"));
        }
        judge("http://[::1]/", &rules, Err("::1 is loopback"));
        judge("http://[::ffff:127.0.0.1]/", &rules, Err("::ffff:127.0.0.1 is loopback"));
        judge("http://169.254.169.254/latest/", &rules, Err("169.254.169.254 is link-local"));
        let long = format!("http://example.org/{}", "a".repeat(MAX_URL));
        judge(&long, &rules, Err("the address is longer than 8192 bytes"));
    }

    #[test]
    fn redirects_never_leave_tls() {
        let check = |from: &str, to: &str, expect: bool| {
            let (from, to) = (Url::parse(from).unwrap(), Url::parse(to).unwrap());
            assert_eq!(check_redirect(&from, &to).is_ok(), expect, "{from} to {to}");
        };
        check("http://a.example/", "https://a.example/", true);
        check("http://a.example/", "http://b.example/", true);
        check("https://a.example/", "https://b.example/", true);
        check("https://a.example/", "http://a.example/", false);
    }
}
