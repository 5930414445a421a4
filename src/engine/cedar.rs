//! Queries as Cedar evaluates them: entities, rules that recognise unknown facts, requests, verdicts.

pub mod authorize;
mod decided;
pub mod entities;
pub mod markers;
pub mod reachable;
pub mod request;
pub mod rewrite;
mod syntax;
pub mod unknown_facts;
pub mod verdict;
