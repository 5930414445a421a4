//! Addresses of hand-written records obey the rule of [`AddressText`] too: what is no address links nobody.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Account, Person, Unknown};
use crate::model::{Fact, address::AddressText};

impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Person::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Person {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut person = Person::deserialize(deserializer)?;
        take_address(&mut person.work_email, "work_email", &mut person.unknown);
        Ok(person)
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Account::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut account = Account::deserialize(deserializer)?;
        take_address(&mut account.email, "email", &mut account.unknown);
        Ok(account)
    }
}

/// Empties a placeholder, and makes other text that is no address unknown.
fn take_address(fact: &mut Fact<String>, name: &str, unknown: &mut Unknown) {
    let Fact::Known(text) = &*fact else { return };
    match AddressText::of(text) {
        AddressText::Address(_) => {}
        AddressText::Placeholder => *fact = Fact::Empty,
        AddressText::Other => {
            unknown.insert(name.to_owned(), format!("`{name}`: the text is not an e-mail address"));
            *fact = Fact::Unknown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_links_nobody() {
        let read = |email: &str| -> Account {
            let text = format!(r#"{{"id":"a","system":"s","source":"s","email":"{email}","status":"active"}}"#);
            serde_json::from_str(&text).unwrap()
        };
        assert_eq!(read("a@x.example").email, Fact::Known("a@x.example".into()));
        assert_eq!(read("N/A").email, Fact::Empty);
        let open = read("ask Ann");
        assert!(open.email.is_unknown() && open.unknown["email"].contains("not an e-mail address"));
        // Unknown fields are refused as before.
        assert!(serde_json::from_str::<Account>(r#"{"id":"a","system":"s","source":"s","x":1}"#).is_err());
        assert!(serde_json::to_string(&open).unwrap().contains(r#""unknown":{"email""#));
    }
}
