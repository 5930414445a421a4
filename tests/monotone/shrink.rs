//! The smallest example of a violation.

use std::fmt;

use serde_json::Value;

use crate::{
    facts::{Facts, hidden, learn},
    generate::Declared,
};

/// A cut, a completion of it, and what the bundle declares.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) as_of: &'static str,
    pub(crate) declared: Declared,
    pub(crate) cut: Facts,
    pub(crate) completion: Facts,
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "as of {}, {:?}", self.as_of, self.declared)?;
        for (name, facts) in [("before", &self.cut), ("after", &self.completion)] {
            let staff = facts.staff_lists();
            let (accounts, requests) = (facts.accounts_are_complete, facts.requests_are_complete);
            writeln!(f, "  {name}: complete: staff {staff:?}, accounts {accounts}, requests {requests:?}")?;
            for record in facts.people.iter().chain(&facts.accounts).chain(&facts.requests) {
                writeln!(f, "    {record}")?;
            }
        }
        Ok(())
    }
}

impl Example {
    /// The same violation, with as little as possible around it. `is_violation` says whether an example still is one.
    pub(crate) fn shrink(mut self, is_violation: &dyn Fn(&Example) -> bool) -> Example {
        loop {
            let Some(smaller) = self.smaller().into_iter().find(|example| is_violation(example)) else { return self };
            self = smaller;
        }
    }

    fn smaller(&self) -> Vec<Example> {
        let mut examples = Vec::new();
        let mut with = |change: &dyn Fn(&mut Example)| {
            let mut example = self.clone();
            change(&mut example);
            examples.push(example);
        };
        for at in 0..self.declared.people.len() {
            with(&|example| drop(example.declared.people.remove(at)));
        }
        for at in 0..self.declared.accounts.len() {
            with(&|example| drop(example.declared.accounts.remove(at)));
        }
        for at in 0..self.declared.assumptions.len() {
            with(&|example| _ = example.declared.assumptions.remove(at));
        }
        if self.declared.pattern.is_some() {
            with(&|example| example.declared.pattern = None);
        }
        for list in 0..3 {
            let records = self.completion.clone().lists()[list].1.clone();
            for record in records {
                with(&|example| {
                    for facts in [&mut example.cut, &mut example.completion] {
                        facts.lists()[list].1.retain(|other| other["id"] != record["id"]);
                    }
                });
                let hints: Vec<String> =
                    record["hints"].as_object().into_iter().flat_map(|hints| hints.keys().cloned()).collect();
                for hint in hints {
                    with(&|example| {
                        for facts in [&mut example.cut, &mut example.completion] {
                            let same = |other: &&mut Value| other["id"] == record["id"];
                            for other in facts.lists()[list].1.iter_mut().filter(same) {
                                other["hints"].as_object_mut().unwrap().remove(&hint);
                            }
                        }
                    });
                }
                // Learns in the cut what the completion has learnt.
                let before = self.cut.clone().lists()[list].1.iter().find(|other| other["id"] == record["id"]).cloned();
                for fact in before.iter().flat_map(hidden) {
                    with(&|example| {
                        let same = |other: &&mut Value| other["id"] == record["id"];
                        for other in example.cut.lists()[list].1.iter_mut().filter(same) {
                            learn(other, &fact, record[&fact].clone());
                        }
                    });
                }
                // Facts that are the same in both.
                for (fact, value) in record.as_object().unwrap() {
                    let plain = match fact.as_str() {
                        "id" | "source" | "system" | "levels" | "facts" | "hints" | "name" | "person" | "unknown" => {
                            continue;
                        }
                        "status" if list == 2 => continue,
                        "status" => Value::from("active"),
                        "job_roles" => Value::Array(Vec::new()),
                        _ => Value::Null,
                    };
                    let is_same = before.as_ref().is_none_or(|before| before.get(fact) == Some(value));
                    if *value != plain && is_same {
                        with(&|example| {
                            for facts in [&mut example.cut, &mut example.completion] {
                                let same = |other: &&mut Value| other["id"] == record["id"];
                                for other in facts.lists()[list].1.iter_mut().filter(same) {
                                    other[fact] = plain.clone();
                                }
                            }
                        });
                    }
                }
                let rows =
                    before.as_ref().and_then(|before| before["job_roles"].as_array()).cloned().unwrap_or_default();
                for (at, row) in rows.iter().enumerate() {
                    for fact in hidden(row) {
                        with(&|example| {
                            let same = |other: &&mut Value| other["id"] == record["id"];
                            for other in example.cut.lists()[list].1.iter_mut().filter(same) {
                                learn(&mut other["job_roles"][at], &fact, record["job_roles"][at][&fact].clone());
                            }
                        });
                    }
                }
            }
        }
        examples
    }
}
