//! Which hosts are near: this computer and its own network, where plain connections are usual.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

/// Returns the host's address, if the host is an IP address.
fn address<S>(host: &Host<S>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some(IpAddr::from(*address).to_canonical()),
    }
}

/// Whether a host is this computer.
pub(super) fn is_loopback(host: &Host<String>) -> bool {
    match address(host) {
        Some(address) => address.is_loopback() || address.is_unspecified(),
        None => matches!(host, Host::Domain(name) if name == "localhost"),
    }
}

/// Whether a host is this computer or belongs to its own network.
pub(super) fn is_near(host: &Host<String>) -> bool {
    match (address(host), host) {
        (Some(_), _) if is_loopback(host) => true,
        (Some(IpAddr::V4(address)), _) => is_private(address),
        (Some(IpAddr::V6(address)), _) => is_local(address),
        (None, Host::Domain(name)) => is_local_name(name),
        (None, _) => false,
    }
}

/// RFC 1918, link-local, and carrier-grade NAT (RFC 6598).
fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || address.is_link_local() || (first == 100 && (64..128).contains(&second))
}

/// Link-local and unique local addresses.
fn is_local(address: Ipv6Addr) -> bool {
    address.is_unicast_link_local() || address.is_unique_local()
}

/// Whether a host name is local: `localhost`, multicast DNS names and names of one label. A label that begins with a
/// digit may be an address in another notation, such as 134744072 for 8.8.8.8.
fn is_local_name(host: &str) -> bool {
    let is_label = !host.contains('.') && host.starts_with(|c: char| c.is_ascii_alphabetic());
    is_label || host.strip_suffix('.').unwrap_or(host).ends_with(".local")
}
