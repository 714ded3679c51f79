//! The process, under the names that every Prometheus client library uses, and the build.

use std::fs;

use super::Sheet;
use crate::types::MLFLOW_VERSION;

/// The unit of times in `/proc`, the same on every Linux for programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// Writes down what `/proc` tells; what it does not tell is left out.
pub(super) fn describe(sheet: &mut Sheet) {
    let version = env!("CARGO_PKG_VERSION");
    sheet.gauges(
        ("tracklet_build_info", "Which program this is; always 1."),
        ["version", "mlflow_version"],
        [([version, MLFLOW_VERSION], 1.0)],
    );
    let read = |file: &str| fs::read_to_string(format!("/proc/{file}")).unwrap_or_default();
    let (stat, status) = (read("self/stat"), read("self/status"));
    if let Some(ticks) = field(&stat, 14).zip(field(&stat, 15)).map(|(user, system)| user + system) {
        let about = ("process_cpu_seconds_total", "Processor time, user and system.");
        sheet.counter(about, ticks / TICKS_PER_SECOND);
    }
    if let Some(start) = field(&stat, 22).zip(after(&read("stat"), "btime")) {
        let about = ("process_start_time_seconds", "When the process started, in seconds since 1970.");
        sheet.gauge(about, start.0 / TICKS_PER_SECOND + start.1);
    }
    for (about, value) in [
        (
            ("process_resident_memory_bytes", "Memory that is resident."),
            after(&status, "VmRSS:").map(|kib| kib * 1024.0),
        ),
        (
            ("process_virtual_memory_bytes", "Memory that is reserved."),
            after(&status, "VmSize:").map(|kib| kib * 1024.0),
        ),
        (("process_threads", "Threads."), after(&status, "Threads:")),
        (("process_open_fds", "Files and sockets that are open."), open_files()),
        (("process_max_fds", "The most that may be open."), after(&read("self/limits"), "Max open files")),
    ] {
        if let Some(value) = value {
            sheet.gauge(about, value);
        }
    }
}

/// A field of `/proc/self/stat` by the number that the manual gives it, from 3. The name of the program before them
/// may hold anything, so they are counted from its end.
fn field(stat: &str, number: usize) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

/// The first number after a word at the beginning of a line.
fn after(text: &str, word: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(word))?.split_whitespace().next()?.parse().ok()
}

/// The one that lists them does not count.
fn open_files() -> Option<f64> {
    let listed = fs::read_dir("/proc/self/fd").ok()?.count();
    u32::try_from(listed.saturating_sub(1)).ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 12345 1 2";
        assert_eq!([14, 15, 22, 99].map(|number| field(stat, number)), [Some(250.0), Some(50.0), Some(12345.0), None]);
        let status = "Name:\ttracklet\nVmRSS:\t    2048 kB\nThreads:\t9\n";
        let words = ["VmRSS:", "Threads:", "VmSize:", "Name:"];
        assert_eq!(words.map(|word| after(status, word)), [Some(2048.0), Some(9.0), None, None]);
        assert_eq!(after("Max open files            1024      4096    files", "Max open files"), Some(1024.0));
        assert_eq!(field("", 14), None);
    }

    #[test]
    fn this_process_has_a_memory_and_a_clock() {
        let text = prometheus::TextEncoder::new();
        let mut sheet = Sheet::default();
        describe(&mut sheet);
        let page = text.encode_to_string(&sheet.gather()).expect("a page");
        let value = |name: &str| {
            let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<f64>().ok());
            value.unwrap_or_else(|| panic!("{name}: {page}"))
        };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a date").as_secs_f64();
        let age = now - value("process_start_time_seconds");
        assert!((-1.0..3600.0).contains(&age), "started {age} s ago");
        assert!(value("process_resident_memory_bytes") > 1e6 && value("process_open_fds") >= 3.0);
        assert!(value("process_threads") >= 1.0 && value("process_max_fds") >= value("process_open_fds"));
        assert!(value("process_cpu_seconds_total") < 3600.0);
    }
}
