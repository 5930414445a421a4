//! What is asked of a bundle: that no rule errs, that no rule is dead, that its invariants hold.

use super::{
    error::Error,
    expressions::{Condition, constant, may_err, not, whole},
    formula::Formula,
    prover::Prover,
    report::{Proof, RuleFinding, RuleUse, Verdict},
    setting::{Setting, settings},
    slice::{Slice, SliceRule},
    solver::Reply,
};
use crate::bundle::{Bundle, Check, Invariant, Outcome, Rule};

/// The slices of the checks that are asked for.
pub(super) fn slices<'b>(bundle: &'b Bundle, checks: &[&'b Check]) -> Result<Vec<Slice<'b>>, Error> {
    let pairs = checks.iter().flat_map(|check| settings(&[bundle], check).into_iter().map(move |at| (*check, at)));
    pairs.map(|(check, setting)| Slice::of(bundle, check, &setting)).collect()
}

/// Some rule errs: neither its condition holds nor the opposite.
fn errs(condition: &Condition) -> Formula {
    Formula { some: vec![constant(true)], none: vec![condition.clone(), not(condition.clone())] }
}

/// Which rules can err, by rule.
pub(super) fn errors<'b>(prover: &Prover<'b>, slices: &[Slice<'b>]) -> Result<Vec<Proof>, Error> {
    let mut asked = Vec::new();
    let mut rules: Vec<(&Slice<'b>, &SliceRule<'b>)> = Vec::new();
    for slice in slices {
        for rule in slice.rules.iter().filter(|rule| may_err(&rule.condition)) {
            asked.push(prover.question(slice.check, &slice.setting, errs(&rule.condition), None, true)?);
            rules.push((slice, rule));
        }
    }
    let replies = prover.ask(&asked);
    let mut found: Vec<Proof> = Vec::new();
    for ((slice, rule), reply) in rules.into_iter().zip(replies) {
        let title = format!("`{}` never errs", rule.rule.id);
        let known = found.iter_mut().find(|proof| proof.title == title && proof.check == slice.check.id);
        let proof = match known {
            Some(proof) => proof,
            None => {
                found.push(Proof::new(&rule.rule.id, &slice.check.id, title, &rule.rule.location));
                let last = found.len() - 1;
                let Some(proof) = found.get_mut(last) else { continue };
                proof
            }
        };
        proof.add(Some(&slice.setting), verdict(reply));
    }
    Ok(found)
}

/// What a reply says of a claim that something is impossible.
pub(super) fn verdict(reply: Reply) -> Verdict {
    match reply {
        Reply::Impossible => Verdict::Proved,
        Reply::Possible(example) => Verdict::Refuted(example),
        Reply::Undecided(reason) => Verdict::Undecided(reason),
    }
}

/// Whether the invariants of a bundle hold.
pub(super) fn invariants<'b>(
    prover: &Prover<'b>,
    bundle: &'b Bundle,
    checks: &[&'b Check],
) -> Result<Vec<Proof>, Error> {
    let (mut asked, mut places) = (Vec::new(), Vec::new());
    let mut found: Vec<Proof> = Vec::new();
    for invariant in &bundle.invariants {
        let Some(check) = checks.iter().find(|check| check.id == invariant.check) else { continue };
        let mut proof = Proof::new(&invariant.id, &check.id, invariant.description.clone(), &invariant.location);
        for setting in settings(&[bundle], check).into_iter().filter(|setting| concerns(invariant, setting)) {
            let slice = Slice::of(bundle, check, &setting)?;
            let holds = slice.fold(bundle, &whole(&invariant.holds));
            for formula in invariant.outcomes.iter().flat_map(|outcome| slice.outcome(*outcome)) {
                asked.push(prover.question(check, &setting, formula.without([holds.clone()]), None, true)?);
                places.push((found.len(), setting.clone()));
            }
        }
        if !places.iter().any(|(at, _)| *at == found.len()) {
            proof.add(None, Verdict::Undecided("the check is asked of nothing that the invariant is about".to_owned()));
        }
        found.push(proof);
    }
    for ((at, setting), reply) in places.into_iter().zip(prover.ask(&asked)) {
        if let Some(proof) = found.get_mut(at) {
            proof.add(Some(&setting), verdict(reply));
        }
    }
    Ok(found)
}

/// Whether an invariant is about a setting.
fn concerns(invariant: &Invariant, setting: &Setting) -> bool {
    invariant
        .level
        .as_ref()
        .is_none_or(|(system, level)| setting.system.id() == Some(system) && setting.level.id() == Some(level))
}

/// How much a rule can matter in one slice. Ordered from not at all to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    /// No organisation satisfies it.
    Never,
    /// Wherever it is satisfied, other rules say the same before it.
    Covered,
    /// It changes the rule that a failure names, and so its message.
    Explains,
    /// It changes a verdict.
    Decides,
}

/// Rules that can never change a verdict, and those that only change a message.
pub(super) fn dead<'b>(prover: &Prover<'b>, slices: &[Slice<'b>]) -> Result<Vec<RuleFinding>, Error> {
    let mut uses: Vec<Use<'b>> = Vec::new();
    // Each step asks only about the rules that the step before left open.
    for (at, slice) in slices.iter().enumerate() {
        for (number, rule) in slice.rules.iter().enumerate() {
            uses.push(Use {
                slice: at,
                number,
                rule: rule.rule,
                check: &slice.check.id,
                matter: None,
                undecided: None,
            });
        }
    }
    for step in [Matter::Decides, Matter::Explains, Matter::Covered] {
        let open: Vec<usize> = (0..uses.len())
            .filter(|at| uses.get(*at).is_some_and(|one| one.matter.is_none() && one.undecided.is_none()))
            .collect();
        let mut asked = Vec::new();
        let mut of = Vec::new();
        for at in open {
            let Some((slice, number)) = uses.get(at).and_then(|one| Some((slices.get(one.slice)?, one.number))) else {
                continue;
            };
            if let Some(formula) = slice.matters(number, step) {
                asked.push(prover.question(slice.check, &slice.setting, formula, None, false)?);
                of.push(at);
            }
        }
        for (at, reply) in of.into_iter().zip(prover.ask(&asked)) {
            let Some(one) = uses.get_mut(at) else { continue };
            match reply {
                Reply::Possible(_) => one.matter = Some(step),
                Reply::Impossible => {}
                Reply::Undecided(reason) => one.undecided = Some(reason),
            }
        }
    }
    summarize(prover, slices, &uses)
}

/// A rule in a slice, and how much it matters there.
struct Use<'b> {
    slice: usize,
    number: usize,
    rule: &'b Rule,
    check: &'b str,
    matter: Option<Matter>,
    undecided: Option<String>,
}

/// One finding for each rule that decides nothing anywhere.
fn summarize<'b>(prover: &Prover<'b>, slices: &[Slice<'b>], uses: &[Use<'b>]) -> Result<Vec<RuleFinding>, Error> {
    let mut rules: Vec<(&Rule, &str)> = Vec::new();
    for one in uses {
        if !rules.iter().any(|(rule, check)| rule.key == one.rule.key && *check == one.check) {
            rules.push((one.rule, one.check));
        }
    }
    let mut found = Vec::new();
    for (rule, check) in rules {
        let of: Vec<&Use<'b>> = uses.iter().filter(|one| one.rule.key == rule.key && one.check == check).collect();
        let undecided = of.iter().find_map(|one| one.undecided.clone());
        let most = of.iter().map(|one| one.matter.unwrap_or(Matter::Never)).max().unwrap_or(Matter::Never);
        let (used, covered_by) = match (most, undecided) {
            (Matter::Decides, _) => continue,
            (_, Some(reason)) => (RuleUse::Undecided(reason), Vec::new()),
            (Matter::Explains, None) => (RuleUse::ExplainsOnly, Vec::new()),
            (Matter::Covered, None) => (RuleUse::Covered, covering(prover, slices, &of)?),
            (Matter::Never, None) => (RuleUse::NeverSatisfied, Vec::new()),
        };
        found.push(RuleFinding::new(rule, check, used, covered_by));
    }
    Ok(found)
}

/// The ids of single rules that are satisfied wherever a rule is; none if only several together are.
fn covering<'b>(prover: &Prover<'b>, slices: &[Slice<'b>], uses: &[&Use<'b>]) -> Result<Vec<String>, Error> {
    let mut common: Option<Vec<String>> = None;
    for one in uses.iter().filter(|one| one.matter == Some(Matter::Covered)) {
        let Some(slice) = slices.get(one.slice) else { continue };
        let Some(own) = slice.rules.get(one.number) else { continue };
        let others: Vec<&SliceRule<'b>> = slice.rivals(one.number).collect();
        let asked = others.iter().map(|other| {
            let formula = Formula { some: vec![own.condition.clone()], none: vec![other.condition.clone()] };
            prover.question(slice.check, &slice.setting, formula, None, false)
        });
        let replies = prover.ask(&asked.collect::<Result<Vec<_>, _>>()?);
        let covers: Vec<String> = others
            .iter()
            .zip(replies)
            .filter(|(_, reply)| matches!(reply, Reply::Impossible))
            .map(|(other, _)| other.rule.key.clone())
            .collect();
        common = Some(match common {
            None => covers,
            Some(known) => known.into_iter().filter(|key| covers.contains(key)).collect(),
        });
    }
    Ok(common.unwrap_or_default())
}

impl<'b> Slice<'b> {
    /// The rules that can make a rule superfluous: those of the same outcome, and those that come before it.
    fn rivals(&self, number: usize) -> impl Iterator<Item = &SliceRule<'b>> {
        let before = self.rules.get(number).map_or(&[][..], |rule| decided_before(rule.rule.outcome));
        let own = self.rules.get(number).map(|rule| rule.rule.outcome);
        self.rules.iter().enumerate().filter_map(move |(at, rule)| {
            (at != number && (before.contains(&rule.rule.outcome) || Some(rule.rule.outcome) == own)).then_some(rule)
        })
    }

    /// When a rule matters this much; none if it cannot by its outcome.
    fn matters(&self, number: usize, matter: Matter) -> Option<Formula> {
        let own = self.rules.get(number)?;
        let alone = |formula: Formula| formula.without(self.rivals(number).map(|rule| rule.condition.clone()));
        let own_holds = || Formula { some: vec![own.condition.clone()], none: Vec::new() };
        match (matter, own.rule.outcome) {
            (Matter::Covered, _) => Some(own_holds()),
            // Without this rule the check would not fail: some other rule would say otherwise.
            (Matter::Decides, Outcome::Fail) => {
                let others = self.rules.iter().filter(|rule| rule.rule.outcome != Outcome::Fail);
                let formula = Formula { some: others.map(|rule| rule.condition.clone()).collect(), none: Vec::new() };
                Some(alone(formula.without([not(own.condition.clone())])))
            }
            (Matter::Decides, _) => Some(alone(own_holds())),
            (Matter::Explains, Outcome::Fail) => Some(alone(own_holds())),
            (Matter::Explains | Matter::Never, _) => None,
        }
    }
}

/// The outcomes that come before another one.
fn decided_before(outcome: Outcome) -> &'static [Outcome] {
    match outcome {
        Outcome::Fail => &[],
        Outcome::Unknown => &[Outcome::Fail],
        Outcome::NotApplicable => &[Outcome::Fail, Outcome::Unknown],
        Outcome::Pass => &[Outcome::Fail, Outcome::Unknown, Outcome::NotApplicable],
        Outcome::Exempt => &[Outcome::Fail, Outcome::Unknown, Outcome::NotApplicable, Outcome::Pass],
    }
}
