//! `tenure forecast`.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::{
    arguments::{ForecastArguments, ForecastFormat},
    console::Console,
    exit::{Failure, Status},
    inputs::{self, Inputs},
    locate,
    outputs::{self, Input, Output},
};
use crate::{
    bundle::Bundle,
    diagnostic::{Code, Diagnostic},
    engine::{self, answer::Options},
    model::Snapshot,
    report::{
        self,
        forecast::{self, Forecast, ForecastDay, States},
    },
};

/// Days of a forecast without `--until`.
const DEFAULT_DAYS: i32 = 90;

/// Maximum number of days: three years.
const MAX_DAYS: i32 = 3 * 366;

pub(super) fn run(arguments: &ForecastArguments, console: &Console) -> Result<Status, Failure> {
    let written: Vec<Output> = arguments.output.iter().map(|file| Output::new("forecast", file)).collect();
    let policies = if arguments.example { None } else { locate::folder(arguments.policies.as_deref())? };
    let read = arguments.snapshot.iter().cloned().map(Input::Path).chain(policies.map(Input::Policies));
    outputs::check(&written, &read.collect::<Vec<_>>())?;
    let inputs = Inputs {
        snapshot: arguments.snapshot.as_deref(),
        example: arguments.example,
        policies: arguments.policies.as_deref(),
        as_of: arguments.as_of.as_deref(),
        checks: &arguments.checks,
    };
    let usage = ("tenure forecast snapshot.json", "tenure forecast --example");
    let (snapshot, digest) = inputs.snapshot(usage, console)?;
    let bundle = inputs.bundle(console)?;
    let options = inputs.options(&snapshot, &bundle)?;
    let forecast = forecast(&snapshot, &digest, &bundle, &options, (arguments.until, arguments.fresh_lists), console)?;
    console.deliver(arguments.output.as_deref(), &mut |out| match arguments.format {
        ForecastFormat::Text => forecast::text(&forecast, out),
        ForecastFormat::Json => report::json::write_value(&forecast, out),
        ForecastFormat::Ics => out.write_all(forecast::calendar(&forecast).as_bytes()),
    })?;
    Ok(Status::Clean)
}

fn forecast(
    snapshot: &Snapshot,
    digest: &str,
    bundle: &Bundle,
    options: &Options,
    (until, fresh_lists): (Option<Date>, bool),
    console: &Console,
) -> Result<Forecast, Failure> {
    let zone = &snapshot.organization.time_zone;
    let from = options.as_of.unwrap_or(snapshot.collected_at);
    let today = zone.date(from);
    let until = until.unwrap_or_else(|| today.saturating_add(DEFAULT_DAYS.days()));
    let last = today.saturating_add(MAX_DAYS.days());
    if until <= today || until > last {
        let message = format!("--until: {until} is not between {today} and {last}");
        return Err(Failure::one(
            Diagnostic::error(Code::BadAsOf, message).help("name a later day, within three years"),
        ));
    }
    let states_as_of = |before: Option<&States>, as_of: Timestamp| {
        let options = Options { as_of: Some(as_of), ..options.clone() };
        let fresh = fresh_lists.then(|| pulled_again(snapshot, as_of.duration_since(from)));
        let evaluation = engine::evaluate(fresh.as_ref().unwrap_or(snapshot), bundle, &options);
        Ok::<_, Failure>(forecast::between(before, &evaluation.map_err(inputs::failed)?))
    };
    let (mut states, _) = states_as_of(None, from)?;
    let mut days: Vec<ForecastDay> = Vec::new();
    let mut day = today;
    while day < until {
        day = day.saturating_add(1.days());
        // Something to see where a large snapshot takes long.
        if console.is_watched() && day.day() == 1 {
            console.say(&format!("judging as of {day}"));
        }
        let (next, changed) = states_as_of(Some(&states), zone.midnight(day))?;
        states = next;
        days.extend(changed);
    }
    Ok(Forecast {
        schema_version: forecast::SCHEMA_VERSION.to_owned(),
        organization: snapshot.organization.id.clone(),
        snapshot: digest.to_owned(),
        bundle: bundle.digest.clone(),
        collected_at: snapshot.collected_at.to_string(),
        from: from.to_string(),
        fresh_lists,
        until: until.to_string(),
        days,
    })
}

/// The snapshot as if every list were pulled so much later.
fn pulled_again(snapshot: &Snapshot, later: SignedDuration) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for source in &mut snapshot.sources {
        source.pulled_at = source.pulled_at.checked_add(later).unwrap_or(source.pulled_at);
    }
    snapshot
}
