//! The results: one figure on each line, with its goal if it has one, as a table or as JSON.

use std::fmt::Write as _;

use serde::Serialize;

/// The goal of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    None,
    AtMost(f64),
    AtLeast(f64),
}

/// A figure, measured once in each run.
#[derive(Serialize)]
struct Figure {
    scenario: String,
    what: String,
    unit: &'static str,
    /// The values, in the order of the runs.
    runs: Vec<f64>,
    median: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
}

#[derive(Default, Serialize)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    #[serde(skip)]
    scenario: String,
}

impl Report {
    /// Starts the figures of a scenario.
    pub(crate) fn scenario(&mut self, name: &str) {
        name.clone_into(&mut self.scenario);
    }

    /// Adds a figure of this run.
    pub(crate) fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str, goal: Goal) {
        let what = what.into();
        let known =
            self.figures.iter().position(|known| known.what == what && known.scenario == self.scenario);
        let place = known.unwrap_or_else(|| {
            let (at_most, at_least) = match goal {
                Goal::None => (None, None),
                Goal::AtMost(most) => (Some(most), None),
                Goal::AtLeast(least) => (None, Some(least)),
            };
            let scenario = self.scenario.clone();
            self.figures.push(Figure {
                scenario,
                what,
                unit,
                runs: Vec::new(),
                median: 0.0,
                at_most,
                at_least,
            });
            self.figures.len() - 1
        });
        let figure = &mut self.figures[place];
        figure.runs.push(value);
        let mut sorted = figure.runs.clone();
        sorted.sort_by(f64::total_cmp);
        figure.median = sorted[(sorted.len() - 1) / 2];
    }

    /// Returns the table in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut out =
            "| scenario | what | median | unit | goal | | runs |\n|---|---|---|---|---|---|---|\n".to_owned();
        for figure in &self.figures {
            let (goal, is_met) = match (figure.at_most, figure.at_least) {
                (Some(most), _) => {
                    (format!("≤ {}", short(most)), if figure.median <= most { "met" } else { "missed" })
                }
                (_, Some(least)) => {
                    (format!("≥ {}", short(least)), if figure.median >= least { "met" } else { "missed" })
                }
                _ => (String::new(), ""),
            };
            let runs: Vec<String> = figure.runs.iter().map(|run| short(*run)).collect();
            let (scenario, what, unit) = (&figure.scenario, &figure.what, figure.unit);
            // Writing to memory cannot fail.
            let _ = writeln!(
                out,
                "| {scenario} | {what} | {} | {unit} | {goal} | {is_met} | {} |",
                short(figure.median),
                runs.join(", ")
            );
        }
        out
    }
}

/// Formats a number with three significant digits and separators between thousands.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let plain = format!("{value:.digits$}");
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut out = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_goals_and_thousands() {
        let mut report = Report::default();
        report.scenario("some");
        for value in [3.0, 1_234_567.8, 2.0] {
            report.add("thing", value, "µs", Goal::AtMost(2.5));
        }
        assert!(
            report.table().contains("| some | thing | 3.00 | µs | ≤ 2.50 | missed | 3.00, 1,234,568, 2.00 |")
        );
        assert_eq!(short(-1234.0), "-1,234");
        assert_eq!(short(0.1234), "0.123");
    }
}
