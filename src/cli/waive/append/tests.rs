use super::*;
use crate::{diagnostic::Code, escape::is_harmful};

fn entry(reason: &str) -> WaiverText {
    WaiverText {
        id: "W-2".to_owned(),
        check: "c".to_owned(),
        subject: "Person::\"p\"".to_owned(),
        entitlement: None,
        reason: reason.to_owned(),
        approved_by: "a@x.example".to_owned(),
        created: "2026-01-01".parse().unwrap(),
        expires: "2026-02-01".parse().unwrap(),
    }
}

fn appended(text: &str) -> String {
    append(&SourceFile::new("w.yaml", text), &entry("why")).unwrap_or_else(|problem| panic!("{problem}: {text}"))
}

/// Whether something was put in at one place, and all else is as it was.
fn is_put_in(before: &str, after: &str) -> bool {
    let same = |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.take_while(|(one, two)| one == two).count();
    let head = same(&mut before.chars().zip(after.chars()));
    let tail = same(&mut before.chars().rev().zip(after.chars().rev()));
    after.len() > before.len() && head + tail >= before.chars().count()
}

const ONE: &str = "id: W-1\n    check: c\n    subject: Person::\"q\"\n    reason: r\n    approved_by: a@x.example\n    created: 2026-01-01\n    expires: 2026-02-01";

#[test]
fn an_entry_is_put_behind_the_last_and_comments_stay() {
    let text = format!("# top\nwaivers: # list\n  # first\n  - {ONE} # note\n    # of the first\n\n# the end\n");
    let after = appended(&text);
    let expected = "    # of the first\n\n  - id: W-2\n    check: c\n    subject: Person::\"p\"\n    reason: why\n    \
                    approved_by: a@x.example\n    created: 2026-01-01\n    expires: 2026-02-01\n\n# the end\n";
    assert!(after.ends_with(expected), "{after}");
    assert!(after.starts_with("# top\nwaivers: # list\n  # first\n"), "{after}");
}

#[test]
fn nothing_that_was_there_is_lost_in_any_layout() {
    let flat = "{ id: W-1, check: c, subject: 'Person::\"q\"', reason: r, approved_by: a@x.example, created: 2026-01-01, expires: 2026-02-01 }";
    let column = ONE.replace("\n    ", "\n  ");
    for text in [
        format!("waivers:\n  - {ONE}"),
        format!("waivers:\n- {column}\n"),
        format!("waivers:\r\n  - {}\r\n# end\r\n", ONE.replace('\n', "\r\n")),
        format!("waivers:\n  - {flat}\n  # and\n"),
        format!("waivers:\n  - {flat}\n  - {}\n# ] }}\n", flat.replace("W-1", "W-0")),
        format!("waivers: [{flat}]\n"),
        format!("waivers: [\n  {flat}, # one ]\n  # more\n]\n# ]\n"),
        format!("{{ waivers: [{flat}] }}\n"),
        format!("---\nwaivers:\n  - {ONE}\n...\n"),
        format!("waivers:\n  -\n    {ONE}\n# end"),
        format!("waivers:\n  - {}\n    reason: |+\n      a\n\n\n# end\n", ONE.replace("    reason: r\n", "")),
        "waivers: [ # none\n]\n".to_owned(),
        "waivers:\n# none\n".to_owned(),
        "# none\n".to_owned(),
    ] {
        assert!(is_put_in(&text, &appended(&text)), "{text}\n---\n{}", appended(&text));
    }
}

#[test]
fn nothing_gives_way_to_the_first_entry() {
    for text in ["waivers: []", "waivers: [ ]\n", "waivers: null\n", "waivers: ~", "waivers:\n", "waivers:", ""] {
        let after = appended(text);
        assert!(after.starts_with("waivers:\n  - id: W-2\n"), "{text}: {after}");
    }
    assert!(appended("waivers: [] # none\n#  - id: W-1\n").starts_with("waivers: # none\n  - id: W-2\n"));
    assert!(appended("waivers: []\n#  - id: W-1\n").ends_with("expires: 2026-02-01\n#  - id: W-1\n"));
}

#[test]
fn every_reason_comes_back_as_it_was() {
    for reason in [
        "plain words, with a comma",
        "a: b # c",
        "# only",
        "- item",
        "'quoted' \"twice\" \\ back",
        "line one\nline two\n",
        " blanks ",
        "no",
        "2026-01-01",
        "1e3",
        "{x: [y]}",
        "*alias &anchor !tag %x @y `z`",
        "\u{202e}txet\u{200b} \u{1b}[31m \u{e0041} \u{85} \u{2028} \u{feff} \u{ffff}",
        "山田 é 🎉 e\u{301}",
        "=cmd()|' /C calc'!A0",
        "]]></script>",
        "tab\there\r",
    ] {
        for text in ["waivers: []\n", "{ waivers: [] }\n"] {
            let file = SourceFile::new("w.yaml", text);
            let after = append(&file, &entry(reason)).unwrap();
            assert!(!after.contains(|letter| letter != '\n' && is_harmful(letter)), "{after:?}");
            let value: Value = serde_yaml::from_str(&after).unwrap();
            assert_eq!(value["waivers"][0]["reason"].as_str(), Some(reason));
        }
    }
}

#[test]
fn a_list_that_is_an_alias_is_left_alone() {
    let text = "x: &l\n- {id: W-1}\nwaivers: *l\n";
    assert_eq!(append(&SourceFile::new("w.yaml", text), &entry("why")).unwrap_err().code, Code::WaiversFile);
}
