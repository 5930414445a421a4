//! Whom a source asks, and for what.

use crate::{
    diagnostic::{Code, Diagnostic},
    ingest::{
        SourceConfig,
        project::{MergeRegion, TrutoModel, check_url},
        scim,
    },
    pull::vendor::Vendor,
};

/// Files are asked of nobody.
static FILES: Vendor = Vendor { name: "files", per_minute: 60, burst: 1, forbidden: "" };
static HUMAANS: Vendor = Vendor {
    name: "Humaans",
    // Humaans publishes no number; what it cannot take it answers with 429.
    per_minute: 1200,
    burst: 20,
    forbidden: "give the token the scope `private:read`, which Humaans calls \"view public and private data\", and \
                have a person create it whose role may see this",
};
static MERGE: Vendor = Vendor {
    name: "Merge",
    // By plan: 100, 400 or 600 a minute and linked account.
    per_minute: 400,
    burst: 20,
    forbidden: "in Merge, look at the linked account's scopes: `Employee`, `Employment` and `Group` have to be enabled \
                for reading",
};
static TRUTO: Vendor = Vendor {
    name: "Truto",
    // 50 in ten seconds and integrated account.
    per_minute: 300,
    burst: 20,
    forbidden: "connect the integrated account anew with the scopes that it lacks; Truto names them under \
                \"missing scopes\"",
};
static SCIM: Vendor = Vendor {
    name: "the SCIM service",
    per_minute: 600,
    burst: 10,
    forbidden: "the token needs to be allowed to read users (`GET /Users`)",
};

/// A request that a pull begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The collection it is for.
    pub collection: &'static str,
    /// The address.
    pub url: String,
}

/// The vendor of a source, and the address of its API.
pub(super) fn endpoint(source: &SourceConfig) -> (&'static Vendor, String) {
    let (vendor, own) = match source {
        SourceConfig::File(_) => (&FILES, ""),
        SourceConfig::Humaans(_) => (&HUMAANS, "https://app.humaans.io/api"),
        SourceConfig::Merge(source) => (
            &MERGE,
            match source.region {
                None | Some(MergeRegion::Us) => "https://api.merge.dev/api/hris/v1",
                Some(MergeRegion::Eu) => "https://api-eu.merge.dev/api/hris/v1",
                Some(MergeRegion::Ap) => "https://api-ap.merge.dev/api/hris/v1",
            },
        ),
        SourceConfig::Truto(_) => (&TRUTO, "https://api.truto.one"),
        SourceConfig::Scim(_) => (&SCIM, ""),
    };
    (vendor, source.url().unwrap_or(own).trim_end_matches('/').to_owned())
}

/// Whether a source's address can be asked at all; nothing is sent.
///
/// # Errors
/// Why it cannot.
pub fn check(source: &SourceConfig) -> Result<(), Diagnostic> {
    if !source.is_live() {
        return Ok(());
    }
    let (_, address) = endpoint(source);
    let parsed = reqwest::Url::parse(&address).map(|_| ()).map_err(|error| error.to_string());
    parsed.and_then(|()| check_url(&address).map_err(|error| error.to_string())).map_err(|reason| {
        let message = format!("the address of the source `{}` cannot be used: {reason}", source.name());
        Diagnostic::error(Code::BadUrl, message).help("look at its `url` in tenure.yaml")
    })
}

/// The first request for each collection of a source; nothing is sent.
#[must_use]
pub fn plan(source: &SourceConfig) -> Vec<Call> {
    let (_, base) = endpoint(source);
    let call = |collection: &'static str, rest: String| Call { collection, url: format!("{base}/{rest}") };
    match source {
        SourceConfig::File(_) => Vec::new(),
        SourceConfig::Humaans(_) => {
            let page = |collection, status: &str| call(collection, format!("{collection}?{status}$limit=250&$skip=0"));
            vec![
                call("token-info", "token-info".to_owned()),
                page("people", "status=all&"),
                page("job-roles", ""),
                page("roles", ""),
                page("role-members", ""),
                page("companies", ""),
            ]
        }
        SourceConfig::Merge(_) => ["sync-status", "employees", "employments", "groups"]
            .map(|collection| {
                let deleted = if collection == "sync-status" { "" } else { "include_deleted_data=true&" };
                call(collection, format!("{collection}?{deleted}page_size=100"))
            })
            .to_vec(),
        SourceConfig::Truto(source) => {
            let account = &source.integrated_account;
            let own = |status: &str| {
                let all = !status.is_empty() && !source.query.contains_key("employment_status");
                let mut query = format!("integrated_account_id={account}&truto_ignore_remote_data=true&limit=100");
                query.push_str(if all { status } else { "" });
                for (name, value) in &source.query {
                    query.push_str(&format!("&{name}={value}"));
                }
                query
            };
            let query = own("");
            match source.model {
                Some(TrutoModel::Hris) => vec![
                    call("employees", format!("unified/hris/employees?{}", own("&employment_status=all"))),
                    call("employments", format!("unified/hris/employments?{query}")),
                ],
                None | Some(TrutoModel::UserDirectory) => {
                    vec![call("users", format!("unified/user-directory/users?{query}"))]
                }
            }
        }
        SourceConfig::Scim(source) => {
            let mut calls = vec![
                call("config", "ServiceProviderConfig".to_owned()),
                call("Users", "Users?startIndex=1&count=100".to_owned()),
            ];
            // Asked for only if no user names groups.
            if scim::needs_groups(&source.levels, |_| false) {
                calls.push(call("Groups", "Groups?startIndex=1&count=100".to_owned()));
            }
            calls
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(source: &str) -> Vec<String> {
        let source: SourceConfig = serde_yaml::from_str(source).unwrap();
        plan(&source).into_iter().map(|call| call.url).collect()
    }

    #[test]
    fn truto_is_asked_for_leavers_unless_its_query_says_otherwise() {
        let source = "{ kind: truto, model: hris, integrated_account: a, token_env: T";
        let plain = urls(&format!("{source} }}"));
        assert!(plain[0].contains("employees?") && plain[0].ends_with("&employment_status=all"), "{plain:?}");
        assert!(plain[1].contains("employments?") && !plain[1].contains("status"), "{plain:?}");
        let own = urls(&format!("{source}, query: {{ employment_status: active, 'remote_query[x]': '1' }} }}"));
        assert!(own[0].ends_with("&employment_status=active&remote_query[x]=1"), "{own:?}");
    }
}
