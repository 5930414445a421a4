//! What a person, a manager, the owner of a system or of a control has to do: open findings as lists to send.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    by::By,
    groups::{Group, groups},
    model::Finding,
    rank::{Attention, Rank},
    view::View,
};

/// The open findings of one person, manager, system or control.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// The person, system or control that the findings are for.
    pub(super) heading: String,
    /// How many findings it has.
    pub(super) count: usize,
    pub(super) groups: Vec<Group>,
}

/// Where a finding is listed: what has no such person, system or control comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    is_missing: bool,
    heading: String,
    id: String,
}

/// A section for each person, manager or system, the one with the worst finding first; controls by id.
pub(super) fn sections(view: &View<'_>, by: By) -> Vec<Section> {
    let mut drafts: BTreeMap<Key, (Rank, Vec<Finding>)> = BTreeMap::new();
    for finding in view.findings() {
        let rank = Rank::of(&finding);
        if rank.attention != Attention::Open {
            continue;
        }
        let finding = without_facts(finding);
        for key in keys(view, by, &finding) {
            let (worst, findings) = drafts.entry(key).or_insert_with(|| (rank, Vec::new()));
            *worst = rank.min(*worst);
            findings.push(finding.clone());
        }
    }
    let mut drafts: Vec<(Key, (Rank, Vec<Finding>))> = drafts.into_iter().collect();
    if by != By::Control {
        drafts.sort_by(|(a, (one, _)), (b, (other, _))| (a.is_missing, one, a).cmp(&(b.is_missing, other, b)));
    }
    let section = |(key, (_, findings)): (Key, (Rank, Vec<Finding>))| Section {
        heading: key.heading,
        count: findings.len(),
        groups: groups(view, findings.iter()),
    };
    drafts.into_iter().map(section).collect()
}

/// The finding without what no list shows.
fn without_facts(finding: Cow<'_, Finding>) -> Finding {
    Finding { facts: Vec::new(), ..finding.into_owned() }
}

fn keys(view: &View<'_>, by: By, finding: &Finding) -> Vec<Key> {
    let missing = |heading: &str| vec![Key { is_missing: true, heading: heading.to_owned(), id: String::new() }];
    let key = |heading: String, id: &str| Key { is_missing: false, heading, id: id.to_owned() };
    match by {
        By::Person | By::Manager => {
            let (person, none) = match by {
                By::Manager => (&finding.manager, "No known manager"),
                _ => (&finding.owner, "No known person"),
            };
            person.as_ref().map_or_else(|| missing(none), |person| vec![key(person.contact(), &person.id)])
        }
        By::System => {
            let system = finding.system.as_ref();
            system.map_or_else(|| missing("No system"), |system| vec![key(system.clone(), system)])
        }
        By::Control => match view.check(&finding.check).map_or(&[][..], |check| &check.controls) {
            [] => missing("No control"),
            controls => controls.iter().map(|control| key(control.clone(), control)).collect(),
        },
    }
}
