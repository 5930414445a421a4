//! Which format files look to be of: told by the names of pages and by what stands in the first of them, where that
//! leaves no doubt.

use serde_json::Value;

use super::{
    Format, aws_credential_report, mapping,
    peek::{document, header_of, is_json, spelled_header},
};
use crate::files::{self, RawFile};

pub(crate) fn format(files: &[RawFile]) -> Option<Format> {
    match files {
        [file] => of_text(file).or_else(|| of_page(file)),
        files => {
            let of_file = |file: &RawFile| of_page(file).or_else(|| of_text(file));
            let mut guesses: Vec<Format> = files.iter().filter_map(of_file).collect();
            guesses.sort();
            guesses.dedup();
            match guesses.as_slice() {
                [one] => Some(*one),
                _ => None,
            }
        }
    }
}

/// By the header of a table.
fn of_text(file: &RawFile) -> Option<Format> {
    let text = files::text(&file.shown, &file.bytes).ok()?;
    if is_json(file) {
        return None;
    }
    let columns = header_of(text);
    let has = |names: &[&str]| names.iter().all(|name| columns.iter().any(|column| column == name));
    let formats = [
        (Format::AwsCredentialReport, has(&["user", "arn", "password_enabled"])),
        (Format::GoogleWorkspaceCsv, has(&["email address", "status", "last sign in"])),
        (Format::AccessRequestsCsv, has(&["id", "person", "system", "levels", "status"])),
    ];
    let coded = formats.into_iter().find(|(_, fits)| *fits).map(|(format, _)| format);
    let by_mapping = || mapping::closest::by_columns(&columns).map(Format::Mapped);
    coded.or_else(by_mapping).or_else(|| has(&["account"]).then_some(Format::AccountsCsv))
}

/// What a file has in its header, or as keys of its first record.
pub(super) fn columns(file: &RawFile) -> Vec<String> {
    if !is_json(file) {
        return spelled_header(file);
    }
    let document = document(file);
    let record = document.as_ref().and_then(mapping::first_record);
    record.and_then(Value::as_object).map(|record| record.keys().cloned().collect()).unwrap_or_default()
}

/// By the keys of a page and of its first record.
fn of_page(file: &RawFile) -> Option<Format> {
    let value = document(file)?;
    coded_page(&value).or_else(|| mapping::closest::by_document(&value).map(Format::Mapped))
}

fn coded_page(value: &Value) -> Option<Format> {
    let first = |list: &Value| list.as_array().and_then(|records| records.first()).cloned();
    // SCIM's names have no case.
    let has_total =
        |page: &serde_json::Map<_, _>| page.keys().any(|key: &String| key.eq_ignore_ascii_case("totalResults"));
    if value.get("Resources").is_some() || value.as_object().is_some_and(has_total) {
        return Some(Format::Scim);
    }
    if aws_credential_report::is_envelope(value) {
        return Some(Format::AwsCredentialReport);
    }
    if let Some(record) = value.get("results").and_then(first) {
        let merge = ["employments", "remote_was_deleted", "employment_status", "effective_date"];
        if merge.iter().any(|key| record.get(*key).is_some()) {
            return Some(Format::Merge);
        }
    }
    if let Some(record) = value.get("result").and_then(first) {
        let staff = ["employment_status", "employee_number", "employee", "start_date"];
        let staff = staff.iter().any(|key| record.get(*key).is_some());
        let others = || mapping::closest::by_document(value).map_or(Format::TrutoUserDirectory, Format::Mapped);
        return Some(if staff { Format::TrutoHris } else { others() });
    }
    let records = value.get("data").unwrap_or(value);
    let record = first(records)?;
    let has = |keys: &[&str]| keys.iter().all(|key| record.get(*key).is_some());
    let formats = [
        (Format::OktaUsers, has(&["id", "status", "profile"])),
        (Format::GithubMembers, has(&["login", "type"])),
        (Format::AccessRequestsJson, has(&["id", "person", "system", "levels"])),
        (Format::Humaans, has(&["id", "firstName", "status"]) || has(&["id", "personId"])),
    ];
    formats.into_iter().find(|(_, fits)| *fits).map(|(format, _)| format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_what_stands_in_the_files() {
        for (text, wanted) in [
            ("account,status\na,active\n", Some(Format::AccountsCsv)),
            ("user,arn,user_creation_time,password_enabled\n", Some(Format::AwsCredentialReport)),
            (
                "Email Address [Required],Status [READ ONLY],Last Sign In [READ ONLY]\n",
                Some(Format::GoogleWorkspaceCsv),
            ),
            ("id,person,system,levels,status\n", Some(Format::AccessRequestsCsv)),
            (r#"[{"id":"1","status":"ACTIVE","profile":{}}]"#, Some(Format::OktaUsers)),
            (r#"[{"login":"a","id":1,"type":"User"}]"#, Some(Format::GithubMembers)),
            (r#"{"totalResults":0}"#, Some(Format::Scim)),
            (r#"{"totalresults":0,"resources":[]}"#, Some(Format::Scim)),
            (r#"{"results":[{"id":"1","employment_status":"ACTIVE"}]}"#, Some(Format::Merge)),
            (r#"{"result":[{"id":"1","roles":[]}]}"#, Some(Format::TrutoUserDirectory)),
            (r#"{"result":[{"id":"1","employment_status":"active"}]}"#, Some(Format::TrutoHris)),
            (r#"{"total":1,"data":[{"id":"1","firstName":"A","status":"active"}]}"#, Some(Format::Humaans)),
            (r#"[{"id":"1","person":"p","system":"s","levels":[]}]"#, Some(Format::AccessRequestsJson)),
            ("name,mail\n", None),
            ("[]", None),
        ] {
            assert_eq!(format(&[RawFile::new("x", text)]), wanted, "{text}");
        }
    }
}
