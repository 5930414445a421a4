//! What rules ask of a text, where that is all they ask of it.

use cedar_policy::pst::PatternElem;

/// A question about a text with a written answer: yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum TextTest {
    /// `… like "…"`.
    Like(Vec<PatternElem>),
    /// `… == "…"`, or to be one of a set that is written out.
    Equals(String),
}

impl TextTest {
    /// Whether a text passes, as Cedar has it.
    pub(in crate::engine) fn holds(&self, text: &str) -> bool {
        match self {
            TextTest::Like(pattern) => is_like(pattern, text),
            TextTest::Equals(other) => other == text,
        }
    }
}

/// Whether a text fits a pattern. Where it does not fit behind the last wildcard, the wildcard takes a letter more; no
/// earlier one has to be tried again.
fn is_like(pattern: &[PatternElem], text: &str) -> bool {
    let (mut pattern, mut rest) = (pattern, text.chars());
    let mut again: Option<(&[PatternElem], std::str::Chars<'_>)> = None;
    loop {
        match (pattern, rest.clone().next()) {
            ([PatternElem::Wildcard, further @ ..], _) => {
                pattern = further;
                again = Some((further, rest.clone()));
            }
            ([PatternElem::Char(wanted), further @ ..], Some(letter)) if *wanted == letter => {
                pattern = further;
                rest.next();
            }
            ([], None) => return true,
            _ => {
                // Either a letter too many, one too few, or another one.
                let Some((after, mut later)) = again.take() else { return false };
                if later.next().is_none() {
                    return false;
                }
                (pattern, rest) = (after, later.clone());
                again = Some((after, later));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cedar_policy::{Context, Entities, Policy, Request, pst};
    use cedar_policy::{EvalResult, Expression, eval_expression};
    use proptest::prelude::*;

    use super::*;

    /// The pattern of `"…" like "<pattern>"`.
    fn pattern(text: &str) -> Vec<PatternElem> {
        let policy: Policy =
            format!("permit (principal, action, resource) when {{ \"\" like \"{text}\" }};").parse().unwrap();
        let pst::Policy::Static(policy) = policy.to_pst().unwrap() else { panic!("it has no slots") };
        let [pst::Clause::When(condition)] = policy.body().clauses().as_slice() else { panic!("one clause") };
        let pst::Expr::Like { pattern, .. } = &**condition else { panic!("a pattern") };
        pattern.clone()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_text_is_like_a_pattern_where_cedar_says_so(
            wanted in r"([ab\*é]|\\\*){0,8}", text in r"[abé\*]{0,10}"
        ) {
            let expression: Expression = format!("\"{text}\" like \"{wanted}\"").parse().unwrap();
            let uid = "T::\"t\"".parse::<cedar_policy::EntityUid>().unwrap();
            let request = Request::new(uid.clone(), uid.clone(), uid, Context::empty(), None).unwrap();
            let cedar = eval_expression(&request, &Entities::empty(), &expression).unwrap();
            let holds = TextTest::Like(pattern(&wanted)).holds(&text);
            prop_assert_eq!(cedar, EvalResult::Bool(holds), "{} like {}", text, wanted);
        }
    }
}
