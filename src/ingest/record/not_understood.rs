//! Values that were given but not understood.

use std::{cell::RefCell, collections::BTreeMap};

use jiff::civil::Date;

use super::scalars::{date, quoted};
use crate::{
    diagnostic::{Code, Diagnostic, first_few},
    model::{Zone, address::AddressText},
};

/// Values that were given but not understood, gathered over all records of a source: what was wrong, and in which
/// records.
#[derive(Debug)]
pub(crate) struct NotUnderstood {
    values: RefCell<BTreeMap<String, Vec<String>>>,
    /// Fields for addresses that hold a spelling of "none".
    placeholders: RefCell<BTreeMap<String, Vec<String>>>,
    /// The zone in which an instant becomes a day.
    pub(super) zone: Zone,
}

impl NotUnderstood {
    /// Nothing yet, of a source of an organisation in this time zone.
    pub(crate) fn new(zone: &Zone) -> Self {
        NotUnderstood { values: RefCell::default(), placeholders: RefCell::default(), zone: zone.clone() }
    }

    /// Reads a calendar day, as [`date`] does.
    ///
    /// # Errors
    /// Why the text is no day.
    pub(crate) fn date(&self, text: &str) -> Result<Date, String> {
        date(text, &self.zone)
    }

    pub(crate) fn add(&self, what: String, record: &str) {
        self.values.borrow_mut().entry(what).or_default().push(record.to_owned());
    }

    /// Reads a text in a field for an address, and notes one that is none.
    ///
    /// # Errors
    /// Why the text is no address.
    pub(crate) fn address(&self, field: &str, text: &str, record: &str) -> Result<Option<String>, String> {
        match AddressText::of(text) {
            AddressText::Address(address) => Ok(Some(address.to_owned())),
            AddressText::Placeholder => {
                self.no_address(field, text, record);
                Ok(None)
            }
            AddressText::Other => Err(format!("{} is not an e-mail address", quoted(text))),
        }
    }

    /// Reads a further address of a record, and notes a text that is none.
    pub(crate) fn further_address(&self, field: &str, text: &str, record: &str) -> Option<String> {
        let address = AddressText::of(text).address();
        if address.is_none() {
            self.no_address(field, text, record);
        }
        address.map(str::to_owned)
    }

    fn no_address(&self, field: &str, text: &str, record: &str) {
        if !text.trim().is_empty() {
            let what = format!("{field} is {}, which counts as no address", quoted(text));
            self.placeholders.borrow_mut().entry(what).or_default().push(record.to_owned());
        }
    }

    /// One warning per thing that was not understood, naming the first few records.
    pub(crate) fn warnings(&self, source: &str) -> Vec<Diagnostic> {
        let message = |what: &str, records: &[String]| {
            let named: Vec<String> = records.iter().map(|record| format!("`{record}`")).collect();
            format!("{source}: {what}: {}", first_few(&named, ", "))
        };
        let (values, placeholders) = (self.values.borrow(), self.placeholders.borrow());
        let values = values.iter().map(|(what, records)| {
            Diagnostic::warning(Code::ValueNotUnderstood, message(what, records))
                .help("the fact is unknown, and so is every verdict that needs it")
        });
        let placeholders = placeholders.iter().map(|(what, records)| {
            Diagnostic::warning(Code::PlaceholderAddress, message(what, records))
                .help("leave the field empty where there is no address, or write the address")
        });
        values.chain(placeholders).collect()
    }
}
