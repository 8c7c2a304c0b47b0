//! Which hosts are near: this computer and its own network, where a plain connection is usual.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address that a host is, if it is one. In a URL those of IPv6 are in brackets.
fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let address: IpAddr = bare.parse().ok()?;
    Some(address.to_canonical())
}

/// Whether a host is this computer.
pub(super) fn is_loopback(host: &str) -> bool {
    match address(host) {
        Some(address) => address.is_loopback() || address.is_unspecified(),
        None => host == "localhost",
    }
}

/// Whether a host, in lower case, is this computer or belongs to its own network.
pub(super) fn is_near(host: &str) -> bool {
    match address(host) {
        Some(_) if is_loopback(host) => true,
        Some(IpAddr::V4(address)) => is_private(address),
        Some(IpAddr::V6(address)) => is_local(address),
        None => is_local_name(host),
    }
}

/// RFC 1918, link-local, and the addresses that providers share out behind one (RFC 6598).
fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || address.is_link_local() || (first == 100 && (64..128).contains(&second))
}

/// Link-local and unique local addresses.
fn is_local(address: Ipv6Addr) -> bool {
    address.is_unicast_link_local() || address.is_unique_local()
}

/// `localhost`, names of multicast DNS, and names of one label. A label that begins with a digit may be an address in
/// another notation, such as 134744072 for 8.8.8.8.
fn is_local_name(host: &str) -> bool {
    let is_label = !host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphabetic());
    is_label || host.strip_suffix('.').unwrap_or(host).ends_with(".local")
}
