//! The rules of a check in one setting, each with what it asks there.

use super::{
    error::Error,
    expressions::{Condition, as_constant, midnight, whole},
    fold::Folder,
    setting::Setting,
};
use crate::bundle::{Bundle, Check, Rule, link_expiry};

/// The rules of a check that can matter in a setting.
#[derive(Debug)]
pub(super) struct Slice<'b> {
    pub(super) check: &'b Check,
    pub(super) setting: Setting,
    pub(super) rules: Vec<SliceRule<'b>>,
}

/// A rule and its condition in a setting.
#[derive(Debug)]
pub(super) struct SliceRule<'b> {
    pub(super) rule: &'b Rule,
    pub(super) condition: Condition,
}

impl<'b> Slice<'b> {
    /// The slice of a check. Rules that no account, person or system of the setting can satisfy are left out.
    ///
    /// # Errors
    /// Returns Cedar's error if a rule with an end is not one.
    pub(super) fn of(bundle: &'b Bundle, check: &'b Check, setting: &Setting) -> Result<Self, Error> {
        let folder = Folder { bundle, setting };
        let mut rules = Vec::new();
        for rule in bundle.rules.iter().filter(|rule| rule.applies_to(check)) {
            let condition = folder.fold(&condition(rule)?);
            if as_constant(&condition) != Some(false) {
                rules.push(SliceRule { rule, condition });
            }
        }
        Ok(Slice { check, setting: setting.clone(), rules })
    }
}

impl Slice<'_> {
    /// A condition that is none of a rule, in the setting of the slice.
    pub(super) fn fold(&self, bundle: &Bundle, condition: &Condition) -> Condition {
        Folder { bundle, setting: &self.setting }.fold(condition)
    }
}

/// What a rule asks, its end included. Days are those of UTC.
fn condition(rule: &Rule) -> Result<Condition, Error> {
    let expires = rule.grants.as_ref().and_then(|grants| grants.expires);
    let Some(expires) = expires else { return Ok(whole(&rule.policy)) };
    Ok(whole(&link_expiry(rule.policy.clone(), &midnight(expires)).map_err(Error::cedar)?))
}
