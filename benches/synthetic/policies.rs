//! The shipped policies with any number of further access rules.

use tenure::{
    bundle::{Bundle, shipped},
    diagnostic::SourceFile,
};

/// The shipped bundle with so many further access rules of GitHub, each for an org role of its own; some of the roles
/// are those of real titles.
pub(crate) fn bundle(rules: usize) -> Bundle {
    Bundle::load(files(rules)).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The files of [`bundle`].
pub(crate) fn files(rules: usize) -> Vec<SourceFile> {
    let mut files = shipped::files();
    let levels = ["member", "admin", "owner"];
    let title = |role: usize| match role {
        0..20 if role.is_multiple_of(2) => "Software Engineer".to_owned(),
        0..20 => "Data*".to_owned(),
        _ => format!("Title {role}"),
    };
    let role = |role: usize| format!("  - {{ id: role-{role}, match: {{ job_title: [\"{}\"] }} }}\n", title(role));
    let roles = (0..rules.div_ceil(levels.len())).map(role).collect::<String>();
    let rule = |rule: usize| {
        let level = levels[rule % levels.len()];
        format!("  - {{ type: org-role, to: [role-{}], levels: [{level}] }}\n", rule / levels.len())
    };
    for file in files.iter_mut().filter(|file| *file.name == *"systems/github.yaml") {
        let text = format!("{}{}", file.text, (0..rules).map(rule).collect::<String>());
        *file = SourceFile::new("systems/github.yaml", text);
    }
    if rules > 0 {
        files.push(SourceFile::new("further-org-roles.yaml", format!("org_roles:\n{roles}")));
    }
    files
}
