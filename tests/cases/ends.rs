//! A program that is told to end leaves nothing behind; what is large takes time and memory in proportion.

use std::{
    fmt::Write as _,
    fs,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    common::{stderr, stdout, tenure},
    project::{Case, case},
};

const AT: &str = "2026-11-20T09:00:00Z";

/// A snapshot of people in a chain of managers, and of accounts by person and levels by account.
fn snapshot(people: usize, accounts: usize, levels: usize, name: &str) -> String {
    let list = |name: &str, records: usize| {
        format!("{{\"name\": \"{name}\", \"records\": {records}, \"total\": {records}, \"complete\": true}}")
    };
    let mut text = format!(
        "{{\"schema_version\": \"1\", \"organization\": {{\"id\": \"ex\", \"name\": \"Ex\", \"time_zone\": \"UTC\"}}, \
         \"collected_at\": \"{AT}\", \"sources\": [\
         {{\"id\": \"app\", \"kind\": \"accounts-csv\", \"endpoint\": \"x\", \"pulled_at\": \"{AT}\", \"token_scopes\": null, \
           \"staff\": null, \"collections\": [{}]}},\
         {{\"id\": \"hris\", \"kind\": \"humaans\", \"endpoint\": \"x\", \"pulled_at\": \"{AT}\", \"token_scopes\": null, \
           \"staff\": \"people\", \"job_roles\": \"job-roles\", \"collections\": [{}, {}]}}], \"people\": [",
        list("accounts", accounts),
        list("job-roles", people),
        list("people", people)
    );
    for n in 0..people {
        let comma = if n == 0 { "" } else { "," };
        let manager = if n == 0 { "null".to_owned() } else { format!("\"p{}\"", n - 1) };
        let _ = write!(
            text,
            "{comma}{{\"id\": \"p{n}\", \"source\": \"hris\", \"name\": \"{name}\", \"employee_number\": \"E{n}\", \
             \"work_email\": \"p{n}@x.example\", \"status\": \"active\", \"start_date\": \"2020-01-01\", \"end_date\": null, \
             \"last_working_day\": null, \"job_roles\": [{{\"id\": \"j{n}\", \"job_title\": \"Engineer\", \
             \"department\": \"Engineering\", \"manager\": {manager}, \"effective_date\": \"2020-01-01\", \
             \"end_date\": null, \"updated_at\": \"{AT}\"}}]}}"
        );
    }
    text.push_str(
        "], \"systems\": [{\"id\": \"app\", \"source\": \"app\", \"collection\": \"accounts\"}], \"accounts\": [",
    );
    let all: Vec<String> = (0..levels).map(|n| format!("\"l{n}\"")).collect();
    let all = all.join(",");
    for n in 0..accounts {
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"id\": \"u{n}\", \"system\": \"app\", \"source\": \"app\", \"email\": \"p0@x.example\", \
             \"person\": null, \"status\": \"active\", \"levels\": [{all}], \"last_login\": null, \"class\": null}}"
        );
    }
    text.push_str("], \"access_requests\": []}");
    text
}

/// Names of what is in a folder and is temporary.
fn temporary(case: &Case) -> Vec<String> {
    let names = fs::read_dir(case.path()).unwrap().map(|entry| entry.unwrap().file_name().display().to_string());
    names.filter(|name| name.starts_with(".tmp") || name.starts_with(".evidence-")).collect()
}

#[test]
fn a_signal_leaves_no_temporary_file() {
    let case = case("evidence-permissions");
    case.write("snapshot.json", snapshot(20_000, 20_000, 1, "Ann"));
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        for output in [["--format", "json", "-o", "out.json"], ["--evidence", "evidence", "-o", "/dev/null"]] {
            let arguments = [&["check", "snapshot.json", "--all"], &output[..]].concat();
            let mut child =
                tenure(case.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let end = Instant::now() + Duration::from_secs(60);
            // The first temporary file only shows that the place can be written to, and is gone at once.
            let is_large = || {
                temporary(&case).iter().any(|name| {
                    let path = case.path().join(name);
                    let file = if path.is_dir() { path.join("report.json") } else { path };
                    fs::metadata(file).is_ok_and(|file| file.len() > 100_000)
                })
            };
            while !is_large() {
                assert!(Instant::now() < end, "nothing was written");
                assert!(child.try_wait().unwrap().is_none(), "it ended too early");
                std::thread::sleep(Duration::from_millis(2));
            }
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
            let status = child.wait().unwrap();
            assert_eq!(status.signal(), Some(number), "{signal} {output:?}: {status}");
            assert_eq!(temporary(&case), Vec::<String>::new(), "{signal} {output:?}");
            assert!(!case.path().join("out.json").exists() && !case.path().join("evidence").exists());
        }
    }
}

/// Seconds and KiB that a command takes, and what it prints.
fn measured(case: &Case, arguments: &[&str]) -> (f64, u64, String) {
    let began = Instant::now();
    let output = tenure(case.path(), arguments).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{arguments:?}: {}", stderr(&output));
    (began.elapsed().as_secs_f64(), output.stdout.len() as u64, stdout(&output))
}

/// Ten times the input takes at most some twenty times the time; quadratic work would take a hundred times.
#[track_caller]
fn is_linear(what: &str, case: &Case, small: impl Fn(), large: impl Fn()) {
    let check = ["check", "snapshot.json"];
    small();
    let (first, ..) = measured(case, &check);
    large();
    let (second, size, _) = measured(case, &check);
    assert!(second < 0.5 + 25.0 * first, "{what}: {first} s, then {second} s");
    assert!(size < 64 << 20, "{what}: {size} bytes of text");
}

#[test]
fn large_inputs_take_time_in_proportion() {
    let case = case("evidence-permissions");
    let write = |text: String| {
        case.write("snapshot.json", text);
    };
    is_linear("managers", &case, || write(snapshot(5_000, 1, 1, "A")), || write(snapshot(50_000, 1, 1, "A")));
    is_linear("accounts", &case, || write(snapshot(1, 2_000, 1, "A")), || write(snapshot(1, 20_000, 1, "A")));
    is_linear("levels", &case, || write(snapshot(1, 1, 1_000, "A")), || write(snapshot(1, 1, 10_000, "A")));
    let name = |length: usize| "n".repeat(length);
    is_linear("names", &case, || write(snapshot(1, 1, 1, &name(100_000))), || write(snapshot(1, 1, 1, &name(1 << 20))));
    write(snapshot(1, 1, 1, "A"));
    let systems = |count: usize| {
        for n in 0..count {
            let text = format!("system: s{n}\nname: S{n}\naccess:\n  - {{ type: all-staff, levels: [member] }}\n");
            case.write(&format!("policies/systems/s{n}.yaml"), text);
        }
    };
    is_linear("systems", &case, || systems(100), || systems(1_000));
    fs::remove_dir_all(case.path().join("policies/systems")).unwrap();
    let rules = |count: usize| {
        let rule = |n: usize| format!("  - {{ type: all-staff, levels: [l{n}] }}\n");
        let rules: String = (0..count).map(rule).collect();
        case.write("policies/systems/app.yaml", format!("system: app\nname: App\naccess:\n{rules}"));
    };
    is_linear("access rules", &case, || rules(500), || rules(5_000));
}
