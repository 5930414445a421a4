//! The SMT solver: the only module that knows of the symbolic compiler and its processes.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use cedar_policy::{Entities, Policy, PolicySet, Request, RequestEnv, Schema, pst};
use cedar_policy_symcc::{
    CedarSymCompiler, CompiledPolicySet, CompiledSchema, Env, ResetMode, SymEnv, solver::LocalSolver,
};

use super::{
    error::Error,
    expressions::{Condition, constant},
    formula::Formula,
};
use crate::bundle::{Check, CheckTarget, cedar_policy};

/// Arguments of cvc5. One process answers one question: a process that is used again becomes slower with each.
const ARGUMENTS: [&str; 2] = ["--lang", "smt"];
/// The stack of a thread that compiles a question, in bytes: the compiler recurses over every policy of a set.
const STACK: usize = 256 << 20;

/// A solver that has answered questions whose answers are known.
#[derive(Debug, Clone)]
pub struct Solver {
    path: PathBuf,
    /// Its name and version, as it prints them.
    pub version: String,
    timeout: Duration,
}

/// What a solver says of a question.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// No organisation satisfies it.
    Impossible,
    /// This one does, where it was asked for.
    Possible(Option<Box<Example>>),
    /// There is no answer.
    Undecided(String),
}

/// An organisation that satisfies a question, as Cedar sees it.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub(super) request: Request,
    pub(super) entities: Entities,
}

/// Whether some organisation satisfies `some` but not `unless`.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) some: Formula,
    pub(super) unless: Option<Formula>,
    /// Whether an example is wanted.
    pub(super) with_example: bool,
}

/// The checks of a schema, as the solver takes them.
pub(super) struct Compiled {
    schema: Schema,
    compiled: CompiledSchema,
}

impl Compiled {
    pub(super) fn new(schema: &Schema) -> Result<Self, Error> {
        let failed = |error: cedar_policy_symcc::err::Error| Error::Schema { reason: error.to_string() };
        Ok(Compiled { schema: schema.clone(), compiled: CompiledSchema::new(schema).map_err(failed)? })
    }

    /// The environment of a check and a target.
    fn environment(&self, check: &Check, target: CheckTarget) -> Result<(RequestEnv, SymEnv), Error> {
        let (subject, resource) = target.types();
        let missing = || Error::Schema { reason: format!("the check `{}` is not asked of {subject}", check.id) };
        let is_it = |env: &RequestEnv| {
            env.action().id().unescaped() == check.id
                && env.principal().to_string() == subject
                && env.resource().to_string() == resource
        };
        let env = self.schema.request_envs().find(is_it).ok_or_else(missing)?;
        let failed = |error: cedar_policy_symcc::err::Error| Error::Schema { reason: error.to_string() };
        let symbolic = self.compiled.sym_env(&env).map_err(failed)?;
        Ok((env, symbolic))
    }
}

impl Solver {
    /// Starts a solver and asks it two questions whose answers are known.
    ///
    /// # Errors
    /// Returns an error if the program cannot be started, or if it does not answer as cvc5 does.
    pub fn start(path: &Path, timeout: Duration) -> Result<Self, Error> {
        let failed = |source| Error::Solver { path: path.to_owned(), source };
        let output = Command::new(path).arg("--version").stdin(Stdio::null()).output().map_err(failed)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.lines().next().unwrap_or_default().trim().to_owned();
        let solver = Solver { path: path.to_owned(), version, timeout };
        for (script, answer) in [("(assert false)", "unsat"), ("(assert true)", "sat")] {
            let said = solver.say(script).map_err(failed)?;
            if said != answer {
                let said: String = said.chars().take(80).collect();
                let reason = format!("it answers `{said}` to `{script}`, not `{answer}`");
                return Err(Error::NotASolver { path: path.to_owned(), reason });
            }
        }
        Ok(solver)
    }

    /// The answer to a script.
    fn say(&self, script: &str) -> std::io::Result<String> {
        use std::io::Write as _;
        let mut child = Command::new(&self.path)
            .args(ARGUMENTS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A program that reads nothing has said all.
            let _ = writeln!(input, "(set-logic ALL)\n{script}\n(check-sat)\n(exit)");
        }
        let output = child.wait_with_output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Asks a question about a check, in a thread of its own that is given up after the timeout.
    pub(super) fn ask(&self, compiled: &Compiled, check: &Check, target: CheckTarget, question: Question) -> Reply {
        let (env, symbolic) = match compiled.environment(check, target) {
            Ok(environment) => environment,
            Err(error) => return Reply::Undecided(error.to_string()),
        };
        let (sender, receiver) = mpsc::channel();
        let (schema, solver) = (compiled.schema.clone(), self.clone());
        let work = move || {
            let reply = solver.answer(&schema, &env, &symbolic, &question);
            // After the timeout there is no receiver any more.
            let _ = sender.send(reply);
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
        if let Err(error) = thread {
            return Reply::Undecided(error.to_string());
        }
        // The process has the timeout for itself; the compiler in front of it gets as much again.
        match receiver.recv_timeout(self.timeout.saturating_mul(2)) {
            Ok(Ok(reply)) => reply,
            Ok(Err(reason)) => Reply::Undecided(reason),
            Err(_) => Reply::Undecided(format!("no answer within {} s", self.timeout.as_secs())),
        }
    }

    fn answer(
        &self,
        schema: &Schema,
        env: &RequestEnv,
        symbolic: &SymEnv,
        question: &Question,
    ) -> Result<Reply, String> {
        let compile = |formula: &Formula| {
            let policies = policies(formula)?;
            CompiledPolicySet::compile_with_custom_symenv(&policies, env, schema, symbolic.clone())
                .map_err(|error| explain(&error))
        };
        let some = compile(&question.some)?;
        let unless = question.unless.as_ref().map(compile).transpose()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let asked = async {
            let mut command = tokio::process::Command::new(&self.path);
            let process = LocalSolver::from_command(command.args(ARGUMENTS).kill_on_drop(true));
            let mut compiler = CedarSymCompiler::new(process.map_err(|error| error.to_string())?)
                .map_err(|error| error.to_string())?
                .with_reset_mode(ResetMode::Comment);
            let found = match (&unless, question.with_example) {
                (Some(unless), true) => compiler.check_implies_with_counterexample_opt(&some, unless).await.map(reply),
                (None, true) => compiler.check_always_denies_with_counterexample_opt(&some).await.map(reply),
                (Some(unless), false) => compiler.check_implies_opt(&some, unless).await.map(decided),
                (None, false) => compiler.check_always_denies_opt(&some).await.map(decided),
            };
            found.map_err(|error| explain(&error))
        };
        let found = runtime.block_on(async { tokio::time::timeout(self.timeout, asked).await });
        match found {
            Err(_) => Ok(Reply::Undecided(format!("no answer within {} s", self.timeout.as_secs()))),
            Ok(found) => found,
        }
    }
}

fn reply(found: Option<Env>) -> Reply {
    let example = found.map(|Env { request, entities }| Box::new(Example { request, entities }));
    example.map_or(Reply::Impossible, |example| Reply::Possible(Some(example)))
}

fn decided(is_impossible: bool) -> Reply {
    if is_impossible { Reply::Impossible } else { Reply::Possible(None) }
}

/// An error with its causes.
fn explain(error: &cedar_policy_symcc::err::Error) -> String {
    match error {
        cedar_policy_symcc::err::Error::PolicyNotWellTyped { errs } => {
            let errors: Vec<String> = errs.iter().map(ToString::to_string).collect();
            format!("{error}: {}", errors.join("; "))
        }
        _ => error.to_string(),
    }
}

/// A formula as Cedar policies.
fn policies(formula: &Formula) -> Result<PolicySet, String> {
    let mut policies = PolicySet::new();
    let some = formula.some.iter().map(|condition| (pst::Effect::Permit, condition));
    let none = formula.none.iter().map(|condition| (pst::Effect::Forbid, condition));
    for (number, (effect, condition)) in some.chain(none).enumerate() {
        let policy = policy(effect, condition)?.new_id(cedar_policy::PolicyId::new(number.to_string()));
        policies.add(policy).map_err(|error| error.to_string())?;
    }
    if policies.is_empty() {
        policies.add(policy(pst::Effect::Forbid, &constant(true))?).map_err(|error| error.to_string())?;
    }
    Ok(policies)
}

/// A condition as a policy.
pub(super) fn policy(effect: pst::Effect, condition: &Condition) -> Result<Policy, String> {
    let template = pst::Template::new(
        pst::PolicyID("condition".into()),
        effect,
        pst::PrincipalConstraint::Any,
        pst::ActionConstraint::Any,
        pst::ResourceConstraint::Any,
    );
    let template = template.try_with_clauses([pst::Clause::When(condition.clone())]);
    cedar_policy(&template.map_err(|error| error.to_string())?)
}
