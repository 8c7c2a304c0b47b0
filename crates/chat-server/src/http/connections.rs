//! How many connections there are, in all and from each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use prometheus_client::metrics::gauge::Gauge;

use crate::address::canonical;
use crate::config::Config;
use crate::metrics::Metrics;

/// Counts connections against the limits.
pub(super) struct Connections {
    limit: usize,
    limit_per_address: usize,
    /// Whose connections are many people's.
    proxies: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place; it is free again when this is dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    gauge: Gauge,
    /// Whose place it is: the address as limits see it.
    address: IpAddr,
}

impl Connections {
    pub(super) fn new(config: &Config) -> Self {
        let limit_per_address =
            if config.rate_limit { config.max_connections_per_address } else { usize::MAX };
        let proxies = config.trusted_proxies.clone();
        Self { limit: config.max_connections, limit_per_address, proxies, open: Mutex::default() }
    }

    /// A place for a connection from `address`, if there is one.
    pub(super) fn take(connections: &Arc<Self>, address: IpAddr, metrics: &Metrics) -> Option<Arc<Place>> {
        let address = canonical(address);
        let mut open = connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = open.by_address.get(&address).copied().unwrap_or(0);
        let is_proxy = connections.proxies.iter().any(|net| net.contains(&address));
        if open.all >= connections.limit || (!is_proxy && theirs >= connections.limit_per_address) {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, theirs + 1);
        metrics.connections.inc();
        Some(Arc::new(Place {
            connections: connections.clone(),
            gauge: metrics.connections.clone(),
            address,
        }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gauge.dec();
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(theirs) = open.by_address.get_mut(&self.address) {
            *theirs -= 1;
            if *theirs == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_and_given_back() {
        let mut config = Config::new("unused".into());
        (config.max_connections, config.max_connections_per_address) = (3, 2);
        let (connections, metrics) = (Arc::new(Connections::new(&config)), Metrics::default());
        let take = |address: &str| Connections::take(&connections, address.parse().unwrap(), &metrics);
        let first = take("10.0.0.1").unwrap();
        let _second = take("::ffff:10.0.0.1").unwrap();
        assert!(take("10.0.0.1").is_none(), "the address has two");
        let _third = take("2001:db8::1").unwrap();
        assert!(take("10.0.0.2").is_none(), "there are three in all");
        drop(first);
        assert!(take("10.0.0.1").is_some());
    }
}
