//! What the kernel keeps of this process.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use prometheus_client::{metrics::counter, registry::Registry};

use super::{Gauge, Metric, list};

/// Metrics of the process, read from `/proc` at each reading of the metrics.
pub(super) struct Process {
    cpu: counter::Counter<f64, AtomicU64>,
    memory: Gauge,
    addresses: Gauge,
    threads: Gauge,
    files: Gauge,
    files_allowed: Gauge,
}

impl Process {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let cpu = counter::Counter::default();
        let (name, about) = of(&list::PROCESS_CPU);
        registry.register(name.trim_end_matches("_total"), about, cpu.clone());
        let mut gauge = |metric| {
            let gauge = Gauge::default();
            let (name, about) = of(metric);
            registry.register(name, about, gauge.clone());
            gauge
        };
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        gauge(&list::PROCESS_START).set(started.unwrap_or_default().as_secs_f64());
        Self {
            memory: gauge(&list::PROCESS_MEMORY),
            addresses: gauge(&list::PROCESS_ADDRESSES),
            threads: gauge(&list::PROCESS_THREADS),
            files: gauge(&list::PROCESS_FILES),
            files_allowed: gauge(&list::PROCESS_FILES_ALLOWED),
            cpu,
        }
    }

    /// Reads them anew. What the kernel does not tell stays as it was.
    pub(super) fn read(&self) {
        let Ok(process) = procfs::process::Process::myself() else {
            return;
        };
        if let Ok(stat) = process.stat() {
            let ticks = (stat.utime + stat.stime) as f64;
            let seconds = ticks / procfs::ticks_per_second() as f64;
            self.cpu.inner().store(seconds.to_bits(), Ordering::Relaxed);
            self.memory.set((stat.rss * procfs::page_size()) as f64);
            self.addresses.set(stat.vsize as f64);
            self.threads.set(stat.num_threads as f64);
        }
        if let Ok(count) = process.fd_count() {
            self.files.set(count as f64);
        }
        if let Ok(limits) = process.limits() {
            use procfs::process::LimitValue;
            self.files_allowed
                .set(match limits.max_open_files.soft_limit {
                    LimitValue::Value(allowed) => allowed as f64,
                    LimitValue::Unlimited => f64::INFINITY,
                });
        }
    }
}

fn of(metric: &Metric<()>) -> (&'static str, &'static str) {
    let declared = list::ALL.iter().find(|known| known.name == metric.name);
    declared.map_or((metric.name, ""), |known| (known.name, known.about))
}
