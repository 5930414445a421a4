//! Operations on files, each of which may fail, and after each of which the program may be killed.
//!
//! Every write, sync and rename calls [`step`]. In a program that does nothing; tests walk every step.

#[cfg(not(test))]
use std::io;

/// Before an operation. In tests: fails where this one is to fail, and after the program was killed.
#[cfg(not(test))]
#[inline]
pub(crate) fn step() -> io::Result<()> {
    Ok(())
}

/// Whether the program was killed, so that nothing is cleaned up.
#[cfg(not(test))]
#[inline]
pub(crate) fn is_killed() -> bool {
    false
}

#[cfg(test)]
pub(crate) use self::walk::{each, is_killed, step};

#[cfg(test)]
mod walk {
    use std::{cell::Cell, io};

    /// What happens at an operation.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Fault {
        /// The operation fails, as with a full disk; the program goes on.
        Fails,
        /// The program is killed: no further operation, and nothing is cleaned up.
        Kills,
    }

    thread_local! {
        static LEFT: Cell<Option<(usize, Fault)>> = const { Cell::new(None) };
        static KILLED: Cell<bool> = const { Cell::new(false) };
    }

    pub(crate) fn step() -> io::Result<()> {
        if is_killed() {
            return Err(io::Error::other("killed"));
        }
        match LEFT.get() {
            Some((0, fault)) => {
                LEFT.set(None);
                KILLED.set(fault == Fault::Kills);
                Err(io::Error::other("injected"))
            }
            Some((left, fault)) => {
                LEFT.set(Some((left - 1, fault)));
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(crate) fn is_killed() -> bool {
        KILLED.get()
    }

    /// Runs work once for each operation and fault, until it ends without one. `check` learns whether work was to end
    /// well and whether it was killed. How many operations there are.
    pub(crate) fn each(mut work: impl FnMut() -> bool, mut check: impl FnMut(bool, bool)) -> usize {
        for operation in 0.. {
            for fault in [Fault::Fails, Fault::Kills] {
                LEFT.set(Some((operation, fault)));
                let is_done = work();
                let is_reached = LEFT.get().is_none();
                let was_killed = KILLED.replace(false);
                LEFT.set(None);
                check(is_done, was_killed);
                if !is_reached {
                    assert!(is_done, "it fails without a fault");
                    return operation;
                }
                assert!(!was_killed || !is_done, "it goes on after it was killed");
            }
        }
        0
    }
}
