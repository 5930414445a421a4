//! The words of a finding: its message, and the rules that it rests on.

use super::model::{Reason, RuleStatus};
use crate::{
    bundle::{Check, Rule},
    engine::answer::{Answer, Basis},
};

/// What is the matter, in a sentence.
pub(super) fn message(check: &Check, answer: &Answer, rules: &[&Rule]) -> String {
    let verdict = &answer.verdict;
    let said: Vec<&str> = rules.iter().filter_map(|rule| rule.message.as_deref()).collect();
    match verdict.basis {
        Basis::NothingMatched => check.message.clone().unwrap_or_else(|| "no rule lets the subject pass".to_owned()),
        Basis::Satisfied => {
            let mut distinct: Vec<&str> = Vec::new();
            for one in said {
                if !distinct.contains(&one) {
                    distinct.push(one);
                }
            }
            if distinct.is_empty() {
                rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join("; ")
            } else {
                distinct.join("; ")
            }
        }
        Basis::Undetermined => {
            let mut reasons: Vec<String> = verdict
                .unknown
                .iter()
                .map(|fact| format!("{} is unknown: {}", short(&fact.fact), fact.reason))
                .collect();
            reasons.extend(verdict.errors.iter().map(|(_, error)| format!("a rule erred: {error}")));
            reasons.dedup();
            match reasons.len() {
                0..=2 => reasons.join("; "),
                more => {
                    format!("{}; and {} more", reasons.iter().take(2).cloned().collect::<Vec<_>>().join("; "), more - 2)
                }
            }
        }
    }
}

/// `in OrgRole` → `membership of an OrgRole`.
fn short(fact: &str) -> String {
    match fact.strip_prefix("in ") {
        Some(entity_type) => format!("membership in {entity_type}"),
        None => format!("`{fact}`"),
    }
}

/// The rules that an answer rests on, or that would have let the subject pass.
pub(super) fn reasons(answer: &Answer, rules: &[&Rule], considered: &[&Rule], granting: &[&Rule]) -> Vec<Reason> {
    let verdict = &answer.verdict;
    let reason = |rule: &Rule, bearing: RuleStatus, message: Option<String>| Reason {
        rule: rule.id.clone(),
        bearing,
        file: rule.location.file.to_string(),
        line: rule.location.line,
        yaml_path: rule.location.yaml_path.clone(),
        message,
    };
    match verdict.basis {
        Basis::Satisfied => {
            rules.iter().map(|rule| reason(rule, RuleStatus::Satisfied, rule.message.clone())).collect()
        }
        Basis::Undetermined => {
            let erred = |index: usize| {
                let number = verdict.rules.get(index);
                verdict.errors.iter().find(|(rule, _)| Some(rule) == number).map(|(_, error)| error.clone())
            };
            let reasons = rules.iter().enumerate().map(|(index, rule)| match erred(index) {
                Some(error) => reason(rule, RuleStatus::Erred, Some(error)),
                None => reason(rule, RuleStatus::Undetermined, None),
            });
            reasons.collect()
        }
        Basis::NothingMatched => considered
            .iter()
            .filter(|rule| rule.grants.is_none())
            .chain(granting)
            .map(|rule| reason(rule, RuleStatus::NotSatisfied, rule.message.clone()))
            .collect(),
    }
}
