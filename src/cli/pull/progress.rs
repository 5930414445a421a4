//! Progress on a terminal: a line a collection. In a pipe there is none.

use std::{collections::BTreeMap, sync::Mutex};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{cli::console::Console, pull::Progress, report::safe};

/// What a pull shows on the way.
pub(super) struct Shown<'a> {
    console: &'a Console,
    bars: MultiProgress,
    lines: Mutex<BTreeMap<(String, String), ProgressBar>>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        let target = if console.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Shown { console, bars: MultiProgress::with_draw_target(target), lines: Mutex::default() }
    }

    /// Takes the lines away.
    pub(super) fn clear(&self) {
        let _not_shown = self.bars.clear();
    }

    fn line(&self, source: &str, collection: &str) -> Option<ProgressBar> {
        let mut lines = self.lines.lock().ok()?;
        let line = lines.entry((source.to_owned(), collection.to_owned())).or_insert_with(|| {
            let line = self.bars.add(ProgressBar::no_length());
            if let Ok(style) = ProgressStyle::with_template("{prefix} {pos} {msg} {elapsed}") {
                line.set_style(style);
            }
            line.set_prefix(safe::terminal(&format!("{source} {collection}")));
            line
        });
        Some(line.clone())
    }
}

impl Progress for Shown<'_> {
    fn page(&self, source: &str, collection: &str, records: usize, total: Option<usize>) {
        if let Some(line) = self.line(source, collection) {
            line.set_position(records as u64);
            line.set_message(total.map(|total| format!("of {total}")).unwrap_or_default());
        }
    }

    fn request(&self, text: &str) {
        if self.console.is_verbose() {
            self.bars.suspend(|| self.console.say(text));
        }
    }

    fn done(&self, source: &str) {
        let Ok(lines) = self.lines.lock() else { return };
        for line in lines.iter().filter(|((of, _), _)| of == source).map(|(_, line)| line) {
            line.finish();
        }
    }
}
