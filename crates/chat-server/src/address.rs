//! Addresses as limits and bans see them, and which of several a request came from.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};

/// How many bits of an IPv6 address name one customer.
const CUSTOMER_BITS: u8 = 64;

/// One customer, one address: IPv4 in IPv6 is IPv4, and of IPv6 the network (/64) counts.
#[must_use]
pub fn canonical(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Net::new(v6, CUSTOMER_BITS).map_or(IpAddr::V6(v6), |net| net.network().into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The network that a ban of this address is about: the address itself, of IPv6 the customer's.
#[must_use]
pub fn network_of(address: IpAddr) -> IpNet {
    match canonical(address) {
        v6 @ IpAddr::V6(_) => IpNet::new(v6, CUSTOMER_BITS).unwrap_or_else(|_| v6.into()),
        v4 @ IpAddr::V4(_) => v4.into(),
    }
}

/// Parses an address or a network in CIDR notation.
#[must_use]
pub fn parse_network(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpAddr>().map(network_of).or_else(|_| text.parse::<IpNet>()).ok()?;
    Some(net.trunc())
}

/// Where a request came from: the peer, or where that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is none. What a client claims of itself stands before that and counts for nothing.
#[must_use]
pub fn client<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
    let mut from = peer;
    for hop in forwarded.flat_map(|line| line.split(',')).rev() {
        if !is_trusted(&from) {
            break;
        }
        let Ok(address) = hop.trim().parse() else { break };
        from = address;
    }
    from
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
        let from = |peer, lines: &[&str]| client(ip(peer), lines.iter().copied(), &proxy);
        assert_eq!(from("192.0.2.1", &["198.51.100.1"]), ip("192.0.2.1"));
        assert_eq!(from("10.0.0.1", &["6.6.6.6, 198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(from("10.0.0.1", &["6.6.6.6", "198.51.100.1, 10.0.0.2"]), ip("198.51.100.1"));
        assert_eq!(from("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(from("10.0.0.1", &["nonsense"]), ip("10.0.0.1"));
    }
}
