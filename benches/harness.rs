//! What every bench needs: words of its command line, a stop-watch of CPU time, and a line for a figure and its mark.

#![allow(dead_code, reason = "no bench needs all of it")]

/// The word after `name` on the command line.
pub fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|word| word != name).nth(1)
}

/// The same as a number; `None` where it is none.
pub fn number(name: &str) -> Option<u64> {
    option(name)?.parse().ok()
}

/// Seconds that this thread has run on a processor, as the scheduler counts them.
pub fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).expect("a number") / 1e9
}

/// Prints a figure, and whether it is no more than its mark.
pub fn figure(what: &str, value: f64, mark: Option<f64>) {
    let verdict = mark.map_or("", |mark| if value <= mark { "pass" } else { "FAIL" });
    let mark = mark.map_or_else(String::new, |mark| format!("<= {mark}"));
    println!("{what:62} {value:>9.2} {mark:>9} {verdict}");
}
