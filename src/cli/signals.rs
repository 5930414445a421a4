//! What is done when the program is told to end: temporary files hold personal data, and do not outlive it.

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};

use crate::files::pending;

/// Removes temporary files at SIGINT, SIGTERM or SIGHUP, and ends the program as that signal would have.
pub(super) fn watch() {
    // Where signals cannot be watched, they end the program as ever.
    let Ok(mut signals) = Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            pending::remove_all();
            let _ends_the_program = emulate_default_handler(signal);
        }
    });
}
