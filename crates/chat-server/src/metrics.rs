//! The server's metrics, each named once. Each server has its own registry, so that several can run in one process,
//! as in tests.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Handles to all metrics. Each use costs an atomic addition.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Open TCP connections.
    pub connections: Gauge,
    /// Connections refused because of a limit.
    pub refused_connections: Counter,
    /// Sessions that said hello and are open.
    pub sessions: Gauge,
    /// Live tasks of the runtime. Set when the metrics are read.
    pub tasks: Gauge,
    /// Events committed.
    pub events: Counter,
    /// The duration of commits in seconds, from the first statement to the sync.
    pub commits: Histogram,
    /// Commits that failed, of which nothing was stored.
    pub failed_commits: Counter,
    /// Events handed to sessions.
    pub deliveries: Counter,
    /// Sessions closed because they did not read what was sent.
    pub slow_sessions: Counter,
    /// Commands answered with an error.
    pub refused_commands: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("chat");
        let commits = Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        registry.register("commit_seconds", "Duration of commits", commits.clone());
        Self {
            connections: gauge(&mut registry, "connections", "TCP connections open now"),
            refused_connections: counter(&mut registry, "refused_connections", "Connections over a limit"),
            sessions: gauge(&mut registry, "sessions", "Sessions open now"),
            tasks: gauge(&mut registry, "tasks", "Tasks that live now"),
            events: counter(&mut registry, "events", "Events committed"),
            commits,
            failed_commits: counter(&mut registry, "failed_commits", "Commits that failed"),
            deliveries: counter(&mut registry, "deliveries", "Events handed to sessions"),
            slow_sessions: counter(&mut registry, "slow_sessions", "Sessions closed as slow"),
            refused_commands: counter(&mut registry, "refused_commands", "Commands answered with an error"),
            registry,
        }
    }
}

impl Metrics {
    /// Encodes all metrics in the OpenMetrics text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        if let Err(e) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            tracing::error!(error = %e, "the metrics cannot be written");
        }
        text
    }
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::<u64, AtomicU64>::default();
    registry.register(name, help, counter.clone());
    counter
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}
