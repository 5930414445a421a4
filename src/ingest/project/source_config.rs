//! What a source says, whatever its kind.

use std::path::{Component, Path, PathBuf};

use super::{
    source::{ListKind, SourceConfig, TrutoModel},
    token::{SecretSource, TokenError, secret},
};
use crate::{
    ingest::{Format, LevelAttribute, Lists, Statements},
    model::slug,
};

impl SourceConfig {
    /// What is in the source's pages or files, where that is said.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        match self {
            SourceConfig::File(source) => source.format,
            SourceConfig::Humaans(_) => Some(Format::Humaans),
            SourceConfig::Merge(_) => Some(Format::Merge),
            SourceConfig::Truto(source) if source.model == Some(TrutoModel::Hris) => Some(Format::TrutoHris),
            SourceConfig::Truto(_) => Some(Format::TrutoUserDirectory),
            SourceConfig::Scim(_) => Some(Format::Scim),
        }
    }

    /// The system whose accounts it lists, as a slug, where it names one.
    #[must_use]
    pub fn system(&self) -> Option<String> {
        let system = match self {
            SourceConfig::File(source) => source.system.as_deref(),
            SourceConfig::Humaans(source) => source.system.as_deref(),
            SourceConfig::Merge(_) => None,
            SourceConfig::Truto(source) => source.system.as_deref(),
            SourceConfig::Scim(source) => Some(source.system.as_str()),
        };
        system.map(slug)
    }

    /// The id that it is given, if it is.
    #[must_use]
    pub fn own_id(&self) -> Option<&str> {
        match self {
            SourceConfig::File(source) => source.id.as_deref(),
            SourceConfig::Humaans(source) => source.id.as_deref(),
            SourceConfig::Merge(source) => source.id.as_deref(),
            SourceConfig::Truto(source) => source.id.as_deref(),
            SourceConfig::Scim(source) => source.id.as_deref(),
        }
    }

    /// The system whose accounts it lists, where it lists any.
    #[must_use]
    pub fn account_system(&self) -> Option<String> {
        let format = self.format().filter(|format| format.accounts().is_some())?;
        Some(self.system().unwrap_or_else(|| format.word().to_owned()))
    }

    /// What a person may call it: its id, or its path where the format has to be guessed.
    #[must_use]
    pub fn name(&self) -> String {
        match (self, self.format()) {
            (_, Some(format)) => self.id(format),
            (SourceConfig::File(source), None) => {
                source.id.clone().or_else(|| self.system()).unwrap_or_else(|| source.path.clone())
            }
            (_, None) => String::new(),
        }
    }

    /// The source's id in the snapshot; `format` is what its files were found to hold.
    #[must_use]
    pub fn id(&self, format: Format) -> String {
        self.own_id().map(slug).unwrap_or_else(|| format.source_id(self.system().as_deref()))
    }

    /// The word for its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            SourceConfig::File(_) => "file",
            SourceConfig::Humaans(_) => "humaans",
            SourceConfig::Merge(_) => "merge",
            SourceConfig::Truto(_) => "truto",
            SourceConfig::Scim(_) => "scim",
        }
    }

    /// The attributes that name access levels, where the source says.
    #[must_use]
    pub fn levels(&self) -> &[LevelAttribute] {
        match self {
            SourceConfig::File(source) => &source.levels,
            SourceConfig::Scim(source) => &source.levels,
            _ => &[],
        }
    }

    /// What the user states about the completeness of its lists.
    #[must_use]
    pub fn statements(&self) -> Statements {
        let of = |complete: bool, expected: Option<usize>, sees_leavers: bool, reason: &Option<String>| Statements {
            complete,
            expected,
            sees_leavers,
            reason: reason.clone(),
        };
        match self {
            SourceConfig::File(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Humaans(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Merge(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Truto(one) => of(one.complete, one.expected, one.sees_leavers, &one.reason),
            SourceConfig::Scim(one) => of(one.complete, one.expected, false, &one.reason),
        }
    }

    /// Whether it is fetched over the network.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self, SourceConfig::File(_))
    }

    /// What to take of it.
    #[must_use]
    pub fn lists(&self) -> Lists {
        let wanted = match self {
            SourceConfig::File(source) => source.lists.as_deref(),
            SourceConfig::Humaans(source) => source.lists.as_deref(),
            SourceConfig::Merge(_) | SourceConfig::Truto(_) | SourceConfig::Scim(_) => None,
        };
        let wants = |kind: ListKind| wanted.is_none_or(|wanted| wanted.contains(&kind));
        Lists { staff: wants(ListKind::Staff), accounts: wants(ListKind::Accounts) }
    }

    /// Where its token comes from.
    ///
    /// # Errors
    /// What is wrong with what is said of it: nothing, or more than one thing.
    pub fn token(&self) -> Result<Option<SecretSource>, TokenError> {
        match self {
            SourceConfig::File(_) => Ok(None),
            SourceConfig::Humaans(one) => {
                secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some)
            }
            SourceConfig::Merge(one) => secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some),
            SourceConfig::Truto(one) => secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some),
            SourceConfig::Scim(one) => secret("token", &one.token_env, &one.token_file, &one.token_command).map(Some),
        }
    }

    /// Where the second token comes from, for a source that takes two (Merge's linked account).
    ///
    /// # Errors
    /// As for [`SourceConfig::token`].
    pub fn account_token(&self) -> Result<Option<SecretSource>, TokenError> {
        match self {
            SourceConfig::Merge(one) => {
                let (file, command) = (&one.account_token_file, &one.account_token_command);
                secret("account_token", &one.account_token_env, file, command).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Where its records come from, the same for two sources of the same records.
    pub(super) fn origin(&self) -> String {
        let secret = |secret: Result<Option<SecretSource>, TokenError>| format!("{:?}", secret.ok().flatten());
        let url = self.url().unwrap_or_default().trim_end_matches('/').to_lowercase();
        let records = match self {
            SourceConfig::File(source) => {
                let parts = Path::new(&source.path).components().filter(|part| *part != Component::CurDir);
                parts.collect::<PathBuf>().display().to_string()
            }
            // A token shows the records of one organisation.
            SourceConfig::Humaans(_) => secret(self.token()),
            SourceConfig::Merge(_) => secret(self.account_token()),
            SourceConfig::Truto(source) => format!("{} {:?}", source.integrated_account, source.query),
            SourceConfig::Scim(_) => String::new(),
        };
        format!("{} {url} {records}", self.kind())
    }

    /// Its address, where one is given in place of the vendor's own.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            SourceConfig::File(_) => None,
            SourceConfig::Humaans(source) => source.url.as_deref(),
            SourceConfig::Merge(source) => source.url.as_deref(),
            SourceConfig::Truto(source) => source.url.as_deref(),
            SourceConfig::Scim(source) => Some(&source.url),
        }
    }
}
