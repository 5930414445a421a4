//! Which format files look to be of: told by the names of pages and by what stands in the first of them, where that
//! leaves no doubt.

use serde_json::Value;

use super::Format;
use crate::files::{self, RawFile};

pub(super) fn format(files: &[RawFile]) -> Option<Format> {
    match files {
        [file] => of_text(file).or_else(|| of_page(file)),
        files => {
            let mut guesses: Vec<Format> = files.iter().filter_map(of_page).collect();
            guesses.sort();
            guesses.dedup();
            match guesses.as_slice() {
                [one] => Some(*one),
                _ => None,
            }
        }
    }
}

/// Whether a file is JSON, or means to be.
pub(super) fn is_json(file: &RawFile) -> bool {
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// What an API says in a file, in place of records.
pub(super) fn api_error(file: &RawFile) -> Option<String> {
    let body: Value = serde_json::from_str(files::text(&file.shown, &file.bytes).ok()?).ok()?;
    super::pages::api_message(body.as_object()?).map(str::to_owned)
}

/// By the header of a table.
fn of_text(file: &RawFile) -> Option<Format> {
    let text = files::text(&file.shown, &file.bytes).ok()?;
    if is_json(file) {
        return None;
    }
    let header = text.lines().next()?;
    let columns: Vec<String> = csv::ReaderBuilder::new()
        .from_reader(header.as_bytes())
        .headers()
        .ok()?
        .iter()
        .map(super::table::column)
        .collect();
    let has = |names: &[&str]| names.iter().all(|name| columns.iter().any(|column| column == name));
    let formats = [
        (Format::AwsCredentialReport, has(&["user", "arn", "password_enabled"])),
        (Format::GoogleWorkspaceCsv, has(&["email address", "status", "last sign in"])),
        (Format::AccessRequestsCsv, has(&["id", "person", "system", "levels", "status"])),
        (Format::AccountsCsv, has(&["account"])),
    ];
    formats.into_iter().find(|(_, fits)| *fits).map(|(format, _)| format)
}

/// By the keys of a page and of its first record.
fn of_page(file: &RawFile) -> Option<Format> {
    let value: Value = serde_json::from_str(files::text(&file.shown, &file.bytes).ok()?).ok()?;
    let first = |list: &Value| list.as_array().and_then(|records| records.first()).cloned();
    // SCIM's names have no case.
    let has_total =
        |page: &serde_json::Map<_, _>| page.keys().any(|key: &String| key.eq_ignore_ascii_case("totalResults"));
    if value.get("Resources").is_some() || value.as_object().is_some_and(has_total) {
        return Some(Format::Scim);
    }
    if let Some(records) = value.get("results") {
        let record = first(records)?;
        let merge = ["employments", "remote_was_deleted", "employment_status", "effective_date"];
        return merge.iter().any(|key| record.get(*key).is_some()).then_some(Format::Merge);
    }
    if let Some(records) = value.get("result") {
        let record = first(records)?;
        let staff = ["employment_status", "employee_number", "employee", "start_date"];
        let staff = staff.iter().any(|key| record.get(*key).is_some());
        return Some(if staff { Format::TrutoHris } else { Format::TrutoUserDirectory });
    }
    let records = value.get("data").unwrap_or(&value);
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
