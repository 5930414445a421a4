use super::*;
use crate::diagnostic::Code;

/// The shipped bundle with one file changed.
fn changed(name: &str, change: impl Fn(&str) -> String) -> Result<Bundle, Vec<Diagnostic>> {
    let mut files = shipped::files();
    for file in &mut files {
        if &*file.name == name {
            *file = SourceFile::new(name, change(&file.text));
        }
    }
    Bundle::load(files)
}

fn problems(name: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let problems = changed(name, change).expect_err("the change is a fault");
    problems.iter().map(|problem| format!("{problem} ({})", problem.help.clone().unwrap_or_default())).collect()
}

#[test]
fn the_shipped_bundle_loads_without_a_word() {
    let bundle = Bundle::shipped().unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(bundle.warnings, []);
    assert_eq!(bundle.checks.len(), 10);
    assert_eq!(bundle.access_types.len(), 5);
    let check = bundle.check("access-valid").unwrap();
    assert_eq!(check.targets, [CheckTarget::AccountHoldsEntitlement]);
    assert_eq!(check.groups, ["access-monitoring"]);
    assert_eq!(check.location.to_string(), "checks.cedarschema:84:8");
}

#[test]
fn the_shipped_bundle_names_every_policy_file_of_the_repository() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let on_disk = source::read(&folder, &Fence::around(&folder)).unwrap();
    // Tests decide nothing, so the program does not carry them.
    let names: Vec<&str> =
        on_disk.files.iter().map(|file| &*file.name).filter(|name| !name.starts_with("tests/")).collect();
    let shipped: Vec<&str> = shipped::POLICIES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, shipped);
}

#[test]
fn tests_are_no_part_of_what_decides() {
    let shipped = Bundle::shipped().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let read = Bundle::read(&folder).unwrap();
    assert_eq!(read.digest, shipped.digest);
    assert!(!read.tests.is_empty() && shipped.tests.is_empty());
}

#[test]
fn an_access_rule_keeps_its_place() {
    let bundle = Bundle::shipped().unwrap();
    let rule =
        bundle.rules.iter().find(|rule| rule.key == "access.org-role/humaans/0/people-operations/admin").unwrap();
    assert_eq!(rule.id, "access.org-role");
    assert_eq!(rule.location.file.as_ref(), "systems/humaans.yaml");
    assert_eq!(rule.location.yaml_path.as_deref(), Some("access[0].to[0]"));
    assert_eq!(rule.location.line, 11);
}

#[test]
fn misspelt_names_get_a_suggestion_at_their_place() {
    let org_role = problems("systems/github.yaml", |text| text.replace("to: [engineering]", "to: [enginering]"));
    assert_eq!(
        org_role,
        ["systems/github.yaml:11:10: `enginering` is no OrgRole and no OrgRoleGroup (did you mean `engineering`?)"]
    );
    let level = problems("systems/github.yaml", |text| text.replacen("levels: [owner]", "levels: [ownr]", 1));
    assert!(level[0].ends_with("`ownr` is not a level of the system `github` (did you mean `owner`?)"), "{level:?}");
    let access_type = problems("systems/github.yaml", |text| text.replace("type: ticket", "type: tiket"));
    assert!(access_type[0].ends_with("there is no access type `tiket` (did you mean `ticket`?)"), "{access_type:?}");
    let class = problems("systems/github.yaml", |text| text.replace("[break-glass]", "[break-glas]"));
    assert!(class[0].ends_with("`break-glas` is no AccountClass (did you mean `break-glass`?)"), "{class:?}");
}

#[test]
fn cedar_faults_are_errors_at_their_place_warnings_included() {
    let misspelt =
        problems("people.cedar", |text| text.replace("principal has jobTitle", "principal.jobTitel == \"x\""));
    assert!(misspelt[0].starts_with("people.cedar:86:8: attribute `jobTitel`"), "{misspelt:?}");
    assert!(misspelt[0].contains("did you mean `jobTitle`?"), "{misspelt:?}");
    let vocabulary = problems("people.cedar", |text| text.replacen("\"offboarded\"", "\"offbored\"", 1));
    assert!(vocabulary[0].contains("offbored"), "{vocabulary:?}");
    let never = problems("systems.cedar", |text| text.replacen("  principal,", "  principal is Account,", 1));
    assert!(never[0].starts_with("systems.cedar:2:1"), "a policy that can never match: {never:?}");
}

#[test]
fn annotations_are_a_closed_list_and_ids_are_needed_once() {
    let unknown = problems("people.cedar", |text| text.replacen("@outcome", "@outcme", 1));
    assert!(unknown[0].contains("`@outcme` is not an annotation of a rule (did you mean `outcome`?)"), "{unknown:?}");
    let outcome = problems("people.cedar", |text| text.replacen("\"not-applicable\"", "\"not-aplicable\"", 1));
    assert!(outcome[0].contains("did you mean `not-applicable`?"), "{outcome:?}");
    let twice = problems("systems.cedar", |text| text.replace("account-list.incomplete", "account-list.current"));
    assert!(twice[0].contains("the id `account-list.current` is used twice"), "{twice:?}");
    let none = problems("systems.cedar", |text| text.replace("@id(\"account-list.incomplete\")\n", ""));
    assert!(none[0].contains("this rule has no `@id`"), "{none:?}");
    let check =
        problems("checks.cedarschema", |text| text.replacen("@severity(\"medium\")", "@severty(\"medium\")", 1));
    assert!(check.iter().any(|text| text.contains("did you mean `severity`?")), "{check:?}");
    assert!(check.iter().any(|text| text.contains("has no `@severity`")), "{check:?}");
}

#[test]
fn the_help_of_a_check_is_an_https_address() {
    let of = |address: &str| {
        let mut files = shipped::files();
        for file in files.iter_mut().filter(|file| &*file.name == "checks.cedarschema") {
            let text = file.text.replacen("\n@severity", &format!("\n@help(\"{address}\")\n@severity"), 1);
            *file = SourceFile::new(file.name.clone(), text);
        }
        let bundle = Bundle::load(files);
        bundle.map(|bundle| bundle.checks.into_iter().find_map(|check| check.help).unwrap())
    };
    let address = "https://wiki.example.com/checks?id=1#top";
    assert_eq!(of(address).unwrap(), address);
    assert!(of("https://wiki.example.com:8443/a%20b").is_ok());
    for bad in [
        "wiki/checks",
        "http://wiki.example.com",
        "https://",
        "https://a b",
        "https://a/<script>",
        "https://ä.de",
        "https://a:99999999/x",
        "https://a/%zz",
        "https://a/[x",
        "https://me@a/x",
    ] {
        assert_eq!(of(bad).unwrap_err()[0].code, Code::BadHelp, "{bad}");
    }
}

#[test]
fn all_problems_of_all_files_are_shown() {
    let mut files = shipped::files();
    for file in &mut files {
        let text = match &*file.name {
            "people.cedar" => file.text.replacen("permit (", "permt (", 1),
            "systems/github.yaml" => file.text.replace("type: ticket", "type: tiket"),
            "waivers.yaml" => file.text.replace("waivers:", "waiverz:"),
            "org-roles.yaml" => file.text.replacen("groups:", "grups:", 1),
            _ => continue,
        };
        *file = SourceFile::new(file.name.clone(), text);
    }
    let problems = Bundle::load(files).unwrap_err();
    for name in ["people.cedar", "systems/github.yaml", "waivers.yaml", "org-roles.yaml"] {
        assert!(
            problems.iter().any(|problem| problem.position().is_some_and(|at| at.starts_with(name))),
            "{name} is missing in {problems:#?}"
        );
    }
}

#[test]
fn the_digest_changes_with_names_and_contents() {
    let digest = Bundle::shipped().unwrap().digest;
    let same = changed("waivers.yaml", str::to_owned).unwrap().digest;
    let other = changed("waivers.yaml", |text| format!("{text}\n")).unwrap().digest;
    assert_eq!(digest, same);
    assert_ne!(digest, other);
}

#[test]
fn person_and_ticket_rules_need_a_reason_and_an_end() {
    let missing = problems("systems/humaans.yaml", |text| text.replace("    expires: 2027-03-31\n", ""));
    assert!(missing[0].contains("needs `expires:`"), "{missing:?}");
}

#[test]
fn a_waiver_of_no_check_is_a_warning() {
    let bundle = changed("waivers.yaml", |text| text.replacen("user-identified", "user-identifed", 1)).unwrap();
    assert_eq!(bundle.warnings[0].help.as_deref(), Some("did you mean `user-identified`?"));
}

#[test]
fn a_department_that_never_matches_is_a_warning() {
    let named = |department: &str| {
        let rule = format!(
            "@id(\"dept\")\nforbid (principal in Department::\"{department}\", action == Action::\"staff-role-assigned\", \
             resource);\n"
        );
        let warnings = changed("people.cedar", |text| format!("{text}{rule}")).unwrap().warnings;
        let found = warnings.into_iter().filter(|warning| warning.code == Code::UnfoldedDepartment);
        found.map(|warning| warning.help.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(named("Gru\u{308}nde"), ["write `Department::\"gr\u{fc}nde\"`"]);
    assert!(named("gr\u{fc}nde").is_empty());
}

/// Bundles are loaded on several threads, whose stacks are smaller than that of a program's first one.
#[test]
fn the_deepest_nesting_that_is_allowed_is_loaded_on_any_thread() {
    let rule = |condition: String| {
        let rule = "@id(\"deep\")\nforbid (principal, action == Action::\"staff-role-assigned\", resource)\nwhen { ";
        format!("{rule}{condition} }};\n")
    };
    let brackets = format!("{}principal.inScope{}", "(".repeat(97), ")".repeat(97));
    let operators = vec!["principal.inScope"; 100].join(" && ");
    let ifs = format!("{}true{}", "if principal.inScope then ".repeat(35), " else false".repeat(35));
    for condition in [brackets, operators, ifs] {
        let loaded = changed("people.cedar", |text| format!("{text}{}", rule(condition.clone())));
        assert!(loaded.is_ok(), "{:#?}", loaded.err());
    }
}
