//! One vendor's API: requests with a token, within limits, sent again where that may help.

mod answer;
mod clock;

use std::{future::Future, num::NonZeroU32, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::{
    Client, Response, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName},
    redirect::Policy,
};
use tokio::time::{Instant, timeout_at};

use self::clock::Clock;
use super::vendor::Vendor;
use crate::{
    diagnostic::{Code, Diagnostic},
    ingest::{SourceConfig, project},
    pull::{
        error::Error,
        job::{Job, Progress},
        limits::Limits,
        plan,
        token::Token,
    },
};

/// A vendor's API at an address.
pub(super) struct Api<'a> {
    pub(super) vendor: &'static Vendor,
    base: Url,
    client: Client,
    tokens: Vec<&'a Token>,
    pub(super) limits: Limits,
    deadline: Instant,
    budget: Option<DefaultDirectRateLimiter>,
    progress: &'a dyn Progress,
    clock: Clock,
}

impl<'a> Api<'a> {
    /// Prepares for the source of a job.
    ///
    /// # Errors
    /// That its address or its token cannot be used; nothing has been asked for then.
    pub(super) fn new(job: &'a Job, limits: Limits, progress: &'a dyn Progress) -> Result<Self, Error> {
        let (vendor, address) = plan::endpoint(&job.source);
        let wrong = |reason: String| Error::new(Code::BadConfiguration, vendor.name, &address, reason);
        project::check_url(&address).map_err(|reason| wrong(format!("cannot be asked: {reason}")))?;
        let base = Url::parse(&address).map_err(|error| wrong(format!("cannot be asked: {error}")))?;
        let tokens: Vec<&Token> = [&job.token, &job.account_token].into_iter().flatten().collect();
        let client = client(&base, &headers(job, &wrong)?, limits).map_err(|error| {
            let help = "if `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, it has to name CA certificates in PEM; otherwise install \
                        those of the system (Debian: `ca-certificates`)";
            wrong(format!("cannot be asked: {}", answer::causes(&error))).help(help)
        })?;
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(number(vendor.per_minute)).allow_burst(number(vendor.burst));
        Ok(Api {
            vendor,
            client,
            tokens,
            limits,
            deadline: Instant::now() + limits.total,
            // What answers on this machine is not the vendor.
            budget: (!is_local(&base)).then(|| RateLimiter::direct(quota)),
            progress,
            clock: Clock::default(),
            base,
        })
    }

    /// The address that was configured.
    pub(super) fn address(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Runs something, for no longer than the time that a source may take.
    pub(super) async fn within_time<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match timeout_at(self.deadline, work).await {
            Ok(result) => result,
            Err(_) => {
                let what = format!("was not done within {} seconds", self.limits.total.as_secs());
                let error = Error::new(Code::PullTimedOut, self.vendor.name, self.base.as_str(), what);
                Err(error.help("allow more with `--max-time SECONDS`, or pull at a quieter time"))
            }
        }
    }

    /// The body of `GET <base>/<path>?<query>`: JSON, whole, and within the limits.
    ///
    /// # Errors
    /// Why it could not be had, after the retries that make sense.
    pub(super) async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Vec<u8>, Error> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.with_retries(&url).await
    }

    /// Asks again where that may help. A service that says "not now" (429) uses up no retry: only time ends that.
    async fn with_retries(&self, url: &Url) -> Result<Vec<u8>, Error> {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(self.limits.backoff)
            .with_max_delay(Duration::from_secs(30))
            .with_jitter();
        let mut of_errors = backoff.with_max_times(self.limits.retries).build();
        let mut of_rate_limits = backoff.without_max_times().build();
        loop {
            let error = match self.once(url).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            let planned = match error.status {
                _ if !error.is_transient || self.limits.retries == 0 => None,
                Some(429) => of_rate_limits.next(),
                _ => of_errors.next(),
            };
            let wait = planned.map(|planned| planned.max(error.wait.unwrap_or_default()));
            // No use in waiting for what will not be waited for.
            let in_time = |wait: &Duration| Instant::now().checked_add(*wait).is_some_and(|then| then < self.deadline);
            let Some(wait) = wait.filter(in_time) else { return Err(error) };
            let text = format!("{}; asking again in {:.1} s", error.reason(), wait.as_secs_f64());
            self.progress.request(&text);
            tokio::time::sleep(wait).await;
        }
    }

    /// What `GET <base>/<path>` answers, asked once; none where it answers anything but JSON.
    pub(super) async fn optional(&self, path: &str) -> Option<serde_json::Value> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        let body = self.once(&url).await.ok()?;
        serde_json::from_slice(&body).ok()
    }

    /// A warning where the clocks of this machine and of the service differ.
    pub(super) fn clock_warning(&self) -> Option<Diagnostic> {
        self.clock.warning(self.vendor.name, &self.address())
    }

    async fn once(&self, url: &Url) -> Result<Vec<u8>, Error> {
        if let Some(budget) = &self.budget {
            budget.until_ready().await;
        }
        let asked = shown(url);
        self.answer(url, &asked).await.map_err(|error| self.sealed(error))
    }

    async fn answer(&self, url: &Url, asked: &str) -> Result<Vec<u8>, Error> {
        let began = Instant::now();
        let response = self.client.get(url.clone()).send().await.map_err(|error| self.unreachable(asked, &error))?;
        self.clock.note(response.headers());
        let status = response.status().as_u16();
        let body = self.body(response, asked).await?;
        let (bytes, milliseconds) = (body.len(), began.elapsed().as_millis());
        self.progress.request(&format!("{asked}: {status}, {bytes} bytes, {milliseconds} ms"));
        Ok(body)
    }

    /// The body of a good answer.
    async fn body(&self, mut response: Response, asked: &str) -> Result<Vec<u8>, Error> {
        let status = response.status();
        if status.is_redirection() {
            let place = response.headers().get("location").and_then(|place| place.to_str().ok()).map(str::to_owned);
            return Err(self.redirected(asked, status.as_u16(), place.as_deref()));
        }
        let wait = answer::retry_after(response.headers());
        let kind = answer::content_type(response.headers());
        let read = self.read(&mut response, asked).await;
        if !status.is_success() {
            // Of an error's body, whatever came is good enough.
            return Err(self.refused(asked, status.as_u16(), &read.unwrap_or_default(), wait));
        }
        let body = read?;
        if status.as_u16() != 200 {
            let mut error =
                Error::new(Code::PullNotWhole, self.vendor.name, asked, "answered with a part, or with nothing");
            error.status = Some(status.as_u16());
            return Err(error.help("is `url` the address of the API, and not of a proxy?"));
        }
        if let Some(kind) = kind.filter(|kind| !answer::is_json(kind)) {
            let what = format!("answered with `{kind}` where JSON is expected");
            let error = Error::new(Code::PullNotJson, self.vendor.name, asked, what);
            return Err(
                error.help("is `url` the address of the API, and not of its web pages or of a proxy's sign-in?")
            );
        }
        Ok(body)
    }

    async fn read(&self, response: &mut Response, asked: &str) -> Result<Vec<u8>, Error> {
        let too_large = || {
            let limit = self.limits.body >> 20;
            let error =
                Error::new(Code::PullTooLarge, self.vendor.name, asked, format!("answered with more than {limit} MiB"));
            error.help("no page of records is that large; is `url` the address of the API?")
        };
        if response.content_length().is_some_and(|length| length > self.limits.body as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(asked, &error))? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// No answer, or half of one.
    fn unreachable(&self, asked: &str, error: &reqwest::Error) -> Error {
        let (code, what, help) = if error.is_connect() && error.is_timeout() {
            let what = format!("cannot be connected to within {} seconds", self.limits.connect.as_secs());
            (Code::PullNotConnected, what, "check the network and `url`")
        } else if error.is_timeout() {
            let what = format!("did not answer within {} seconds", self.limits.read.as_secs());
            (Code::PullTimedOut, what, "allow more with `--timeout SECONDS`")
        } else if error.is_connect() && answer::is_certificate_problem(error) {
            let what = format!("cannot be reached securely: {}", answer::causes(error));
            let help = "if a proxy of your network opens TLS, name a file with its CA certificate in `SSL_CERT_FILE`; \
                        check the clock and `url` as well";
            (Code::PullNotConnected, what, help)
        } else if error.is_connect() {
            (
                Code::PullNotConnected,
                format!("cannot be reached: {}", answer::causes(error)),
                "check the network and `url`",
            )
        } else if error.is_redirect() {
            let what = "sends from one place to the next without end".to_owned();
            (Code::PullRedirected, what, "is `url` the address of the API?")
        } else {
            (Code::PullBrokenOff, format!("broke off: {}", answer::causes(error)), "try again")
        };
        let is_transient = !error.is_redirect() && !error.is_builder();
        let mut problem = Error::new(code, self.vendor.name, asked, what).help(help);
        problem.is_transient = is_transient;
        problem
    }

    fn redirected(&self, asked: &str, status: u16, place: Option<&str>) -> Error {
        let place = place.and_then(|place| self.base.join(place).ok());
        let what = match &place {
            Some(place) => format!("sends to another address, `{}`", place.origin().ascii_serialization()),
            None => "sends elsewhere without saying where".to_owned(),
        };
        let mut error = Error::new(Code::PullRedirected, self.vendor.name, asked, what);
        error.status = Some(status);
        error.help("the token is not sent there; if that is where the API lives, say so with `url`")
    }

    fn refused(&self, asked: &str, status: u16, body: &[u8], wait: Option<Duration>) -> Error {
        let said = answer::Said::read(body);
        let token = self.tokens.iter().map(|token| token.origin.as_str()).collect::<Vec<_>>().join(" and ");
        let (code, what, help) = match status {
            401 => (
                Code::PullUnauthorized,
                "does not accept the token".to_owned(),
                format!("look at the token in {token}"),
            ),
            403 => (Code::PullForbidden, "forbids this".to_owned(), self.vendor.forbidden.to_owned()),
            404 => {
                let help = format!("is `{}` the right address, and the token for it?", self.address());
                (Code::PullNotFound, "has no such thing".to_owned(), help)
            }
            429 => {
                let wait = wait.map(|wait| format!(" ({} s)", wait.as_secs())).unwrap_or_default();
                let help = format!("wait{wait}, or allow more with `--max-time` and `--retries`");
                (Code::PullRateLimited, "takes no more requests for now".to_owned(), help)
            }
            408 | 425 | 500..=599 => {
                let what = "has a problem of its own".to_owned();
                (Code::PullServerError, what, "try again later; its status page may tell more".to_owned())
            }
            _ => (
                Code::PullRefused,
                "refuses this".to_owned(),
                "look at what it says, and at the source's settings".to_owned(),
            ),
        };
        let what =
            if said.remote { format!("passes on an answer of the system behind it, which {what}") } else { what };
        let mut error = Error::new(code, self.vendor.name, asked, what).help(help);
        error.status = Some(status);
        error.message = said.message;
        error.is_transient = matches!(status, 408 | 425 | 429 | 500..=599) && status != 501;
        error.wait = wait;
        error
    }

    /// A page that cannot be what it should be.
    pub(super) fn not_a_page(&self, path: &str, reason: &str) -> Error {
        let asked = format!("GET {}/{path}", self.address());
        let error =
            Error::new(Code::PullNotAPage, self.vendor.name, &asked, format!("answers what is no page: {reason}"));
        self.sealed(error.help("is `url` the address of the API? if it is, this is worth a bug report"))
    }

    /// Pages without end.
    pub(super) fn endless(&self, path: &str, reason: &str) -> Error {
        let asked = format!("GET {}/{path}", self.address());
        Error::new(Code::PullEndless, self.vendor.name, &asked, format!("names page after page without end: {reason}"))
    }

    /// Pages that do not add up to what there is said to be.
    pub(super) fn not_whole(&self, collection: &str, reasons: &str) -> Error {
        let asked = format!("GET {}/{collection}", self.address());
        let what = format!("does not give all of it: {reasons}");
        let error = Error::new(Code::PullNotWhole, self.vendor.name, &asked, what);
        self.sealed(error.help("pull again; with `--allow-incomplete`, what depends on it is unknown"))
    }

    fn sealed_text(&self, text: &str) -> String {
        let text = Token::redact(&self.tokens, text);
        if text.chars().count() <= LENGTH { text } else { text.chars().take(LENGTH).chain(['…']).collect() }
    }

    /// The same error with no token in it, whoever put it there, and not longer than it may be.
    fn sealed(&self, mut error: Error) -> Error {
        let message = error.message.take();
        error.what = self.sealed_text(&error.what);
        error.message = message.map(|message| self.sealed_text(&message));
        error
    }
}

/// What others say is shown up to here.
const LENGTH: usize = 300;

/// The address without its query, which may hold ids.
fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    let page = url
        .query_pairs()
        .find(|(key, _)| ["$skip", "startIndex"].contains(&key.as_ref()))
        .map(|(key, value)| format!(" ({key} {value})"));
    format!("GET {shown}{}", page.unwrap_or_default())
}

fn headers(job: &Job, wrong: &dyn Fn(String) -> Error) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let accept = match &job.source {
        SourceConfig::Scim(_) => "application/scim+json, application/json",
        _ => "application/json",
    };
    headers.insert(ACCEPT, reqwest::header::HeaderValue::from_static(accept));
    let names =
        [(AUTHORIZATION, "Bearer ", &job.token), (HeaderName::from_static("x-account-token"), "", &job.account_token)];
    for (name, prefix, token) in names {
        if let Some(token) = token {
            let value = token.header(prefix).ok_or_else(|| wrong("cannot be sent the token".to_owned()))?;
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

fn is_local(base: &Url) -> bool {
    base.host_str().is_some_and(|host| project::is_loopback(host.trim_matches(['[', ']'])))
}

fn client(base: &Url, headers: &HeaderMap, limits: Limits) -> Result<Client, reqwest::Error> {
    // Does nothing where the program has chosen already.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let home = base.origin();
    let client = Client::builder()
        .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers.clone())
        .connect_timeout(limits.connect)
        .read_timeout(limits.read)
        .redirect(Policy::custom(move |attempt| {
            if attempt.previous().len() > 5 {
                attempt.error("too many")
            } else if attempt.url().origin() == home {
                attempt.follow()
            } else {
                attempt.stop()
            }
        }));
    // What is for this machine goes past no proxy.
    if is_local(base) { client.no_proxy() } else { client.https_only(true) }.build()
}
