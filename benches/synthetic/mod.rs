//! Invented organisations of any size, always the same for the same seed.
//!
//! The shape is that of real ones: a tree of reporting lines of about seven reports a manager, twenty titles in a dozen
//! departments, a twentieth of the people gone, whose reports mostly have another manager by now, and a fiftieth yet to
//! come, past job roles, two people in a thousand behind one address, accounts of service and of nobody known, some
//! people without a manager or a title, a few who hold more than they should.

use tenure::model::{
    Account, AccountClass, AccountStatus, Basis, Collection, EmploymentStatus, Fact, JobRole, MayLack, Organization,
    Person, Snapshot, Source, System, Zone, snapshot::SCHEMA_VERSION,
};

/// A small generator of pseudo-random numbers (SplitMix64); no secrets are made with it.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or_default()
    }

    /// True once in `in_how_many` times.
    fn once(&mut self, in_how_many: usize) -> bool {
        self.below(in_how_many) == 0
    }
}

const DEPARTMENTS: [(&str, &[&str]); 6] = [
    ("Engineering", &["Software Engineer", "Senior Software Engineer", "Engineering Manager", "Data Engineer"]),
    ("Sales", &["Account Executive", "Sales Manager", "Sales Engineer"]),
    ("Finance", &["Accountant", "Controller"]),
    ("People", &["People Partner", "HR Generalist", "Head of People"]),
    ("Customer Support", &["Support Agent", "Support Lead"]),
    ("Operations", &["IT Administrator", "Office Manager", "Workplace Storyteller"]),
];

fn date(random: &mut Random, from: i16, years: usize) -> jiff::civil::Date {
    let year = from + i16::try_from(random.below(years)).unwrap_or_default();
    let month = i8::try_from(1 + random.below(12)).unwrap_or(1);
    let day = i8::try_from(1 + random.below(28)).unwrap_or(1);
    jiff::civil::date(year, month, day)
}

/// Whether somebody has left, is yet to come, or is there.
fn status(index: usize, seed: u64) -> EmploymentStatus {
    match Random(seed ^ (index as u64).wrapping_mul(0xd6e8_feb8_6659_fd93)).below(100) {
        0..5 if index > 1 => EmploymentStatus::Offboarded,
        5..7 if index > 1 => EmploymentStatus::NewHire,
        _ => EmploymentStatus::Active,
    }
}

/// The manager of somebody: one in seven of those before them, or whoever manages that one.
fn manager(random: &mut Random, index: usize, seed: u64) -> usize {
    let mut manager = index.saturating_sub(1) / 7;
    // Some lines are left as they were.
    while status(manager, seed) != EmploymentStatus::Active && !random.once(20) {
        manager = manager.saturating_sub(1) / 7;
    }
    manager
}

fn id(index: usize) -> String {
    format!("per{index:021}")
}

/// An organisation of `people` people, each with one account.
pub(crate) fn organization(people: usize, seed: u64) -> Snapshot {
    let mut random = Random(seed);
    let staff: Vec<Person> = (0..people).map(|index| person(&mut random, index, seed)).collect();
    let accounts = (0..people).map(|index| account(&mut random, index, &staff)).collect();
    let pulled_at: jiff::Timestamp = jiff::Timestamp::from_second(1_795_165_200).unwrap_or_default();
    let source = |id: &str, kind: &str, staff: Option<&str>, collection: &str| Source {
        id: id.to_owned(),
        kind: kind.to_owned(),
        endpoint: "synthetic".to_owned(),
        pulled_at,
        pulled_at_assumed: false,
        token_scopes: None,
        staff: staff.map(str::to_owned),
        job_roles: staff.map(|_| "job-roles".to_owned()),
        collections: vec![Collection {
            name: collection.to_owned(),
            records: people,
            total: Some(people),
            complete: true,
            basis: Some(Basis::Total),
            stated_reason: None,
            may_lack: MayLack::Anyone,
            reasons: Vec::new(),
            excluded: 0,
            rejected: Vec::new(),
        }],
    };
    let mut snapshot = Snapshot {
        schema_version: SCHEMA_VERSION.to_owned(),
        organization: Organization {
            id: "synthetic".to_owned(),
            name: "Synthetic Ltd".to_owned(),
            time_zone: Zone::utc(),
        },
        collected_at: pulled_at,
        sources: vec![
            source("humaans", "humaans", Some("people"), "people"),
            source("github", "accounts-csv", None, "accounts"),
        ],
        people: staff,
        systems: ["github", "humaans"]
            .map(|id| System::new(id, id, if id == "github" { "accounts" } else { "people" }))
            .to_vec(),
        accounts,
        access_requests: Vec::new(),
    };
    snapshot.sort();
    snapshot
}

fn person(random: &mut Random, index: usize, seed: u64) -> Person {
    let (department, titles) = DEPARTMENTS.get(random.below(DEPARTMENTS.len())).copied().unwrap_or(("Sales", &[]));
    let title = match index {
        0 => Some("CEO"),
        1 => Some("CTO"),
        _ => titles.get(random.below(titles.len())).copied(),
    };
    let status = status(index, seed);
    let start = date(random, 2015, 10);
    let manager = match index {
        0 => Fact::Empty,
        _ if random.once(1000) => Fact::Empty,
        _ => Fact::Known(id(manager(random, index, seed))),
    };
    let row = |random: &mut Random, number: usize, first: jiff::civil::Date, last: Fact<jiff::civil::Date>| JobRole {
        id: format!("jbr{index:012}{number:09}"),
        job_title: if random.once(500) { Fact::Empty } else { title.map(str::to_owned).into() },
        department: Fact::Known(department.to_owned()),
        manager: manager.clone(),
        effective_date: Fact::Known(first),
        end_date: last,
        updated_at: Fact::Empty,
        unknown: Default::default(),
    };
    let mut job_roles = Vec::new();
    if random.once(3) {
        let ended = Fact::Known(jiff::civil::date(2025, 6, 30));
        job_roles.push(row(random, 1, start, ended));
        job_roles.push(row(random, 2, jiff::civil::date(2025, 7, 1), Fact::Empty));
    } else {
        job_roles.push(row(random, 1, start, Fact::Empty));
    }
    // Two in a thousand share the address of the one before them.
    let address = if random.once(500) { index.saturating_sub(1) } else { index };
    let unknown: std::collections::BTreeMap<String, String> = Default::default();
    Person {
        id: id(index),
        source: "humaans".to_owned(),
        name: Fact::Known(format!("Person {index}")),
        employee_number: Fact::Known(format!("S-{index}")),
        work_email: Fact::Known(format!("person.{address}@synthetic.example")),
        status: Fact::Known(status),
        start_date: if random.once(1000) { Fact::Empty } else { Fact::Known(start) },
        end_date: match status {
            EmploymentStatus::Offboarded => Fact::Known(date(random, 2025, 1)),
            _ => Fact::Empty,
        },
        last_working_day: Fact::Empty,
        job_roles: Fact::Known(job_roles),
        listed_manager: None,
        facts: Default::default(),
        supplied: Default::default(),
        unknown,
    }
}

fn account(random: &mut Random, index: usize, staff: &[Person]) -> Account {
    let owner = staff.get(index);
    let left = owner.is_some_and(|owner| matches!(owner.status, Fact::Known(EmploymentStatus::Offboarded)));
    let status = match random.below(100) {
        _ if left && !random.once(10) => AccountStatus::Deactivated,
        0..3 => AccountStatus::Suspended,
        3..5 => AccountStatus::Invited,
        _ => AccountStatus::Active,
    };
    let mut levels = vec!["member".to_owned()];
    if random.once(100) {
        levels.push("admin".to_owned());
    }
    let service = random.once(400);
    // Engineers have an account in GitHub, the others in the system for all staff.
    let rows = owner.and_then(|owner| owner.job_roles.known()).into_iter().flatten();
    let engineer = rows.filter_map(|row| row.department.known()).any(|department| department == "Engineering");
    let system = if engineer { "github" } else { "humaans" };
    if !engineer {
        levels = vec!["user".to_owned()];
    }
    Account {
        id: format!("user-{index}"),
        system: system.to_owned(),
        source: system.to_owned(),
        email: if service {
            Fact::Empty
        } else if random.once(400) {
            Fact::Known(format!("nobody.{index}@elsewhere.example"))
        } else {
            Fact::Known(format!("Person.{index}@synthetic.example"))
        },
        person: None,
        hints: Default::default(),
        status: Fact::Known(status),
        levels: Fact::Known(levels),
        class: if service { Fact::Known(AccountClass::Service) } else { Fact::Empty },
        last_login: Fact::Empty,
        supplied: Default::default(),
        facts: Default::default(),
        unknown: Default::default(),
    }
}
