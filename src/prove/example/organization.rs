//! The organisation of a policy test out of an example of the solver.

use cedar_policy::{EntityUid, EvalResult};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::{Map, Value, json};

use crate::{
    bundle::{Bundle, CheckTarget, FactEntity, FactType, OrgRole, Outcome},
    model::Zone,
    prove::{
        setting::{Named, Setting},
        solver::Example,
    },
};

/// The day by which counterexamples are judged, and the instant at which it begins.
const TODAY: &str = "2026-11-20";
/// Maximum distance of a date from that day, in days.
const MAX_DISTANCE: i64 = 3660;
/// The id of the account.
const ACCOUNT: &str = "account";
/// The system of accounts in systems that the bundle does not name.
const OTHER_SYSTEM: &str = "another-system";
/// A level that the bundle does not name.
const OTHER_LEVEL: &str = "another-level";

/// An organisation, and the subject whose check shows something.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Lists of `organization:` by key.
    lists: Vec<(&'static str, Vec<Map<String, Value>>)>,
    staff: Map<String, Value>,
    subject: String,
    level: Option<String>,
}

/// Keys without which an entry is none.
const KEPT: [&str; 3] = ["id", "system", "account"];

impl Draft {
    /// Organisations near an example: one for each job title that gives about the org roles of the example.
    pub(super) fn all(bundle: &Bundle, setting: &Setting, example: &Example) -> Vec<Draft> {
        let Some(principal) = example.request.principal().cloned() else { return Vec::new() };
        let roles = [Some(principal.clone()), attribute(example, &principal, "owner").and_then(|value| as_uid(&value))];
        let wanted: Vec<String> = roles.iter().flatten().flat_map(|uid| org_roles(example, uid)).collect();
        let drafts = posts(bundle, &wanted)
            .into_iter()
            .map(|post| Builder { bundle, setting, example, post, draft: Draft::empty() }.build(&principal));
        drafts.flat_map(|draft| [draft.without_last_days(), draft]).collect()
    }

    /// The same without the last days of people who have left: a last day to come would say that they have not.
    fn without_last_days(&self) -> Draft {
        let mut changed = self.clone();
        for person in changed.list("people").into_iter().flatten() {
            if person.get("status") == Some(&json!("offboarded")) {
                person.retain(|name, _| name != "end_date");
            }
        }
        changed
    }

    fn empty() -> Self {
        let lists = ["people", "accounts", "identities", "systems"].map(|key| (key, Vec::new()));
        Draft { lists: lists.into(), staff: Map::new(), subject: String::new(), level: None }
    }

    fn list(&mut self, key: &str) -> Option<&mut Vec<Map<String, Value>>> {
        self.lists.iter_mut().find(|(name, _)| *name == key).map(|(_, list)| list)
    }

    fn add(&mut self, key: &str, entry: Map<String, Value>) {
        if let Some(list) = self.list(key) {
            list.push(entry);
        }
    }

    /// The same without its fact of this number; none if there are not so many.
    pub(super) fn without(&self, number: usize) -> Option<Draft> {
        let mut smaller = self.clone();
        let mut left = number;
        for (_, list) in &mut smaller.lists {
            for at in 0..list.len() {
                let Some(entry) = list.get_mut(at) else { continue };
                let removable: Vec<String> =
                    entry.keys().filter(|key| !KEPT.contains(&key.as_str())).cloned().collect();
                // Last, the entry as a whole.
                if let Some(key) = removable.get(left) {
                    entry.retain(|name, _| name != key);
                    return Some(smaller);
                }
                if left == removable.len() {
                    list.remove(at);
                    return Some(smaller);
                }
                left -= removable.len() + 1;
            }
        }
        let keys: Vec<String> = smaller.staff.keys().cloned().collect();
        let key = keys.get(left)?;
        smaller.staff.retain(|name, _| name != key);
        Some(smaller)
    }

    /// The file of a policy test.
    pub(super) fn test(&self, check: &str, outcome: Option<Outcome>) -> Value {
        let mut organization = Map::from_iter([("as_of".to_owned(), json!(TODAY))]);
        if !self.staff.is_empty() {
            organization.insert("staff".to_owned(), json!(self.staff));
        }
        for (key, list) in self.lists.iter().filter(|(_, list)| !list.is_empty()) {
            organization.insert((*key).to_owned(), json!(list));
        }
        let outcome = outcome.unwrap_or(Outcome::Pass);
        let mut expected = json!({ "check": check, "subject": self.subject, "outcome": outcome });
        if let (Some(level), Some(expected)) = (&self.level, expected.as_object_mut()) {
            expected.insert("level".to_owned(), json!(level));
        }
        json!({ "tests": [{
            "name": format!("counterexample: {check} is {outcome}"),
            "organization": organization,
            "expect": [expected],
        }] })
    }
}

struct Builder<'e> {
    bundle: &'e Bundle,
    setting: &'e Setting,
    example: &'e Example,
    post: Post,
    draft: Draft,
}

impl Builder<'_> {
    fn build(mut self, principal: &EntityUid) -> Draft {
        match self.setting.target {
            CheckTarget::PersonInOrganization => {
                self.person(principal, "person", true);
                self.draft.subject = "person".to_owned();
            }
            CheckTarget::AccountInSystem | CheckTarget::AccountHoldsEntitlement => self.account(principal),
            CheckTarget::SystemInOrganization => {
                let system = self.system_id();
                self.system(principal, &system);
                self.draft.subject = system;
            }
            CheckTarget::OrganizationItself => self.draft.subject = "test".to_owned(),
        }
        self.draft
    }

    fn account(&mut self, account: &EntityUid) {
        let (system, level) = (self.system_id(), self.level());
        let mut facts = Map::from_iter([("system".to_owned(), json!(system)), ("id".to_owned(), json!(ACCOUNT))]);
        self.draft.subject = format!("{system}/{ACCOUNT}");
        self.draft.level.clone_from(&level);
        if let Some(level) = level.filter(|level| level != "login") {
            facts.insert("levels".to_owned(), json!([level]));
        }
        self.word(account, "status", "status", &mut facts);
        self.instant(account, "lastLogin", "last_login", &mut facts);
        let class = self.attribute(account, "class").and_then(|value| id_of(&value).map(str::to_owned));
        if let Some(owner) = self.attribute(account, "owner").and_then(|value| as_uid(&value)) {
            self.person(&owner, "owner", true);
            facts.insert("person".to_owned(), json!("owner"));
            if let Some(class) = class.filter(|class| class != "staff") {
                facts.insert("class".to_owned(), json!(class));
            }
        } else if let Some(issue) = self.attribute(account, "identityIssue") {
            self.issue(id_of(&issue).unwrap_or_default(), &system, &mut facts);
        } else {
            self.declaration(account, &system, class.as_deref().unwrap_or("service"));
        }
        self.facts(account, FactEntity::Account, &mut facts);
        self.draft.add("accounts", facts);
        let of = self.attribute(account, "system").and_then(|value| as_uid(&value));
        if let Some(of) = of {
            self.system(&of, &system);
        }
    }

    /// The level of the setting, or one that the bundle does not name.
    fn level(&self) -> Option<String> {
        match &self.setting.level {
            Named::None => None,
            Named::Is(level) => Some(level.clone()),
            Named::Other => Some(OTHER_LEVEL.to_owned()),
        }
    }

    fn system_id(&self) -> String {
        self.setting.system.id().unwrap_or(OTHER_SYSTEM).to_owned()
    }

    /// How old a system's account list is.
    fn system(&mut self, of: &EntityUid, id: &str) {
        let mut facts = entry(id);
        if let Some(EvalResult::Bool(complete)) = self.attribute(of, "accountsComplete") {
            facts.insert("complete".to_owned(), json!(complete));
        }
        self.instant(of, "accountsAsOf", "pulled_at", &mut facts);
        self.draft.add("systems", facts);
    }

    fn declaration(&mut self, account: &EntityUid, system: &str, class: &str) {
        let mut declared = Map::from_iter([
            ("system".to_owned(), json!(system)),
            ("account".to_owned(), json!(ACCOUNT)),
            ("class".to_owned(), json!(class)),
        ]);
        self.day(account, "reviewBy", "review_by", &mut declared);
        self.day(account, "reviewedOn", "reviewed_on", &mut declared);
        if let Some(responsible) = self.attribute(account, "responsible").and_then(|value| as_uid(&value)) {
            self.person(&responsible, "responsible", false);
            declared.insert("owner".to_owned(), json!("responsible"));
        }
        self.draft.add("identities", declared);
    }

    fn issue(&mut self, issue: &str, system: &str, facts: &mut Map<String, Value>) {
        match issue {
            "no-match" => {
                facts.insert("email".to_owned(), json!("stranger@example.com"));
            }
            "ambiguous" => {
                facts.insert("email".to_owned(), json!("shared@example.com"));
                for id in ["one", "another"] {
                    let mut person = entry(id);
                    person.insert("work_email".to_owned(), json!("shared@example.com"));
                    self.draft.add("people", person);
                }
            }
            "mapped-to-nobody" => self.draft.add(
                "identities",
                Map::from_iter([
                    ("system".to_owned(), json!(system)),
                    ("account".to_owned(), json!(ACCOUNT)),
                    ("person".to_owned(), json!("missing")),
                ]),
            ),
            _ => {}
        }
    }

    fn person(&mut self, person: &EntityUid, id: &str, is_first: bool) {
        let mut facts = entry(id);
        self.word(person, "status", "status", &mut facts);
        self.day(person, "startDate", "start_date", &mut facts);
        self.day(person, "endDate", "end_date", &mut facts);
        if is_first {
            self.post(person, &mut facts);
        }
        let issue = self.attribute(person, "managerIssue").and_then(|value| id_of(&value).map(str::to_owned));
        match (issue.as_deref(), self.attribute(person, "manager").and_then(|value| as_uid(&value))) {
            (Some("self"), _) => {
                facts.insert("manager".to_owned(), json!(id));
            }
            (Some("dangling"), _) => {
                facts.insert("manager".to_owned(), json!("missing"));
            }
            (_, Some(manager)) if id != "manager" => {
                self.person(&manager, "manager", false);
                facts.insert("manager".to_owned(), json!("manager"));
            }
            _ => {}
        }
        self.facts(person, FactEntity::Person, &mut facts);
        if is_first && let Some(listed) = self.moved(person, "listedAt", "asOf") {
            self.draft.staff.insert("pulled_at".to_owned(), json!(listed.to_string()));
        }
        self.draft.add("people", facts);
    }

    /// The job title and department that give about the org roles wanted, or those that a rule compares.
    fn post(&self, person: &EntityUid, facts: &mut Map<String, Value>) {
        let text = |name: &str| match self.attribute(person, name) {
            Some(EvalResult::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let title = self.post.job_title.clone().or_else(|| text("jobTitle"));
        match title {
            Some(title) => facts.insert("job_title".to_owned(), json!(title)),
            None if self.attribute(person, "jobTitle").is_none() => facts.insert("job_title".to_owned(), Value::Null),
            None => None,
        };
        if let Some(department) = self.post.department.clone().or_else(|| text("department")) {
            facts.insert("department".to_owned(), json!(department));
        }
    }

    /// Facts that only some sources give. Those that the bundle does not read are left out.
    fn facts(&self, of: &EntityUid, entity: FactEntity, facts: &mut Map<String, Value>) {
        let mut given = Map::new();
        for fact in self.bundle.facts_read(entity) {
            let value = match self.attribute(of, fact.name) {
                None => Value::Null,
                Some(EvalResult::Bool(value)) => json!(value),
                Some(EvalResult::Long(value)) => json!(value),
                Some(EvalResult::String(text)) => json!(text),
                Some(EvalResult::EntityUid(uid)) => json!(uid.id().unescaped()),
                Some(EvalResult::ExtensionValue(_)) => {
                    let is_day = matches!(fact.fact_type, FactType::Date);
                    let Some(instant) = self.moved(of, fact.name, if is_day { "today" } else { "asOf" }) else {
                        continue;
                    };
                    json!(if is_day { date(instant).to_string() } else { instant.to_string() })
                }
                Some(EvalResult::Set(_) | EvalResult::Record(_)) => continue,
            };
            given.insert(fact.name.to_owned(), value);
        }
        if !given.is_empty() {
            facts.insert("facts".to_owned(), Value::Object(given));
        }
    }

    fn attribute(&self, of: &EntityUid, name: &str) -> Option<EvalResult> {
        attribute(self.example, of, name)
    }

    fn word(&self, of: &EntityUid, name: &str, key: &str, facts: &mut Map<String, Value>) {
        if let Some(value) = self.attribute(of, name)
            && let Some(word) = id_of(&value)
        {
            facts.insert(key.to_owned(), json!(word));
        }
    }

    fn day(&self, of: &EntityUid, name: &str, key: &str, facts: &mut Map<String, Value>) {
        if let Some(instant) = self.moved(of, name, "today") {
            facts.insert(key.to_owned(), json!(date(instant).to_string()));
        }
    }

    fn instant(&self, of: &EntityUid, name: &str, key: &str, facts: &mut Map<String, Value>) {
        if let Some(instant) = self.moved(of, name, "asOf") {
            facts.insert(key.to_owned(), json!(instant.to_string()));
        }
    }

    /// A date of the example, as far from the day of the counterexample as it is from `base` of the example's context.
    fn moved(&self, of: &EntityUid, name: &str, base: &str) -> Option<Timestamp> {
        let base = self.example.request.context().and_then(|context| context.get(base));
        let base = base.as_ref().and_then(milliseconds);
        let distance = milliseconds(&self.attribute(of, name)?)?.saturating_sub(base.unwrap_or_default());
        let most = MAX_DISTANCE * 24 * 3_600_000;
        let start: Date = TODAY.parse().ok()?;
        Zone::utc().midnight(start).checked_add(SignedDuration::from_millis(distance.clamp(-most, most))).ok()
    }
}

fn date(instant: Timestamp) -> Date {
    Zone::utc().date(instant)
}

fn as_uid(value: &EvalResult) -> Option<EntityUid> {
    match value {
        EvalResult::EntityUid(uid) => Some(uid.clone()),
        _ => None,
    }
}

/// A `datetime` in milliseconds since 1970: Cedar writes one as `datetime("…")`, or with an offset in milliseconds.
fn milliseconds(value: &EvalResult) -> Option<i64> {
    let EvalResult::ExtensionValue(text) = value else { return None };
    let mut quoted = text.split('"').skip(1).step_by(2);
    let start: Timestamp = {
        let text = quoted.next()?;
        let day: Option<Date> = text.parse().ok();
        match day {
            Some(day) if !text.contains('T') => Zone::utc().midnight(day),
            _ => text.parse().ok()?,
        }
    };
    let offset: i64 = match quoted.next() {
        Some(duration) => duration.strip_suffix("ms")?.parse().ok()?,
        None => 0,
    };
    start.as_millisecond().checked_add(offset)
}

/// The org roles that an entity is in.
fn org_roles(example: &Example, of: &EntityUid) -> Vec<String> {
    let ancestors = example.entities.ancestors(of).into_iter().flatten();
    let roles = ancestors.filter(|uid| uid.type_name().to_string() == "OrgRole");
    roles.map(|uid| uid.id().unescaped().to_owned()).collect()
}

/// A job title and department.
#[derive(Debug, Clone, Default)]
struct Post {
    job_title: Option<String>,
    department: Option<String>,
}

/// How many posts are tried.
const POSTS: usize = 6;

/// Posts that give these org roles, the closest first.
fn posts(bundle: &Bundle, wanted: &[String]) -> Vec<Post> {
    let wanted: Vec<&String> = wanted.iter().filter(|id| bundle.org_roles.iter().any(|role| role.id == **id)).collect();
    let some = |texts: Vec<String>| std::iter::once(None).chain(texts.into_iter().map(Some)).collect::<Vec<_>>();
    let titles = some(bundle.org_roles.iter().flat_map(OrgRole::job_titles).collect());
    let departments = some(bundle.org_roles.iter().flat_map(OrgRole::departments).collect());
    let mut found: Vec<(usize, Post)> = Vec::new();
    for job_title in &titles {
        for department in &departments {
            let fits = |role: &&OrgRole| {
                let (reads_title, reads_department) = role.reads();
                let title = job_title.as_ref().is_some_and(|title| role.fits_job_title(title));
                let of = department.as_ref().is_some_and(|department| role.fits_department(department));
                (reads_title || reads_department) && (!reads_title || title) && (!reads_department || of)
            };
            let given: Vec<&String> = bundle.org_roles.iter().filter(fits).map(|role| &role.id).collect();
            let missing = wanted.iter().filter(|id| !given.contains(id)).count();
            let further = given.iter().filter(|id| !wanted.contains(id)).count();
            found.push((missing + further, Post { job_title: job_title.clone(), department: department.clone() }));
        }
    }
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().take(POSTS).map(|(_, post)| post).collect()
}

/// An attribute of an entity of an example.
fn attribute(example: &Example, of: &EntityUid, name: &str) -> Option<EvalResult> {
    example.entities.get(of)?.attr(name)?.ok()
}

/// The id of the entity that an attribute refers to.
fn id_of(value: &EvalResult) -> Option<&str> {
    match value {
        EvalResult::EntityUid(uid) => Some(uid.id().unescaped()),
        _ => None,
    }
}

/// A map of one entry.
fn entry(id: &str) -> Map<String, Value> {
    Map::from_iter([("id".to_owned(), json!(id))])
}
