//! Addresses as limits and bans see them, and the client's address behind proxies.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};

/// The prefix length of an IPv6 network that counts as one customer.
const CUSTOMER_BITS: u8 = 64;

/// Returns the address that stands for a customer: an IPv4-mapped IPv6 address becomes IPv4, and an IPv6 address its
/// /64 network.
#[must_use]
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Net::new(v6, CUSTOMER_BITS).map_or(IpAddr::V6(v6), |net| net.network().into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Returns the network that a ban of this address applies to: an IPv4 address itself, or an IPv6 customer's network.
#[must_use]
pub(crate) fn network_of(address: IpAddr) -> IpNet {
    match canonical(address) {
        v6 @ IpAddr::V6(_) => IpNet::new(v6, CUSTOMER_BITS).unwrap_or_else(|_| v6.into()),
        v4 @ IpAddr::V4(_) => v4.into(),
    }
}

/// Parses an address or a network in CIDR notation.
#[must_use]
pub(crate) fn parse_network(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpAddr>().map(network_of).or_else(|_| text.parse::<IpNet>()).ok()?;
    Some(net.trunc())
}

/// A hop in `X-Forwarded-For` that a trusted proxy wrote and that is not an address, such as `unknown`. It has no
/// substitute: everyone behind that proxy would share the substitute, and one of them could lock out the others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnreadableHop(pub(crate) String);

/// Returns the client's address: the peer's or, if that is a trusted proxy, the last one in `X-Forwarded-For` that is
/// not.
///
/// What the client itself wrote into the header comes before that and is ignored, readable or not.
///
/// # Errors
/// The hop that decides, if it cannot be read.
pub(crate) fn client<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> Result<IpAddr, UnreadableHop> {
    let hops = forwarded.flat_map(|line| line.split(',')).map(str::trim);
    let mut from = peer;
    // Empty list elements are ignored (RFC 9110, 5.6.1).
    for hop in hops.filter(|hop| !hop.is_empty()).rev() {
        if !is_trusted(from, trusted) {
            break;
        }
        from = parse_hop(hop).ok_or_else(|| UnreadableHop(hop.to_owned()))?;
    }
    Ok(from)
}

/// Whether an address belongs to a trusted proxy.
#[must_use]
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address.to_canonical()))
}

/// Parses an address as proxies write it: with or without quotation marks, a port, brackets or a zone.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.strip_prefix('"').map_or(Some(hop), |rest| rest.strip_suffix('"'))?;
    if let Some(rest) = hop.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return if is_port { Some(IpAddr::V6(without_zone(address).parse().ok()?)) } else { None };
    }
    let whole = without_zone(hop).parse().ok();
    whole.or_else(|| {
        let (address, port) = hop.rsplit_once(':')?;
        is_port(port).then(|| without_zone(address).parse().ok())?
    })
}

/// Removes the interface that an address belongs to (RFC 4007, 11).
fn without_zone(address: &str) -> &str {
    address.split_once('%').map_or(address, |(address, _)| address)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_customer_is_one_address() {
        assert_eq!(canonical(ip("::ffff:10.0.0.1")), ip("10.0.0.1"));
        assert_eq!(canonical(ip("2001:db8::1")), canonical(ip("2001:db8::ffff:2")));
        assert_ne!(canonical(ip("2001:db8::1")), canonical(ip("2001:db8:0:1::1")));
        assert!(parse_network("2001:db8::1").unwrap().contains(&ip("2001:db8::9")));
        assert_eq!(parse_network("203.0.113.7").unwrap().to_string(), "203.0.113.7/32");
        assert_eq!(parse_network("203.0.113.7/24").unwrap().to_string(), "203.0.113.0/24");
        assert_eq!(parse_network("alice"), None);
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let proxy = [parse_network("10.0.0.0/8").unwrap()];
        let from = |peer, lines: &[&str]| client(ip(peer), lines.iter().copied(), &proxy).unwrap();
        assert_eq!(from("192.0.2.1", &["198.51.100.1"]), ip("192.0.2.1"));
        assert_eq!(from("10.0.0.1", &["6.6.6.6, 198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(from("10.0.0.1", &["6.6.6.6", "198.51.100.1, 10.0.0.2"]), ip("198.51.100.1"));
        assert_eq!(from("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(from("::ffff:10.0.0.1", &["nonsense, 198.51.100.1"]), ip("198.51.100.1"));
        let unread = client(ip("10.0.0.1"), ["198.51.100.1, nonsense"].into_iter(), &proxy);
        assert_eq!(unread, Err(UnreadableHop("nonsense".to_owned())));
    }

    #[test]
    fn a_hop_is_read_however_a_proxy_writes_it() {
        for (hop, address) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:51234", "203.0.113.7"),
            ("\"203.0.113.7:1\"", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("2001:db8:0:0:0:0:0:1:443", "2001:db8::1"),
            ("::ffff:203.0.113.7", "::ffff:203.0.113.7"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:443", "fe80::1"),
        ] {
            assert_eq!(parse_hop(hop), Some(ip(address)), "{hop}");
        }
        for hop in [
            "unknown",
            "_hidden",
            "203.0.113.7:",
            "203.0.113.7:x",
            "203.0.113.7:70000",
            "[203.0.113.7]",
            "\"203.0.113.7",
            "[::1",
            "for=::1",
            "1",
            ":1",
        ] {
            assert_eq!(parse_hop(hop), None, "{hop}");
        }
    }

    #[test]
    fn fuzz_addresses() {
        let everyone = ["0.0.0.0/0", "::/0"].map(|net| parse_network(net).unwrap());
        chat_fuzz::run("addresses", [], |input| {
            let text = String::from_utf8_lossy(input);
            if let Some(net) = parse_network(&text) {
                assert_eq!(parse_network(&net.to_string()), Some(net));
            }
            for peer in ["192.0.2.1", "2001:db8::1"].map(ip) {
                assert_eq!(client(peer, text.lines(), &[]), Ok(peer), "a stranger is not believed");
                let Ok(address) = client(peer, text.lines(), &everyone) else { continue };
                assert_eq!(parse_hop(&address.to_string()), Some(address));
                assert_eq!(canonical(canonical(address)), canonical(address));
                assert!(network_of(address).contains(&canonical(address)));
            }
        });
    }
}
