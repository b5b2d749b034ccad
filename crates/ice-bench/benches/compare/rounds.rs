//! Figures of many rounds: medians and how far they are spread.

use std::time::Duration;

/// What one contestant reached, round by round; more is better.
#[derive(Clone, Default)]
pub(crate) struct Series(Vec<f64>);

/// What one turn took: time, and time of processors.
pub(crate) struct Took {
    pub(crate) elapsed: Duration,
    pub(crate) processors: Duration,
}

/// One contestant: how fast, and at what cost.
#[derive(Clone, Default)]
pub(crate) struct Contest {
    pub(crate) rate: Series,
    done: usize,
    processors: Duration,
}

impl Contest {
    /// Adds a round in which `count` were done.
    pub(crate) fn add(&mut self, count: usize, took: &Took) {
        self.rate.0.push(count as f64 / took.elapsed.as_secs_f64());
        self.done += count;
        self.processors += took.processors;
    }

    /// Microseconds of processors for one, in the processes of the contestant. Hardly disturbed by what else happens on
    /// the machine, as the rate is.
    pub(crate) fn cost(&self) -> f64 {
        self.processors.as_secs_f64() * 1e6 / self.done as f64
    }
}

impl Series {
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted[(share * last as f64).round() as usize]
    }

    /// How this compares with another contestant, in the rounds that both were in.
    pub(crate) fn ratio_to(&self, other: &Series) -> Ratio {
        let ratios = Series(
            self.0
                .iter()
                .zip(&other.0)
                .map(|(own, other)| own / other)
                .collect(),
        );
        Ratio {
            median: ratios.median(),
            quartiles: (ratios.quantile(0.25), ratios.quantile(0.75)),
        }
    }
}

/// A ratio, with the quartiles of the rounds.
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) quartiles: (f64, f64),
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!(
            "{:.2} ({:.2}..{:.2})",
            self.median, self.quartiles.0, self.quartiles.1
        );
        f.pad(&text)
    }
}
