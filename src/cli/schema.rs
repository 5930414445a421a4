//! `tenure schema`.

use super::{
    arguments::SchemaArguments,
    console::{self, Console},
    exit::{Failure, Status},
    locate,
};
use crate::{
    bundle::{self, Bundle, shipped},
    diagnostic::{Code, Diagnostic, suggest},
};

/// The JSON Schemas, by what they are of.
pub(super) const SCHEMAS: [(&str, &str, &str); 26] = [
    (
        "assumptions",
        "`assumptions:`, `staff_max_age:` and `requests_max_age:` of a bundle",
        include_str!("../../schemas/assumptions.schema.json"),
    ),
    ("facts", "facts.yaml of a bundle", include_str!("../../schemas/facts.schema.json")),
    ("calendar", "calendar.yaml of a bundle", include_str!("../../schemas/calendar.schema.json")),
    ("difference", "differences of `tenure diff --format json`", include_str!("../../schemas/difference.schema.json")),
    (
        "entitlement-groups",
        "entitlement groups of a bundle",
        include_str!("../../schemas/entitlement-groups.schema.json"),
    ),
    ("evidence", "manifest.json of evidence", include_str!("../../schemas/evidence.schema.json")),
    (
        "explanation",
        "explanations of `tenure explain --format json`",
        include_str!("../../schemas/explanation.schema.json"),
    ),
    ("forecast", "forecasts of `tenure forecast --format json`", include_str!("../../schemas/forecast.schema.json")),
    ("history", "trends of `tenure history --format json`", include_str!("../../schemas/history.schema.json")),
    ("identities", "identities.yaml of a bundle", include_str!("../../schemas/identities.schema.json")),
    ("invariants", "invariants.yaml of a bundle", include_str!("../../schemas/invariants.schema.json")),
    ("mapping", "mappings of exports", include_str!("../../schemas/mapping.schema.json")),
    ("mapping-tests", "tests of mappings", include_str!("../../schemas/mapping-tests.schema.json")),
    ("org-roles", "org-roles.yaml of a bundle", include_str!("../../schemas/org-roles.schema.json")),
    ("project", "tenure.yaml", include_str!("../../schemas/project.schema.json")),
    ("proofs", "results of `tenure prove --format json`", include_str!("../../schemas/proofs.schema.json")),
    ("pull", "pull.json of kept pages", include_str!("../../schemas/pull.schema.json")),
    ("report", "reports of `tenure check --format json`", include_str!("../../schemas/report.schema.json")),
    ("snapshot", "snapshots", include_str!("../../schemas/snapshot.schema.json")),
    (
        "snapshot-directory",
        "`snapshot.json` of a snapshot that is a directory",
        include_str!("../../schemas/snapshot-directory.schema.json"),
    ),
    ("system", "the files below systems/ of a bundle", include_str!("../../schemas/system.schema.json")),
    ("test-report", "reports of `tenure test --format json`", include_str!("../../schemas/test-report.schema.json")),
    ("tests", "tests of a bundle", include_str!("../../schemas/tests.schema.json")),
    ("tickets", "tickets of `tenure check --format tickets`", include_str!("../../schemas/tickets.schema.json")),
    (
        "verification",
        "verifications of `tenure verify --format json`",
        include_str!("../../schemas/verification.schema.json"),
    ),
    ("waivers", "waivers.yaml of a bundle", include_str!("../../schemas/waivers.schema.json")),
];
/// The word for the Cedar schema.
const CEDAR: &str = "cedar";

pub(super) fn run(arguments: &SchemaArguments, console: &Console) -> Result<Status, Failure> {
    let text = match arguments.name.as_deref() {
        None => list(),
        Some(CEDAR) => cedar(arguments, console)?,
        Some(name) => match SCHEMAS.iter().find(|(known, ..)| *known == name) {
            Some((_, _, schema)) => (*schema).to_owned(),
            None => {
                let names = SCHEMAS.iter().map(|(name, ..)| *name).chain([CEDAR]);
                let problem = Diagnostic::error(Code::UnknownSchema, format!("there is no schema `{name}`"));
                return Err(Failure::one(problem.help(suggest(name, names))));
            }
        },
    };
    console.print(&text)?;
    Ok(Status::Clean)
}

fn list() -> String {
    let names = SCHEMAS.iter().map(|(name, of, _)| (*name, *of));
    let cedar = (CEDAR, "policies: the entity schema with the bundle's own, for Cedar's tools");
    names.chain([cedar]).map(|(name, of)| format!("{name:<12} {of}\n")).collect()
}

/// The entity schema and every fragment of the bundle, as one file for Cedar's own tools.
fn cedar(arguments: &SchemaArguments, console: &Console) -> Result<String, Failure> {
    let files = match locate::folder(arguments.policies.as_deref())? {
        Some(folder) => Bundle::files_within(&folder, &locate::fence(&folder))
            .map_err(|problems| Failure::input(console::below(&folder, problems)))?,
        None => shipped::files(),
    };
    if let Err(problems) = Bundle::load(files.clone()) {
        console.warn(&problems);
        console.say("the bundle cannot be loaded; this is its schema all the same");
    }
    let fragments = files.iter().filter(|file| file.name.ends_with(".cedarschema"));
    let mut text = bundle::ENTITY_SCHEMA.to_owned();
    for file in fragments {
        text.push_str(&format!("\n// ---- {} ----\n\n{}", file.name, file.text));
    }
    Ok(text)
}
