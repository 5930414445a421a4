use super::*;

fn bundle(ids: &[&str]) -> Bundle {
    let entry = |id: &&str| {
        format!(
            "  - {{ id: '{id}', check: c, subject: 'Person::\"p\"', reason: r, approved_by: a@x.example, created: 2026-01-01, \
             expires: 2026-02-01 }}\n"
        )
    };
    let text = format!("waivers:\n{}", ids.iter().map(entry).collect::<String>());
    Bundle::load(vec![SourceFile::new("waivers.yaml", text)]).unwrap()
}

#[test]
fn the_next_id_is_written_as_those_before_it() {
    for (ids, next) in [
        (&["W-12", "W-7"][..], "W-13"),
        (&["W-007"], "W-008"),
        (&["W-9", "SEC-3"], "SEC-4"),
        (&["W-3", "the one of the merger"], "W-4"),
        (&["the one of the merger"], "W-1"),
        (&["99"], "100"),
        (&["W-99999999999999999999999"], "W-1"),
    ] {
        assert_eq!(next_id(&bundle(ids)), next, "{ids:?}");
    }
}

#[test]
fn a_malformed_waiver_keeps_its_id() {
    let text = "waivers:\n  - { id: W-4 }\n";
    let bundle = Bundle::load(vec![SourceFile::new("waivers.yaml", text)]).unwrap();
    assert_eq!(next_id(&bundle), "W-5");
    assert!(free("W-4", &bundle).is_err());
    assert!(free("W-5", &bundle).is_ok());
}

#[test]
fn a_file_is_named_from_the_bundle_or_from_here() {
    let files = [SourceFile::new("waivers.yaml", "waivers: []\n"), SourceFile::new("a.cedar", "")];
    let folder = Path::new("./policies");
    let named = |path: &str| file(Some(Path::new(path)), folder, &files).map(|file| file.name.to_string());
    for path in ["waivers.yaml", "policies/waivers.yaml", "./policies/waivers.yaml", "./waivers.yaml"] {
        assert_eq!(named(path).unwrap(), "waivers.yaml", "{path}");
    }
    for path in ["../waivers.yaml", "/etc/waivers.yaml", "policies/../x.yaml", "a.cedar", "policies", ""] {
        assert!(named(path).is_err(), "{path}");
    }
}
