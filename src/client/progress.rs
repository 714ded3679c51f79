//! What a client says while it works: one moving line for a person, plain lines for the log of a Pod.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::failure::Failure;

/// How often to look whether there is something to say.
const TICK: Duration = Duration::from_millis(250);
/// Plain lines come this often.
const PLAIN: Duration = Duration::from_secs(10);
/// Or after each tenth of the bytes, but no more often than this.
const PLAIN_LEAST: Duration = Duration::from_secs(1);

/// Tells on standard error.
pub(crate) struct Progress {
    mode: Mode,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Quiet,
    Plain,
    Live,
}

struct State {
    started: Instant,
    told: Instant,
    told_bytes: u64,
    now: Count,
}

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) files: usize,
    pub(crate) all_files: usize,
    pub(crate) bytes: u64,
    /// The sum of the sizes; 0 when they are not known.
    pub(crate) all_bytes: u64,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let mode = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Mode::Quiet,
            (_, true) => Mode::Live,
            (_, false) => Mode::Plain,
        };
        let now = Instant::now();
        Self { mode, state: Mutex::new(State { started: now, told: now, told_bytes: 0, now: Count::default() }) }
    }

    /// A line for everybody who wants to hear something.
    pub(crate) fn say(&self, line: impl std::fmt::Display) {
        match self.mode {
            Mode::Quiet => {}
            Mode::Plain => write(&format!("{line}\n")),
            Mode::Live => write(&format!("\r\x1b[K{line}\n")),
        }
    }

    /// Nothing more moves.
    pub(crate) fn end(&self) {
        if self.mode == Mode::Live {
            write("\r\x1b[K");
        }
    }

    /// A failure is followed by another attempt.
    pub(crate) fn again(&self, failure: &Failure, wait: Duration) {
        self.say(format_args!("{failure}; trying again in {:.1} s", wait.as_secs_f64()));
    }

    /// A download begins.
    pub(crate) fn begin(&self, all_files: usize, all_bytes: u64) {
        let now = Instant::now();
        let count = Count { all_files, all_bytes, ..Count::default() };
        *self.state() = State { started: now, told: now, told_bytes: 0, now: count };
    }

    /// Bytes have arrived.
    pub(crate) fn add(&self, bytes: u64) {
        self.state().now.bytes += bytes;
    }

    /// Bytes that arrived are of no use.
    pub(crate) fn take_back(&self, bytes: u64) {
        let mut state = self.state();
        state.now.bytes = state.now.bytes.saturating_sub(bytes);
    }

    /// A file is complete.
    pub(crate) fn file_done(&self) {
        self.state().now.files += 1;
    }

    /// How far it is, and since when.
    pub(crate) fn count(&self) -> (Count, Duration) {
        let state = self.state();
        (state.now, state.started.elapsed())
    }

    /// Tells from time to time, for ever.
    pub(crate) async fn watch(&self) -> Infallible {
        loop {
            tokio::time::sleep(TICK).await;
            let (count, elapsed) = self.count();
            match self.mode {
                Mode::Live => write(&format!("\r\x1b[K{}", line(&count, elapsed))),
                Mode::Plain if self.is_due() => self.say(line(&count, elapsed)),
                _ => {}
            }
        }
    }

    fn is_due(&self) -> bool {
        let mut state = self.state();
        let (since, more) = (state.told.elapsed(), state.now.bytes.saturating_sub(state.told_bytes));
        let due = due(since, more, state.now.all_bytes);
        if due {
            state.told = Instant::now();
            state.told_bytes = state.now.bytes;
        }
        due
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody may be listening, which is no reason to stop.
fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn due(since: Duration, more: u64, all: u64) -> bool {
    since >= PLAIN || (since >= PLAIN_LEAST && all > 0 && more >= all / 10)
}

/// `120.0 of 480.0 MB (25 %), 3 of 12 files, 40.0 MB/s, 9 s left`
fn line(count: &Count, elapsed: Duration) -> String {
    let mut line = match count.all_bytes {
        0 => size(count.bytes),
        all => format!("{} of {} ({} %)", size(count.bytes), size(all), count.bytes.min(all) * 100 / all),
    };
    let _ = write!(line, ", {} of {} files", count.files, count.all_files);
    let _ = write!(line, ", {}/s", size(rate(count.bytes, elapsed)));
    let left = count.all_bytes.saturating_sub(count.bytes);
    let rate = rate(count.bytes, elapsed);
    if left > 0 && rate > 0 {
        let _ = write!(line, ", {} left", duration(Duration::from_secs(left.div_ceil(rate))));
    }
    line
}

/// Bytes a second.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a pull fit into 64 bits")]
pub(crate) fn rate(bytes: u64, elapsed: Duration) -> u64 {
    bytes.saturating_mul(1000) / (elapsed.as_millis() as u64).max(1)
}

/// `1 file`, `2 files`
pub(crate) fn files(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}

/// `512 B`, `34.5 MB`
#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub(crate) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    for unit in ["kB", "MB", "GB"] {
        value /= 1000.0;
        if value < 999.95 {
            return format!("{value:.1} {unit}");
        }
    }
    format!("{:.1} TB", value / 1000.0)
}

/// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`
pub(crate) fn duration(time: Duration) -> String {
    match time.as_secs() {
        0..10 if time.subsec_millis() > 0 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_readable() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (34_500_000, "34.5 MB"),
            (40_000_000_000, "40.0 GB"),
            (2_500_000_000_000, "2.5 TB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
        for (milliseconds, expected) in [
            (0, "0 s"),
            (420, "0.4 s"),
            (9_000, "9 s"),
            (12_300, "12 s"),
            (185_000, "3 min 05 s"),
            (7_800_000, "2 h 10 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), expected);
        }
    }

    #[test]
    fn a_line_says_how_far_and_how_long() {
        let mb = 1_000_000;
        let count = |bytes, all_bytes| Count { files: 3, all_files: 12, bytes, all_bytes };
        let three = Duration::from_secs(3);
        for (count, expected) in [
            (count(120 * mb, 480 * mb), "120.0 MB of 480.0 MB (25 %), 3 of 12 files, 40.0 MB/s, 9 s left"),
            (count(479 * mb, 480 * mb), "479.0 MB of 480.0 MB (99 %), 3 of 12 files, 159.7 MB/s, 1 s left"),
            (count(480 * mb, 480 * mb), "480.0 MB of 480.0 MB (100 %), 3 of 12 files, 160.0 MB/s"),
            (count(0, 480 * mb), "0 B of 480.0 MB (0 %), 3 of 12 files, 0 B/s"),
            (count(3 * mb, 0), "3.0 MB, 3 of 12 files, 1.0 MB/s"),
        ] {
            assert_eq!(line(&count, three), expected);
        }
    }

    #[test]
    fn plain_lines_are_few() {
        let seconds = Duration::from_secs;
        for (since, more, all, expected) in [
            (seconds(0), 50, 100, false),
            (seconds(1), 9, 100, false),
            (seconds(1), 10, 100, true),
            (seconds(9), 0, 0, false),
            (seconds(10), 0, 100, true),
        ] {
            assert_eq!(due(since, more, all), expected, "{since:?} {more} of {all}");
        }
    }
}
