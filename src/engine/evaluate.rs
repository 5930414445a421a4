//! Every check of every subject.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::{Authorizer, EntityUid, PolicyId, PolicySet, Request, pst};
use jiff::Timestamp;
use rayon::prelude::*;

use super::{
    decide::{Basis, Judge, Slice, Verdict},
    entities::{World, account_id, cedar_datetime},
    facts, question,
    reach::Reach,
    resolve::Situation,
    slice::{Keys, Slicer},
};
use crate::{
    bundle::{Bundle, Check, Outcome, Question, Rule, data::systems::LOGIN, link_expiry},
    model::{Fact, Snapshot, Zone},
};

/// How to evaluate.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The instant to judge by; the snapshot's own by default.
    pub as_of: Option<Timestamp>,
    /// Only these checks; all by default.
    pub checks: Option<HashSet<String>>,
    /// Only these subjects, as indices into the situation; all by default.
    pub subjects: Option<HashSet<Subject>>,
}

impl Options {
    fn asks(&self, subject: Subject) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&subject))
    }
}

/// The subject of a question, as an index into the situation's list of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A person.
    Person(usize),
    /// An account.
    Account(usize),
    /// A system.
    System(usize),
}

/// One question and its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The check, as an index into the bundle's.
    pub check: usize,
    /// The subject.
    pub subject: Subject,
    /// The level, for checks asked of entitlements; `None` there where the account's levels are unknown.
    pub level: Option<String>,
    /// What comes of it.
    pub verdict: Verdict,
}

/// The verdicts on a situation, in the order of checks, subjects and levels.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// What was judged.
    pub situation: Situation<'a>,
    /// The checks that were asked, as indices into the bundle's.
    pub checks: Vec<usize>,
    /// The entities that Cedar saw.
    pub world: World,
    /// Every answer.
    pub answers: Vec<Answer>,
}

/// Asks every check of every subject.
///
/// # Errors
/// Cedar's reason, were a fact not one that it can be told, or a rule not one that it can evaluate.
pub fn evaluate<'a>(snapshot: &'a Snapshot, bundle: &'a Bundle, options: &Options) -> Result<Evaluation<'a>, String> {
    let as_of = options.as_of.unwrap_or(snapshot.collected_at);
    judge(Situation::new(snapshot, bundle, as_of), options)
}

/// Asks every check of every subject of a situation.
///
/// # Errors
/// As for [`evaluate`].
pub fn judge<'a>(situation: Situation<'a>, options: &Options) -> Result<Evaluation<'a>, String> {
    let bundle = situation.bundle;
    let reach = options.subjects.as_ref().map(|subjects| Reach::of(&situation, subjects));
    let world = World::new(&situation, reach.as_ref())?;
    let context = question::context(&situation)?;
    let zone = &situation.snapshot.organization.time_zone;
    let questions = Questions::new(&situation, &world, options)?;
    let slices = slices(&questions, bundle, &world, zone)?;

    let judge =
        Judge { authorizer: Authorizer::new(), entities: &world.entities, rules: &bundle.rules, situation: &situation };
    let mut answers: Vec<Answer> = questions
        .all
        .par_iter()
        .map(|question| {
            let slice = slices.get(question.slice).ok_or("a question without its rules")?;
            let request = Request::new(
                question.principal.clone(),
                question.action.clone(),
                question.resource.clone(),
                context.clone(),
                None,
            )
            .map_err(|error| error.to_string())?;
            let verdict = judge.decide(&request, slice);
            Ok(Answer { check: question.check, subject: question.subject, level: question.level.clone(), verdict })
        })
        .collect::<Result<_, String>>()?;
    unknown_levels(&situation, bundle, options, &mut answers);
    answers.sort_by(|a, b| (a.check, a.subject, &a.level).cmp(&(b.check, b.subject, &b.level)));
    let checks = wanted(bundle, options).map(|(index, _)| index).collect();
    Ok(Evaluation { situation, checks, world, answers })
}

/// A question on its way to Cedar.
struct Asking {
    check: usize,
    subject: Subject,
    level: Option<String>,
    principal: EntityUid,
    action: EntityUid,
    resource: EntityUid,
    slice: usize,
}

/// All questions, and the distinct sets of rules that they are put to.
struct Questions {
    all: Vec<Asking>,
    slices: Vec<Vec<u32>>,
}

fn wanted<'a>(bundle: &'a Bundle, options: &'a Options) -> impl Iterator<Item = (usize, &'a Check)> {
    let chosen = |check: &Check| options.checks.as_ref().is_none_or(|checks| checks.contains(&check.id));
    bundle.checks.iter().enumerate().filter(move |(_, check)| chosen(check))
}

impl Questions {
    fn new(situation: &Situation<'_>, world: &World, options: &Options) -> Result<Self, String> {
        let bundle = situation.bundle;
        let slicer = Slicer::new(&bundle.checks, &bundle.rules);
        let uid = |name: &'static str, id: &str| {
            world.types.uid(name, id).ok_or_else(|| format!("`{name}` is not an entity type"))
        };
        let keys = |uid: &EntityUid, unknown: &BTreeMap<String, String>| {
            let ancestors = world.entities.ancestors(uid).into_iter().flatten();
            let open = unknown.keys().filter_map(|fact| fact.strip_prefix("in "));
            slicer.keys(std::iter::once(uid).chain(ancestors), open)
        };
        let none = BTreeMap::new();
        let mut asker = Asker {
            slicer: &slicer,
            seen: HashMap::new(),
            questions: Questions { all: Vec::new(), slices: Vec::new() },
        };
        let organization = (world.organization.clone(), keys(&world.organization, &none));

        let mut people = Vec::new();
        for person in &situation.people {
            let uid = uid("Person", &person.record.id)?;
            // A rule may reach the manager's memberships too, but a scope speaks of the principal alone.
            let keys = keys(&uid, &person.unknown);
            people.push((uid, keys));
        }
        let accounts: Vec<(EntityUid, Keys)> = situation
            .accounts
            .par_iter()
            .map(|account| {
                let uid = uid("Account", &account_id(account))?;
                let keys = keys(&uid, &account.unknown);
                Ok((uid, keys))
            })
            .collect::<Result<_, String>>()?;
        let mut systems = Vec::new();
        for system in &situation.systems {
            let uid = uid("System", system.id)?;
            let keys = keys(&uid, &system.unknown);
            systems.push((uid, keys));
        }
        let mut levels: HashMap<(String, String), (EntityUid, Keys)> = HashMap::new();
        for (check_index, check) in wanted(bundle, options) {
            let action = uid("Action", &check.id)?;
            for question in &check.questions {
                match question {
                    Question::PersonInOrganization => {
                        for (index, person) in people.iter().enumerate() {
                            if !options.asks(Subject::Person(index)) {
                                continue;
                            }
                            asker.ask(check_index, check, Subject::Person(index), None, person, &action, &organization);
                        }
                    }
                    Question::SystemInOrganization => {
                        for (index, system) in systems.iter().enumerate() {
                            if !options.asks(Subject::System(index)) {
                                continue;
                            }
                            asker.ask(check_index, check, Subject::System(index), None, system, &action, &organization);
                        }
                    }
                    Question::AccountInSystem | Question::AccountHoldsEntitlement => {
                        for (index, (account, principal)) in situation.accounts.iter().zip(&accounts).enumerate() {
                            let subject = Subject::Account(index);
                            if !options.asks(subject) {
                                continue;
                            }
                            let system = &account.record.system;
                            if *question == Question::AccountInSystem {
                                let at = situation.systems.iter().position(|known| known.id == system);
                                let resource = at.and_then(|at| systems.get(at)).ok_or("an account of no system")?;
                                asker.ask(check_index, check, subject, None, principal, &action, resource);
                                continue;
                            }
                            for level in held(&account.record.levels) {
                                let key = (system.clone(), level.to_owned());
                                let resource = match levels.get(&key) {
                                    Some(resource) => resource,
                                    None => {
                                        let resource = uid("Entitlement", &format!("{system}/{level}"))?;
                                        let keys = keys(&resource, &none);
                                        levels.entry(key).or_insert((resource, keys))
                                    }
                                };
                                asker.ask(check_index, check, subject, Some(level), principal, &action, resource);
                            }
                        }
                    }
                }
            }
        }
        Ok(asker.questions)
    }
}

/// The levels that an account is known to hold, the login first.
pub(crate) fn held(levels: &Fact<Vec<String>>) -> impl Iterator<Item = &str> {
    let further = levels.known().into_iter().flatten().map(String::as_str).filter(|level| *level != LOGIN);
    std::iter::once(LOGIN).chain(further)
}

struct Asker<'s> {
    slicer: &'s Slicer,
    seen: HashMap<Vec<u32>, usize>,
    questions: Questions,
}

impl Asker<'_> {
    #[expect(clippy::too_many_arguments, reason = "a question has this many parts")]
    fn ask(
        &mut self,
        check_index: usize,
        check: &Check,
        subject: Subject,
        level: Option<&str>,
        principal: &(EntityUid, Keys),
        action: &EntityUid,
        resource: &(EntityUid, Keys),
    ) {
        let rules = self.slicer.rules(&check.id, &principal.1, &resource.1);
        let slice = match self.seen.get(&rules) {
            Some(slice) => *slice,
            None => {
                let slice = self.questions.slices.len();
                self.questions.slices.push(rules.clone());
                self.seen.insert(rules, slice);
                slice
            }
        };
        self.questions.all.push(Asking {
            check: check_index,
            subject,
            level: level.map(str::to_owned),
            principal: principal.0.clone(),
            action: action.clone(),
            resource: resource.0.clone(),
            slice,
        });
    }
}

/// The policy sets of the distinct slices.
fn slices(questions: &Questions, bundle: &Bundle, world: &World, zone: &Zone) -> Result<Vec<Slice>, String> {
    let mut policies: HashMap<u32, cedar_policy::Policy> = HashMap::new();
    let mut slices = Vec::new();
    for rules in &questions.slices {
        let mut set = PolicySet::new();
        for index in rules {
            let policy = match policies.get(index) {
                Some(policy) => policy.clone(),
                None => {
                    let rule = usize::try_from(*index).ok().and_then(|at| bundle.rules.get(at));
                    let rule = rule.ok_or("a rule that is not in the bundle")?;
                    let policy = policy(rule, *index, world, zone)?;
                    policies.insert(*index, policy.clone());
                    policy
                }
            };
            set.add(policy).map_err(|error| error.to_string())?;
        }
        slices.push(Slice { policies: set });
    }
    Ok(slices)
}

/// A rule as Cedar evaluates it: rewritten for unknown facts, its end as its first clause, its index as its id.
pub(super) fn policy(rule: &Rule, index: u32, world: &World, zone: &Zone) -> Result<cedar_policy::Policy, String> {
    let failed = |error: pst::PstConstructionError| format!("{}: {error}", rule.location);
    let template = world.markers.rewrite(&rule.policy).and_then(|template| with_end(template, rule, zone));
    let policy = crate::bundle::cedar_policy(&template.map_err(failed)?)?;
    Ok(policy.new_id(PolicyId::new(index.to_string())))
}

/// A rule's tree with its end, where it has one, as its first clause.
pub(super) fn with_end(
    template: pst::Template,
    rule: &Rule,
    zone: &Zone,
) -> Result<pst::Template, pst::PstConstructionError> {
    match rule.grants.as_ref().and_then(|grants| grants.expires) {
        Some(expires) => link_expiry(template, &cedar_datetime(zone.midnight(expires))),
        None => Ok(template),
    }
}

/// Accounts whose levels nobody can see: unknown, unless the check lets the account off whatever its levels are.
fn unknown_levels(situation: &Situation<'_>, bundle: &Bundle, options: &Options, answers: &mut Vec<Answer>) {
    let mut further = Vec::new();
    for (check, declared) in wanted(bundle, options) {
        if !declared.questions.contains(&Question::AccountHoldsEntitlement) {
            continue;
        }
        for answer in answers.iter().filter(|answer| answer.check == check) {
            let Subject::Account(index) = answer.subject else { continue };
            let Some(account) = situation.accounts.get(index) else { continue };
            let reason = account.unknown.get("levels");
            let (Some(reason), Some(LOGIN)) = (reason, answer.level.as_deref()) else { continue };
            let rules = answer.verdict.rules.iter().filter_map(|rule| bundle.rules.get(usize::try_from(*rule).ok()?));
            let of_every_level = !rules.clone().any(facts::reads_the_resource);
            if answer.verdict.outcome == Outcome::NotApplicable && of_every_level {
                continue;
            }
            let fact = super::unknown::UnknownFact {
                entity: format!("Account::\"{}\"", account_id(account)),
                fact: "levels".to_owned(),
                reason: reason.clone(),
            };
            further.push(Answer {
                check,
                subject: answer.subject,
                level: None,
                verdict: Verdict {
                    outcome: Outcome::Unknown,
                    basis: Basis::Undetermined,
                    rules: Vec::new(),
                    unknown: vec![fact],
                    errors: Vec::new(),
                },
            });
        }
    }
    answers.append(&mut further);
}
