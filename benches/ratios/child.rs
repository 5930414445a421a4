//! One measurement in a process of its own.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{floor, plain};

/// What a process took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// In bytes; 0 where the system does not say.
    pub(crate) peak: u64,
}

impl Measured {
    pub(crate) fn least(self, other: Self) -> Self {
        Measured { seconds: self.seconds.min(other.seconds), peak: self.peak.min(other.peak) }
    }
}

/// Measures in a child.
pub(crate) fn measure(what: &[&str]) -> Measured {
    let itself = std::env::current_exe().expect("the bench knows where it is");
    let output = Command::new(itself).arg("--child").args(what).output().expect("the bench can be run again");
    assert!(output.status.success(), "{what:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace();
    let seconds = numbers.next().and_then(|text| text.parse().ok()).expect("seconds");
    let peak = numbers.next().and_then(|text| text.parse().ok()).expect("bytes");
    Measured { seconds, peak }
}

/// Measures a whole `tenure check`, from the start of the process to the written report.
pub(crate) fn check(snapshot: &Path) -> Measured {
    let report = tempfile::NamedTempFile::new().expect("a file");
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tenure"))
        .arg("check")
        .arg(snapshot)
        .args(["--quiet", "--format", "json", "--output"])
        .arg(report.path())
        .current_dir(std::env::temp_dir())
        .spawn()
        .expect("the binary can be run");
    let mut most = 0;
    loop {
        most = peak(&child.id().to_string()).max(most);
        if let Some(status) = child.try_wait().expect("the binary can be waited for") {
            assert_eq!(status.code(), Some(1), "there is something to find");
            return Measured { seconds: start.elapsed().as_secs_f64(), peak: most };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Seconds that a program takes whose output nobody reads; none where there is no such program.
pub(crate) fn program(name: &str, arguments: &[&str]) -> Option<f64> {
    let start = Instant::now();
    let mut command = Command::new(name);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(std::env::temp_dir());
    command.status().ok().map(|_| start.elapsed().as_secs_f64())
}

/// Measures here, and prints seconds and bytes.
pub(crate) fn run(what: &[String]) {
    let seconds = match what {
        [kind, path] if kind == "floor" => floor::parse(Path::new(path)),
        [kind, rules, people] if kind == "decide" => {
            plain::decide(rules.parse().expect("a number"), people.parse().expect("a number"))
        }
        [kind, rules] if kind == "plain" => plain::plain(rules.parse().expect("a number")),
        other => panic!("{other:?} cannot be measured"),
    };
    println!("{seconds} {}", peak("self"));
}

/// The most memory that a process has had, as Linux says.
fn peak(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}
