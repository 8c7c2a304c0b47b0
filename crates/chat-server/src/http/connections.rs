//! Counts connections, in total and for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use chat_proto::ErrorCode;
use chat_proto::error::Refusal;
use ipnet::IpNet;
use parking_lot::Mutex;
use prometheus_client::metrics::gauge::Gauge;

use crate::address::{canonical, is_trusted};
use crate::config::Config;
use crate::metrics::Metrics;

/// How long an address with too many connections should wait before it tries again, in milliseconds.
const RETRY_MS: u64 = 5000;

/// Counts connections against the limits.
pub(super) struct Connections {
    limit: usize,
    limit_per_address: usize,
    /// Proxies, whose connections belong to many clients.
    proxies: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's slot, which is released when it is dropped.
pub(super) struct ConnectionSlot {
    connections: Arc<Connections>,
    gauge: Gauge,
    /// The address that it counts for.
    address: IpAddr,
}

impl Connections {
    pub(super) fn new(config: &Config) -> Self {
        let limit_per_address =
            if config.rate_limit { config.max_connections_per_address } else { usize::MAX };
        let proxies = config.trusted_proxies.clone();
        Self { limit: config.max_connections, limit_per_address, proxies, open: Mutex::default() }
    }

    /// Takes a slot for a connection from `address`, if one is free.
    pub(super) fn take(
        connections: &Arc<Self>,
        address: IpAddr,
        metrics: &Metrics,
    ) -> Option<Arc<ConnectionSlot>> {
        let address = canonical(address);
        let mut open = connections.open.lock();
        let theirs = open.by_address.get(&address).copied().unwrap_or(0);
        let is_proxy = is_trusted(address, &connections.proxies);
        if open.all >= connections.limit || (!is_proxy && theirs >= connections.limit_per_address) {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, theirs + 1);
        metrics.connections.inc();
        Some(Arc::new(ConnectionSlot {
            connections: connections.clone(),
            gauge: metrics.connections.clone(),
            address,
        }))
    }
}

/// A slot for a request or a session behind a proxy. It counts for the address behind the proxy until it is dropped.
pub(super) struct ClientSlot {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl ConnectionSlot {
    /// Takes a slot for `address`, unless that is the connection's own address.
    ///
    /// # Errors
    /// `rate_limited` if that address has too many connections.
    pub(super) fn count_for(&self, address: IpAddr) -> Result<Option<ClientSlot>, Refusal> {
        let address = canonical(address);
        if address == self.address {
            return Ok(None);
        }
        let connections = self.connections.clone();
        let mut open = connections.open.lock();
        let theirs = open.by_address.entry(address).or_default();
        if *theirs >= connections.limit_per_address {
            let why = "Too many connections come from your address. Close some, and try again in 5 s.";
            let busy = Refusal::new(ErrorCode::RateLimited, why);
            return Err(Refusal { retry_after_ms: Some(RETRY_MS), ..busy });
        }
        *theirs += 1;
        drop(open);
        Ok(Some(ClientSlot { connections, address }))
    }
}

impl Open {
    fn let_go(&mut self, address: &IpAddr) {
        if let Some(theirs) = self.by_address.get_mut(address) {
            *theirs -= 1;
            if *theirs == 0 {
                self.by_address.remove(address);
            }
        }
    }
}

impl Drop for ClientSlot {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.let_go(&self.address);
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.gauge.dec();
        let mut open = self.connections.open.lock();
        open.all -= 1;
        open.let_go(&self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_limited_and_given_back() {
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

    #[test]
    fn what_comes_through_a_proxy_counts_for_the_address_behind_it() {
        let mut config = Config::new("unused".into());
        config.max_connections_per_address = 2;
        config.trusted_proxies = vec!["10.0.0.9/32".parse().unwrap()];
        let (connections, metrics) = (Arc::new(Connections::new(&config)), Metrics::default());
        let take = |address: &str| Connections::take(&connections, address.parse().unwrap(), &metrics);
        let proxy: Vec<_> = (0..9).map(|_| take("10.0.0.9").unwrap()).collect();
        let speak = |n: usize, address: &str| proxy[n].count_for(address.parse().unwrap());
        let first = speak(0, "192.0.2.1").unwrap();
        let _second = speak(1, "192.0.2.1").unwrap();
        assert!(speak(2, "192.0.2.1").is_err() && take("192.0.2.1").is_none());
        assert!(speak(3, "192.0.2.2").is_ok(), "another one is not concerned");
        assert!(speak(4, "10.0.0.9").unwrap().is_none());
        drop(first);
        assert!(speak(5, "192.0.2.1").is_ok());
    }
}
