use serde_json::json;

use super::*;
use crate::{
    diagnostic::Code,
    ingest::pages::Values,
    model::{Fact, Zone},
};

#[test]
fn missing_null_and_unreadable_are_three_things() {
    let value = json!({ "a": null, "b": "2024-02-30", "c": "2024-02-29", "d": 5, "e": "  " });
    let seen = NotUnderstood::new(&Zone::utc());
    let values = Values::of(value.as_object().unwrap().clone(), &["a", "b", "c", "d", "e"]);
    let mut fields = Fields::new("people", "p1", &values, &seen);
    assert_eq!(fields.date("a", "a"), Fact::Empty);
    assert_eq!(fields.date("b", "b"), Fact::Unknown);
    assert_eq!(fields.date("c", "c"), Fact::Known("2024-02-29".parse().unwrap()));
    assert_eq!(fields.text("d", "d"), Fact::Unknown);
    assert_eq!(fields.text("e", "e"), Fact::Empty);
    assert_eq!(fields.text("f", "f"), Fact::Unknown);
    let unknown = fields.into_unknown();
    assert_eq!(unknown.keys().collect::<Vec<_>>(), ["b", "d", "f"]);
    assert_eq!(unknown["f"], "`people` gave no `f`");
    assert_eq!(seen.warnings("humaans").len(), 2);
}

#[test]
fn placeholders_are_no_addresses_and_are_named() {
    let value = json!({ "a": "n/a", "b": "Ann", "c": [{ "value": "TBD", "primary": true }, { "value": "c@x.example" }],
        "d": [{ "value": "-" }], "e": [{ "value": "nobody", "primary": true }, { "value": "e@x.example" }] });
    let seen = NotUnderstood::new(&Zone::utc());
    let values = Values::of(value.as_object().unwrap().clone(), &["a", "b", "c", "d", "e"]);
    let mut fields = Fields::new("people", "p1", &values, &seen);
    let mut list = |key: &str| fields.address_of(key, key, ["value", "primary"], |_| true);
    assert_eq!((list("c"), list("d")), (Fact::Known("c@x.example".into()), Fact::Empty));
    assert_eq!(list("e"), Fact::Unknown);
    assert_eq!((fields.address("a", "a"), fields.address("b", "b")), (Fact::Empty, Fact::Unknown));
    let codes: Vec<Code> = seen.warnings("x").iter().map(|said| said.code).collect();
    assert_eq!(
        codes,
        [Code::ValueNotUnderstood, Code::ValueNotUnderstood, Code::PlaceholderAddress, Code::PlaceholderAddress]
    );
}

#[test]
fn a_day_is_a_date_or_midnight_utc_or_the_local_day_of_an_instant() {
    let zone = Zone::new("America/New_York").unwrap();
    let date = |text: &str| date(text, &zone);
    for text in ["2024-05-06", "2024-05-06T00:00:00Z", "2024-05-06 00:00", "2024-05-06T00:00:00.000+00:00"] {
        assert_eq!(date(text).unwrap().to_string(), "2024-05-06", "{text}");
    }
    for (text, day) in [
        ("2026-11-20T04:59:59Z", "2026-11-19"),
        ("2026-11-20T05:00:00Z", "2026-11-20"),
        ("2026-11-20T00:00:00+01:00", "2026-11-19"),
        ("2026-11-20T00:00:00-05:00", "2026-11-20"),
        ("2026-11-20 23:59:59.999-05:00", "2026-11-20"),
    ] {
        assert_eq!(date(text).unwrap().to_string(), day, "{text}");
    }
    for text in ["2026-11-20T10:00", "2026-11-20T", "2026-11-20T10:00:00", "06/05/2024"] {
        assert!(date(text).is_err(), "{text}");
    }
    assert!(!date("born on 3 May, tax id 12345").unwrap_err().contains("tax"), "free text is not repeated");
}
