//! Staff out of several sources: the same person, by the id in the HRIS, is one record.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    diagnostic::{Diagnostic, counted},
    model::{Fact, Person, fact::is_written_alike},
};

/// Adds the people of a further source, less authoritative than those before it. Who is known already stays as known;
/// only what the records before say nothing about is taken from here, and the record says so.
pub(super) fn join(people: &mut Vec<Person>, further: Vec<Person>, warnings: &mut Vec<Diagnostic>) {
    let index: BTreeMap<String, usize> =
        people.iter().enumerate().map(|(index, person)| (person.id.clone(), index)).collect();
    let mut differing: BTreeMap<(&'static str, String), Vec<String>> = BTreeMap::new();
    for person in further {
        match index.get(&person.id).and_then(|at| people.get_mut(*at)) {
            None => people.push(person),
            Some(known) => {
                for fact in join_facts(known, person) {
                    differing.entry((fact, known.source.clone())).or_default().push(known.id.clone());
                }
            }
        }
    }
    for ((fact, source), ids) in differing {
        let named: Vec<String> = ids.iter().take(3).map(|id| format!("`{id}`")).collect();
        let message = format!(
            "the sources differ about `{fact}` of {} ({}); that of `{source}` counts",
            counted(ids.len(), "person", "people"),
            named.join(", ")
        );
        warnings.push(Diagnostic::warning("sources-differ", message));
    }
}

/// Fills the unknown facts of a person, and names those about which both sources say something different.
fn join_facts(known: &mut Person, further: Person) -> Vec<&'static str> {
    let mut differing = Vec::new();
    let mut unknown = std::mem::take(&mut known.unknown);
    let mut supplied = std::mem::take(&mut known.supplied);
    let from = further.source.clone();
    let mut note = |fact: &'static str, taken: Taken| match taken {
        Taken::Filled => {
            unknown.remove(fact);
            supplied.insert(fact.to_owned(), from.clone());
        }
        Taken::Differs => differing.push(fact),
        Taken::Nothing => {}
    };
    // One person, many spellings.
    note("name", fill(&mut known.name, further.name).unless_it_differs());
    note("employee_number", fill(&mut known.employee_number, further.employee_number));
    note("work_email", fill(&mut known.work_email, further.work_email));
    note("status", fill(&mut known.status, further.status));
    note("start_date", fill(&mut known.start_date, further.start_date));
    note("end_date", fill(&mut known.end_date, further.end_date));
    note("last_working_day", fill(&mut known.last_working_day, further.last_working_day));
    // Rows of two histories are told apart by ids that the sources do not share.
    note("job_roles", fill(&mut known.job_roles, further.job_roles).unless_it_differs());
    if known.listed_manager.is_none() {
        known.listed_manager = further.listed_manager;
    }
    known.unknown = unknown;
    known.supplied = supplied;
    differing
}

enum Taken {
    Filled,
    Differs,
    Nothing,
}

impl Taken {
    fn unless_it_differs(self) -> Self {
        if matches!(self, Taken::Differs) { Taken::Nothing } else { self }
    }
}

fn fill<T: Serialize>(known: &mut Fact<T>, further: Fact<T>) -> Taken {
    match (&*known, further) {
        (_, Fact::Unknown) => Taken::Nothing,
        (Fact::Unknown, further) => {
            *known = further;
            Taken::Filled
        }
        (Fact::Known(known), Fact::Known(further)) if is_written_alike(known, &further) => Taken::Nothing,
        (Fact::Empty, Fact::Empty) => Taken::Nothing,
        _ => Taken::Differs,
    }
}
