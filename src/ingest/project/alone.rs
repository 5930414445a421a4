//! What can be wrong with one source, beyond its form.

use super::{
    secrets,
    source::{ListKind, SourceConfig, TrutoModel},
    token::{SecretSource, TokenError},
    url::check_url,
};
use crate::{diagnostic::Code, ingest::Format, model::slug};

/// A problem: its code, the key it is about, what is wrong, and what to do.
type Problem = (Code, &'static str, String, String);

const WHERE_TOKENS_ARE: &str =
    "a token is never written in this file; `token_env: NAME` takes it from the environment variable NAME";

/// Everything that is wrong with a source.
pub(super) fn problems(source: &SourceConfig) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    if source.format().is_some_and(Format::needs_system) && source.system().is_none_or(|system| system.is_empty()) {
        let message = "does not say of which system it is".to_owned();
        problems.push((
            Code::MissingSystem,
            "",
            message,
            "add `system:` with a short name, such as `system: github`".into(),
        ));
    }
    if source.own_id().is_some_and(|id| id != slug(id) || id.is_empty()) {
        let message = "is not an id".to_owned();
        problems.push((Code::BadId, "id", message, "write small letters and digits, joined by `-`".into()));
    }
    for (name, secret) in [("token", source.token()), ("account_token", source.account_token())] {
        match secret {
            Err(error @ TokenError::Several(_)) => {
                problems.push((Code::SeveralTokens, "", error.to_string(), "keep one of them".into()));
            }
            Err(error @ TokenError::Missing(_)) => {
                let help = WHERE_TOKENS_ARE.replace("token_env", &format!("{name}_env"));
                problems.push((Code::MissingToken, "", error.to_string(), help));
            }
            Ok(Some(SecretSource::Environment(variable))) if !secrets::is_variable(&variable) => {
                let key = if name == "token" { "token_env" } else { "account_token_env" };
                let message = "is not the name of an environment variable".to_owned();
                let help =
                    "write its name in capitals, such as `HUMAANS_API_TOKEN`; the token itself stays out of this file";
                problems.push((Code::BadVariable, key, message, help.into()));
            }
            Ok(_) => {}
        }
    }
    if let Some(Err(reason)) = source.url().map(check_url) {
        let help = "write the base address of the API, such as `https://api.slack.example/scim/v2`";
        problems.push((Code::BadUrl, "url", format!("cannot be used: {reason}"), help.into()));
    }
    problems.extend(statements(source));
    problems.extend(particular(source));
    problems
}

/// A statement counts only with the reason that an auditor can follow up.
fn statements(source: &SourceConfig) -> Vec<Problem> {
    let stated = source.statements();
    let mut problems: Vec<Problem> = Vec::new();
    let has_reason = stated.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
    let states = [("complete", stated.complete), ("sees_leavers", stated.sees_leavers)];
    for (key, _) in states.into_iter().filter(|(_, is_stated)| *is_stated && !has_reason) {
        let message = "is stated without a reason".to_owned();
        let help = "say how you know it: `reason: compared with the licence page on 2026-11-20`".to_owned();
        problems.push((Code::MissingReason, key, message, help));
    }
    if stated.reason.is_some() && !stated.complete && !stated.sees_leavers {
        let message = "is a reason for nothing that is stated".to_owned();
        problems.push((
            Code::UnusedReason,
            "reason",
            message,
            "add `complete: true` or `sees_leavers: true`, or leave `reason` out".into(),
        ));
    }
    if let Some(format) = source.format().filter(|format| stated.sees_leavers && format.staff().is_none()) {
        let message = format!("speaks of people who have left, and {format} lists no staff");
        problems.push((Code::BadStatement, "sees_leavers", message, "leave `sees_leavers` out".into()));
    }
    problems
}

/// What only some kinds of source can have.
fn particular(source: &SourceConfig) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let wanted = match source {
        SourceConfig::File(one) => one.lists.as_deref(),
        SourceConfig::Humaans(one) => one.lists.as_deref(),
        _ => None,
    };
    if let Some(wanted) = wanted {
        if wanted.is_empty() {
            problems.push((
                Code::BadLists,
                "lists",
                "takes nothing of the source".into(),
                "name `staff`, `accounts` or both".into(),
            ));
        }
        if let Some(format) = source.format() {
            for (kind, gives) in [(ListKind::Staff, format.staff()), (ListKind::Accounts, format.accounts())] {
                if wanted.contains(&kind) && gives.is_none() {
                    let word = if kind == ListKind::Staff { "staff" } else { "accounts" };
                    let message = format!("asks for {word}, which {format} does not list");
                    problems.push((Code::BadLists, "lists", message, "leave `lists` out".into()));
                }
            }
        }
    }
    match source {
        SourceConfig::Merge(one) if one.region.is_some() && one.url.is_some() => {
            let message = "names an address, and the region names another".to_owned();
            problems.push((Code::BadUrl, "url", message, "keep one of `url` and `region`".into()));
        }
        SourceConfig::Truto(one) => {
            if one.integrated_account.trim().is_empty() {
                let message = "is empty".to_owned();
                let help = "write the integrated account's id, as Truto's dashboard shows it";
                problems.push((Code::BadId, "integrated_account", message, help.into()));
            }
            const OWN: [&str; 4] = ["integrated_account_id", "limit", "next_cursor", "truto_ignore_remote_data"];
            if let Some(name) = one.query.keys().find(|name| OWN.contains(&name.as_str())) {
                let message = format!("names `{name}`, which Tenure sends itself");
                problems.push((Code::BadQuery, "query", message, format!("leave `{name}` out")));
            }
            if one.model == Some(TrutoModel::Hris) && one.system.is_some() {
                let message = "is given, and `model: hris` lists no accounts".to_owned();
                problems.push((Code::BadModel, "system", message, "leave `system` out".into()));
            }
        }
        SourceConfig::Scim(one) if one.url.trim_end_matches('/').to_lowercase().ends_with("/users") => {
            let message = "ends with `/Users`, which is added by itself".to_owned();
            problems.push((Code::BadUrl, "url", message, "write the address without `/Users`".into()));
        }
        _ => {}
    }
    problems
}
