use super::{doubt::Remedy, *};
use crate::{diagnostic::Code, files::RawFile, ingest::Statements, json::KeyCase, model::Basis};

const LAYOUT: Layout = Layout {
    collections: &[
        CollectionLayout::new("people", "id", &["id", "updatedAt", "v"]),
        CollectionLayout::new("job-roles", "id", &["id"]),
    ],
    objects: &[("token-info", &["scopes"])],
    envelope: Envelope {
        total: Some("total"),
        next: Some("next"),
        previous: Some("previous"),
        start: Some(("skip", 0)),
        ..Envelope::of("data")
    },
    page_limits: &[30, 100],
    other_ids: &[],
    key_case: KeyCase::Sensitive,
};

fn file(name: &str, text: &str) -> RawFile {
    RawFile::new(name, text)
}

fn people(files: &[RawFile]) -> RawCollection {
    sort(files, &LAYOUT).unwrap().collections["people"].clone()
}

#[test]
fn pages_come_as_files_folders_envelopes_lists_and_single_records() {
    let all = people(&[
        file("people-1.json", r#"{"total":4,"limit":1,"skip":0,"data":[{"id":"a"}]}"#),
        file("people/2.json", r#"{"total":4,"limit":1,"skip":1,"data":[{"id":"b"},{"id":"a"}]}"#),
        file("raw/People_3.json", r#"[{"id":"c"}]"#),
        file("people.json", r#"{"id":"d"}"#),
    ]);
    assert_eq!(all.records.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert!(all.complete(), "{:?}", all.reasons);
}

#[test]
fn a_short_count_is_incomplete() {
    let short = people(&[file("people.json", r#"{"total":3,"limit":250,"skip":0,"data":[{"id":"a"}]}"#)]);
    assert_eq!(short.reasons, ["1 of 3 records are here"]);
    assert_eq!(people(&[]).reasons, ["not provided"]);
}

#[test]
fn a_page_that_names_a_further_one_is_not_the_last() {
    let first = file("people-1.json", r#"{"next":"abc","data":[{"id":"a"}]}"#);
    let between = |page: usize| file(&format!("people-{page}.json"), r#"{"next":"abc","data":[{"id":"a"}]}"#);
    let last = |end: &str| file("people-10.json", &format!(r#"{{"next":{end},"data":[{{"id":"b"}}]}}"#));
    assert_eq!(people(std::slice::from_ref(&first)).reasons, ["its last page names a further one, which is not here"]);
    for end in ["null", r#""""#] {
        let mut pages: Vec<RawFile> = (1..10).map(between).collect();
        pages.insert(0, last(end));
        let all = people(&pages);
        assert!(all.complete(), "{end}: {:?}", all.doubts);
        assert_eq!(all.basis, Some(Basis::LastPage));
        pages.remove(4);
        assert_eq!(people(&pages).reasons, ["page 4 is not here"]);
    }
}

#[test]
fn the_first_page_is_asked_for_wherever_no_total_counts() {
    let reasons = |names: &[&str], text: &str| {
        let files: Vec<RawFile> = names.iter().map(|name| file(name, text)).collect();
        let list = people(&files);
        assert!(list.reasons.is_empty(), "a statement settles it: {:?}", list.reasons);
        list.doubts.into_iter().map(|doubt| doubt.reason).collect::<Vec<_>>()
    };
    let missing = ["page 1 is not here"];
    assert_eq!(reasons(&["people-2.json", "people-3.json"], r#"[{"id":"a"}]"#), missing, "bare lists");
    assert_eq!(reasons(&["people/2.json"], r#"[{"id":"a"}]"#), missing);
    assert_eq!(reasons(&["people-2.json"], r#"{"next":null,"data":[{"id":"a"}]}"#), missing);
    for (names, text) in [
        (&["people-2.json"][..], r#"{"total":1,"data":[{"id":"a"}]}"#),
        (&["people.json", "people-2.json"], r#"[{"id":"a"}]"#),
        (&["people-2026-11-20.json"], r#"[{"id":"a"}]"#),
        (&["people/2026-11-20.json"], r#"[{"id":"a"}]"#),
        (&["people-2026-11-20.json", "people-2026-11-20-2.json"], r#"[{"id":"a"}]"#),
        (&["people-2026-11-19.json", "people-2026-11-21.json"], r#"[{"id":"a"}]"#),
    ] {
        assert!(reasons(names, text).is_empty(), "{names:?}: {:?}", reasons(names, text));
    }
}

#[test]
fn a_page_after_a_date_has_a_number() {
    let names = ["people-2026-11-20.json", "people-2026-11-20-3.json"];
    let files: Vec<RawFile> = names.iter().map(|name| file(name, r#"[{"id":"a"}]"#)).collect();
    assert_eq!(people(&files).reasons, ["page 2 is not here"]);
}

#[test]
fn data_without_a_known_ending_is_named() {
    for name in ["page1", "people-2", "people-2.txt", "people-2.json.bak"] {
        let files = [file("people.json", r#"[{"id":"a"}]"#), file(name, r#"[{"id":"b"}]"#)];
        let mut pages = sort(&files, &LAYOUT).unwrap();
        pages.weigh(&Statements::default(), &["people"]);
        let list = &pages.collections["people"];
        assert!(!list.complete() && list.why().contains(&format!("`{name}`")), "{name}: {}", list.why());
    }
    let files = [file("people.json", r#"[{"id":"a"}]"#), file("README.md", "[notes](x)")];
    assert!(sort(&files, &LAYOUT).unwrap().unread.is_empty());
}

#[test]
fn hidden_data_doubts_every_list_without_a_matching_total() {
    let weighed = |people: &str, statements: &Statements| {
        let files = [file("people.json", people), file("job-roles.json", r#"[{"id":"r"}]"#)];
        let mut pages = sort(&files, &LAYOUT).unwrap();
        pages.hidden.push(".job-roles-2.json".to_owned());
        pages.weigh(statements, &["people"]);
        ["people", "job-roles"].map(|name| pages.collections[name].complete())
    };
    let none = Statements::default();
    assert_eq!(weighed(r#"[{"id":"a"}]"#, &none), [false, false]);
    assert_eq!(weighed(r#"{"total":1,"data":[{"id":"a"}]}"#, &none), [true, false]);
    assert_eq!(weighed(r#"[{"id":"a"}]"#, &Statements { expected: Some(1), ..none.clone() }), [true, false]);
    assert_eq!(weighed(r#"[{"id":"a"}]"#, &Statements { complete: true, ..none }), [true, true]);
}

#[test]
fn data_that_is_not_read_doubts_every_list_without_a_total() {
    let complete = |roles: &str| {
        let files = [("people.json", r#"[{"id":"a"}]"#), ("job-roles.json", roles), ("jobroles2.json", "[]")];
        let files = files.map(|(name, text)| file(name, text));
        let mut pages = sort(&files, &LAYOUT).unwrap();
        pages.weigh(&Statements::default(), &["people"]);
        ["people", "job-roles"].map(|name| pages.collections[name].complete())
    };
    assert_eq!(complete(r#"[{"id":"r"}]"#), [false, false]);
    assert_eq!(complete(r#"{"total":1,"data":[{"id":"r"}]}"#), [false, true]);
}

#[test]
fn objects_that_differ_are_not_known() {
    let of = |second: &str| {
        let first = file("token-info-1.json", r#"{"scopes":["private:read"],"other":1}"#);
        sort(&[first, file("token-info-2.json", second)], &LAYOUT).unwrap()
    };
    let pages = of(r#"{"scopes":["public:read"]}"#);
    assert!(!pages.objects.contains_key("token-info"));
    assert_eq!(pages.failed_objects["token-info"], "`token-info-1.json` and `token-info-2.json` differ");
    let equal = of(r#"{"scopes":["private:read"],"other":2}"#);
    assert!(equal.objects.contains_key("token-info") && equal.failed_objects.is_empty());
}

#[test]
fn pages_that_begin_later_lack_those_before() {
    let page = |name: &str, around: &str, id: &str| file(name, &format!(r#"{{{around},"data":[{{"id":"{id}"}}]}}"#));
    let first = page("people-1.json", r#""next":"b","previous":null"#, "a");
    let last = page("people-2.json", r#""next":null,"previous":"a""#, "b");
    assert!(people(&[first.clone(), last.clone()]).complete());
    let alone = people(&[RawFile::new("people.json", last.bytes.clone())]);
    assert_eq!(alone.reasons, ["its first page names one before it, which is not here"]);
    let at = |skip: usize, id: &str| page(&format!("people-{skip}.json"), &format!(r#""total":2,"skip":{skip}"#), id);
    assert!(people(&[at(0, "a"), at(1, "b")]).complete());
    let later = people(&[page("people.json", r#""total":1,"skip":4"#, "e")]);
    assert_eq!(later.reasons, ["4 records come before its first page, which is not here"]);
    // A page without a place may be the first one.
    assert!(
        people(&[page("people-1.json", r#""total":2"#, "a"), page("people-2.json", r#""total":2,"skip":1"#, "b")])
            .complete()
    );
}

#[test]
fn advice_fits_the_doubt() {
    let mut list = RawCollection { provided: true, ..RawCollection::default() };
    list.hidden_leavers.push(Doubt::new("no scope", Remedy::OtherToken));
    assert_eq!(list.why(), "no scope (pull it again with a token that has the scope)");
    list.hidden_leavers.push(Doubt::new("no leaver", Remedy::StateSeesLeavers));
    assert!(list.all_reasons()[1].contains("sees_leavers: true"), "{:?}", list.all_reasons());
    let stated = Statements { sees_leavers: true, reason: Some("seen".to_owned()), ..Statements::default() };
    list.weigh(&stated, true);
    assert_eq!(list.hidden_leavers.len(), 1, "a statement does not outweigh a missing scope");
}

#[test]
fn what_shows_that_a_list_is_complete() {
    let rows = |count: usize| (0..count).map(|at| format!(r#"{{"id":"{at}"}}"#)).collect::<Vec<_>>().join(",");
    for (text, basis) in [
        (format!(r#"{{"total":2,"data":[{}]}}"#, rows(2)), Some(Basis::Total)),
        (format!("[{}]", rows(2)), Some(Basis::LastPage)),
        (format!("[{}]", rows(30)), None),
        (format!("[{}]", rows(300)), None),
        (r#"{"id":"a"}"#.to_owned(), Some(Basis::Assumed)),
    ] {
        let all = people(&[file("people.json", &text)]);
        assert_eq!((all.complete(), all.basis), (basis.is_some(), basis), "{text}");
    }
}

#[test]
fn statements_settle_doubts_and_no_more() {
    let rows: Vec<String> = (0..30).map(|at| format!(r#"{{"id":"{at}"}}"#)).collect();
    let stated = Statements { complete: true, reason: Some("counted".to_owned()), ..Statements::default() };
    let weighed = |text: &str, statements: &Statements| {
        let mut all = people(&[file("people.json", text)]);
        all.weigh(statements, true);
        all.describe("people", 0)
    };
    let page = format!("[{}]", rows.join(","));
    let list = weighed(&page, &stated);
    assert_eq!((list.basis, list.stated_reason.as_deref()), (Some(Basis::Stated), Some("counted")));
    let short = r#"{"total":3,"data":[{"id":"a"}]}"#;
    assert!(!weighed(short, &stated).complete, "evidence outweighs a statement");
    let expect = |expected| Statements { expected: Some(expected), ..Statements::default() };
    assert_eq!(weighed(&page, &expect(30)).basis, Some(Basis::Total));
    let refuted = weighed(r#"{"total":1,"data":[{"id":"a"}]}"#, &expect(2));
    assert_eq!(refuted.reasons, ["1 record is here, and tenure.yaml states `expected: 2`"]);
}

#[test]
fn keys_that_nothing_reads_are_not_kept() {
    let all = people(&[file("people.json", r#"[{"id":"a","v":1,"taxId":"SECRET"}]"#)]);
    assert!(!format!("{all:?}").contains("SECRET"));
}

#[test]
fn records_without_id_are_rejected_by_name() {
    let all = people(&[file("people.json", r#"[{"id":"a"}, {"id":5}, {}, "x"]"#)]);
    let named: Vec<String> = all.rejected.iter().map(|no| format!("{}: {}", no.record, no.reason)).collect();
    assert_eq!(
        named,
        [
            "people.json, record 2: its `id` is a number",
            "people.json, record 3: it has no `id`",
            "people.json, record 4: it is a text, not an object",
        ]
    );
    assert!(!all.complete());
}

#[test]
fn the_later_state_of_a_moved_record_is_kept_whatever_the_order() {
    let old = file("people-1.json", r#"[{"id":"a","updatedAt":"2026-01-01T00:00:00Z","v":1}]"#);
    let new = file("people-2.json", r#"[{"id":"a","updatedAt":"2026-02-01T00:00:00Z","v":2}]"#);
    for files in [[old.clone(), new.clone()], [new, old]] {
        assert_eq!(people(&files).records[0].values.get("v"), Some(&2.into()));
    }
}

#[test]
fn a_key_that_an_object_gives_twice_is_an_error() {
    for page in [r#"[{"id":"a","v":1,"v":2}]"#, r#"[{"id":"a","other":{"x":1,"x":1}}]"#, r#"{"data":[],"data":[]}"#] {
        let problems = sort(&[file("people.json", page)], &LAYOUT).unwrap_err();
        assert!(problems[0].code == Code::DuplicateKey && problems[0].message.contains("people.json:1:"), "{page}");
    }
    let token = file("token-info.json", r#"{"scopes":[],"scopes":["private:read"]}"#);
    assert_eq!(sort(&[token], &LAYOUT).unwrap_err()[0].code, Code::DuplicateKey);
}

#[test]
fn an_api_error_is_not_a_page() {
    let body = r#"{"id":"e1","code":"Forbidden","message":"no access"}"#;
    let problems = sort(&[file("people.json", body)], &LAYOUT).unwrap_err();
    assert!(problems[0].message.contains("no access"));
    let pages = sort(&[file("peple.json", "[]")], &LAYOUT).unwrap();
    assert_eq!(pages.warnings[0].help.as_deref(), Some("did you mean `people`?"));
}
