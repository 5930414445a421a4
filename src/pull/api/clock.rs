//! The clock of this machine beside those of services: `pulled_at` is by this one, and the age of lists depends on it.

use std::{
    sync::Mutex,
    time::{Duration, SystemTime},
};

use reqwest::header::{DATE, HeaderMap};

use crate::diagnostic::{Code, Diagnostic};

/// Clocks that differ by so many minutes are worth a warning.
const MINUTES: i64 = 3;

/// By how many seconds this machine's clock is ahead of a service's, as far as its answers say.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Option<i64>>);

impl Clock {
    /// Notes the `Date` of an answer.
    pub(super) fn note(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let Some(date) = date else { return };
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let ahead = match SystemTime::now().duration_since(date) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        };
        if let Ok(mut noted) = self.0.lock() {
            // The least difference: an answer of a cache has an old date.
            *noted = Some(noted.map_or(ahead, |noted| if ahead.abs() < noted.abs() { ahead } else { noted }));
        }
    }

    /// A warning where the clocks differ by minutes.
    pub(super) fn warning(&self, service: &str, address: &str) -> Option<Diagnostic> {
        let ahead = self.0.lock().ok().and_then(|ahead| *ahead)?;
        let minutes = ahead.abs() / 60;
        if minutes < MINUTES {
            return None;
        }
        let direction = if ahead > 0 { "ahead of" } else { "behind" };
        let message =
            format!("the clock of this machine is {minutes} minutes {direction} that of {service} ({address})");
        let problem = Diagnostic::warning(Code::ClockDiffers, message);
        Some(problem.help("set the clock and pull again: ages of lists and what has expired depend on it"))
    }
}
