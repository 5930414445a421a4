//! Access requests as CSV: `id,person,system,levels,status,created,expires`, levels separated by `;`.
//!
//! `person` is an HRIS id or a work e-mail address. `expires` is the last day on which the access may be held.

use super::{
    Normalized, SourceIdentity, record,
    record::NotUnderstood,
    same_key::{self, Findings},
    table,
    table::Table,
};
use crate::{
    diagnostic::Diagnostic,
    files::RawFile,
    model::{AccessRequest, AccessRequestStatus, Fact, slug, snapshot::Unknown},
};

/// Normalises one list of access requests.
///
/// # Errors
/// That the file is not text, not CSV, or lacks a column it needs.
pub fn normalize(identity: &SourceIdentity, file: &RawFile) -> Result<Normalized, Vec<Diagnostic>> {
    let mut table = Table::read(file, &["id", "person", "system", "levels", "status"], &["created", "expires"])?;
    let not_understood = NotUnderstood::new(&identity.zone);
    let mut rows = table.keyed_rows("id");
    // A request that names no system could be for any of them.
    let names_system =
        |table: &Table, row: &table::Row| !slug(&table.text(row, "system").unwrap_or_default()).is_empty();
    let unusable: Vec<u64> =
        rows.iter().filter(|(_, row)| !names_system(&table, row)).map(|(_, row)| row.line).collect();
    rows.retain(|(_, row)| names_system(&table, row));
    unusable.into_iter().for_each(|line| table.reject(line, "its `system` names no system".to_owned()));
    let placed: Vec<_> = rows
        .iter()
        .map(|(id, row)| {
            let mut unknown = Unknown::new();
            let date = |text: &str| not_understood.date(text).map(Some);
            let mut request = AccessRequest {
                id: id.clone(),
                source: identity.id.clone(),
                person: table.fact(row, id, "person", &mut unknown, &not_understood, |text| Ok(Some(text.to_owned()))),
                system: slug(&table.text(row, "system").unwrap_or_default()),
                levels: Vec::new(),
                status: table.fact(row, id, "status", &mut unknown, &not_understood, |text| {
                    AccessRequestStatus::from_word(&slug(text))
                        .map(Some)
                        .ok_or_else(|| format!("{} is not a status that tenure knows", record::quoted(text)))
                }),
                created: table.fact(row, id, "created", &mut unknown, &not_understood, date),
                expires: table.fact(row, id, "expires", &mut unknown, &not_understood, date),
                unknown: Unknown::new(),
            };
            match table::level_names(&table.text(row, "levels").unwrap_or_default()) {
                Ok(levels) => request.levels = levels,
                // What is asked for is unknown, so whether it was granted is unknown.
                Err(reason) => {
                    not_understood.add(format!("`levels`: {reason}"), id);
                    request.status = Fact::Unknown;
                    unknown.insert("status".to_owned(), format!("what is asked for is unknown: `levels`: {reason}"));
                }
            }
            request.unknown = unknown;
            (table.place(row), request)
        })
        .collect();
    let mut findings = Findings::default();
    let access_requests = same_key::access_requests(placed, &mut findings);
    let mut warnings = std::mem::take(&mut table.warnings);
    warnings.extend(not_understood.warnings(&identity.id));
    warnings.extend(findings.warnings(&identity.id));
    Ok(Normalized {
        source: table.source(identity, "access-requests-csv", "access-requests", access_requests.len()),
        organization_name: None,
        people: None,
        not_given: Default::default(),
        systems: Vec::new(),
        accounts: Vec::new(),
        access_requests,
        realm: None,
        joined_facts: None,
        warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fact;

    #[test]
    fn requests_are_read() {
        let identity = SourceIdentity {
            id: "tickets".into(),
            system: String::new(),
            endpoint: "t.csv".into(),
            pulled_at: "2026-11-20T09:00:00Z".parse().unwrap(),
            levels: Vec::new(),
            statements: Default::default(),
            zone: crate::model::Zone::utc(),
        };
        let text = "id,person,system,levels,status,created,expires\n\
                    T-1,p1,GitHub,Admin;Owner,Approved,2026-01-01,\nT-2,p1,github,***,maybe,,2026-02-30\n";
        let file = RawFile::new("t.csv", text);
        let all = normalize(&identity, &file).unwrap();
        let [one, two] = all.access_requests.as_slice() else { panic!("two requests expected") };
        assert_eq!(one.levels, ["admin", "owner"]);
        assert_eq!(one.system, "github");
        assert_eq!((&one.status, &one.expires), (&Fact::Known(AccessRequestStatus::Approved), &Fact::Empty));
        assert!(two.levels.is_empty() && all.warnings.iter().any(|said| said.message.contains("`***` is not a level")));
        let unreadable = RawFile::new("t.csv", "id,person,system,levels,status\nT-3,p1,github,***,approved\n");
        let three = normalize(&identity, &unreadable).unwrap().access_requests.remove(0);
        assert!(three.status.is_unknown() && three.unknown["status"].contains("what is asked for is unknown"));
        assert!(two.status.is_unknown() && two.expires.is_unknown());
        assert_eq!(two.created, Fact::Empty);
        for system in ["", " ", "***"] {
            let text = format!("id,person,system,levels,status\nT-1,p1,{system},,approved\nT-2,p1,github,,approved\n");
            let all = normalize(&identity, &RawFile::new("t.csv", text)).unwrap();
            let list = &all.source.collections[0];
            assert_eq!((all.access_requests.len(), list.complete, list.rejected.len()), (1, false, 1), "`{system}`");
            assert_eq!(list.rejected[0].record, "t.csv, line 2");
        }
    }
}
