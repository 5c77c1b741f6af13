//! `newswire schema`: the JSON Schema of the configuration, on standard output.

use std::io::{self, Write};
use std::process::ExitCode;

/// Prints the schema, for editors: `newswire schema > newswire.schema.json`.
#[must_use]
pub fn run() -> ExitCode {
    let text = format!("{:#}\n", crate::config::schema::schema());
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("newswire schema: {error}");
            ExitCode::FAILURE
        }
    }
}
