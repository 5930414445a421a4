//! Evidence without personal data: names, addresses and ids become pseudonyms that only the holder of a key can tell apart
//! from chance, the same ones in the snapshot and in the policies, so that everything can be judged again.
//!
//! Pseudonyms are HMAC-SHA256 over the text, cut to 96 bits, under a key of the organisation's own; the same key gives
//! the same ones in every run. Two pseudonyms are equal exactly if the texts are, and equal but for case exactly if the
//! texts are: entities are compared exactly, addresses and numbers without their case. Job titles, departments and dates
//! stay, since rules read them; free text is dropped.

mod cedar;
mod policies;
mod snapshot;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    diagnostic::{Code, Diagnostic},
    model::{
        Mailbox,
        fold::fold,
        hints::{SHORT_PSEUDONYM, can_link},
    },
};

pub use policies::bundle;

/// A shorter key could be guessed.
const SHORTEST_KEY: usize = 16;
/// How many letters a pseudonym has, of four bits each.
const LETTERS: usize = 24;
/// What stands for free text.
const REDACTED: &str = "redacted";

/// Makes pseudonyms.
pub struct Redactor {
    keyed: Hmac<Sha256>,
}

impl Redactor {
    /// With a key; a line break at its end does not belong to it.
    ///
    /// # Errors
    /// That the key is too short.
    pub fn new(name: &str, key: &[u8]) -> Result<Self, Diagnostic> {
        let key = key.strip_suffix(b"\n").unwrap_or(key);
        let key = key.strip_suffix(b"\r").unwrap_or(key);
        let keyed = Hmac::<Sha256>::new_from_slice(key).ok().filter(|_| key.len() >= SHORTEST_KEY);
        keyed.map(|keyed| Redactor { keyed }).ok_or_else(|| {
            let message = format!("the key in `{name}` has fewer than {SHORTEST_KEY} bytes, so it could be guessed");
            let problem = Diagnostic::error(Code::RedactionKey, message).in_file(name);
            problem.help("make one with `openssl rand -hex 32 > redaction.key`, and keep it")
        })
    }

    /// The keyed digest of a text of a kind, in half bytes.
    fn digest(&self, kind: &str, text: &str) -> impl Iterator<Item = u8> + use<> {
        let mut keyed = self.keyed.clone();
        keyed.update(kind.as_bytes());
        keyed.update(&[0]);
        keyed.update(text.as_bytes());
        keyed.finalize().into_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15])
    }

    /// Letters for a text: which ones depends on the folded text, and their case on the text as it is written. A folded
    /// text has lower-case letters alone.
    fn letters(&self, kind: &str, text: &str) -> String {
        let folded = fold(text);
        let is_folded = folded == text;
        let case = self.digest(kind, &format!("case\0{text}"));
        let letters = self.digest(kind, &folded).zip(case).take(LETTERS);
        let letters = letters.map(|(letter, case)| (char::from(b'a' + letter), !is_folded && case & 1 == 1));
        letters.map(|(letter, is_upper)| if is_upper { letter.to_ascii_uppercase() } else { letter }).collect()
    }

    /// The pseudonym of a person's, an account's or a record's id, of a number that the HRIS gives, or of an address.
    #[must_use]
    pub fn pseudonym(&self, text: &str) -> String {
        self.id(text)
    }

    fn id(&self, text: &str) -> String {
        if text.contains('@') {
            return self.address(text);
        }
        let prefix = if can_link(text) { "x" } else { SHORT_PSEUDONYM };
        format!("{prefix}{}", self.letters("id", text))
    }

    fn address(&self, text: &str) -> String {
        // `ann+board@…` is Ann's mailbox, and the pseudonyms show that.
        match text.rsplit_once('@').and_then(|(local, domain)| Some((local.split_once('+')?, domain))) {
            Some(((local, tag), domain)) => {
                let whole = self.letters("address", &format!("{local}@{domain}"));
                format!("{whole}+{}@redacted.example", self.letters("tag", tag))
            }
            None => format!("{}@redacted.example", self.letters("address", text)),
        }
    }

    /// The pseudonym of a name; the order of its words does not count.
    fn name(&self, text: &str) -> String {
        let mut words: Vec<&str> = text
            .split(|letter: char| letter.is_whitespace() || letter == ',')
            .filter(|word| !word.is_empty())
            .collect();
        // An id or a number may stand where a name may.
        if let [word] = words.as_slice() {
            return self.id(word);
        }
        words.sort_by_cached_key(|word| fold(word).into_owned());
        format!("Somebody {}", self.letters("name", &fold(&words.join(" "))))
    }

    /// An approver as a waiver writes it. What is malformed stays so.
    fn mailbox(&self, text: &str) -> String {
        match Mailbox::parse(text) {
            Ok(Mailbox { name: None, address }) => self.address(&address),
            Ok(Mailbox { name: Some(name), address }) => format!("{} <{}>", self.name(&name), self.address(&address)),
            Err(_) => REDACTED.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(key: &str) -> Redactor {
        Redactor::new("k", key.as_bytes()).unwrap()
    }

    #[test]
    fn pseudonyms_depend_on_key_and_text() {
        let one = redactor("0123456789abcdef\n");
        assert_eq!(one.address("ann@example.com"), redactor("0123456789abcdef").address("ann@example.com"));
        assert_ne!(one.address("ann@example.com"), redactor("0123456789abcdeg").address("ann@example.com"));
        assert_ne!(one.id("abcdefgh"), one.id("abcdefgi"));
        assert!(Redactor::new("k", b"0123456789abcde\n").is_err());
    }

    #[test]
    fn pseudonyms_are_equal_as_the_texts_are() {
        let one = redactor("0123456789abcdef");
        let texts = [
            "ann@x.example",
            "Ann@x.example",
            "ANN@X.EXAMPLE",
            " ann@x.example",
            "per-ann",
            "Per-Ann",
            "PER-ANN",
            "ann",
            "Ann",
            "bob",
            "7",
            "1234567",
            "12345678",
            "ann+a@x.example",
            "Ann+A@x.example",
            "ann+b@x.example",
        ];
        for a in texts {
            for b in texts {
                let (of_a, of_b) = (one.id(a), one.id(b));
                assert_eq!(a == b, of_a == of_b, "{a} {b}: {of_a} {of_b}");
                assert_eq!(fold(a) == fold(b), fold(&of_a) == fold(&of_b), "{a} {b}: {of_a} {of_b}");
            }
            assert_eq!(can_link(a), can_link(&one.id(a)), "{a}");
        }
    }

    #[test]
    fn short_texts_do_not_collide() {
        let one = redactor("0123456789abcdef");
        let pseudonyms: std::collections::BTreeSet<String> = (0..20_000).map(|id| one.id(&id.to_string())).collect();
        assert_eq!(pseudonyms.len(), 20_000);
    }

    #[test]
    fn approvers_stay_one_mailbox_or_none() {
        let one = redactor("0123456789abcdef");
        assert_eq!(
            one.mailbox("Ann Ames <ann@x.example>"),
            format!("{} <{}>", one.name("Ames, Ann"), one.address("ann@x.example"))
        );
        assert_eq!(one.mailbox("E-7 <ann@x.example>"), format!("{} <{}>", one.id("E-7"), one.address("ann@x.example")));
        for text in ["ann@x.example", "ann+board@x.example", "Ann Ames <ann@x.example>"] {
            assert!(Mailbox::parse(&one.mailbox(text)).is_ok(), "{}", one.mailbox(text));
        }
        for text in ["per-ann", "ann@x.example, bob@x.example", "mailto:ann@x.example"] {
            assert!(Mailbox::parse(&one.mailbox(text)).is_err(), "{text}");
        }
        let tagless = Mailbox::parse(&one.mailbox("Ann+Board@x.example")).unwrap().without_tag().unwrap();
        assert_eq!(fold(&tagless), fold(&one.address("ann@x.example")));
    }
}
