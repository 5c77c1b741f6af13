//! `healthcheck`: asks the running daemon whether it is ready, for containers and scripts.
//!
//! In comes the address of the admin listener, out go one line and an exit code. It asks over plain HTTP with
//! no client library, and never waits longer than a few seconds.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Containers ask every half minute or so and want to hear soon.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer is one line, or some hundred of numbers; more than this is not ours.
const MAX_ANSWER: u64 = 64 * 1024;

/// Asks `/readyz` on `admin` and prints one line. 0 when the daemon is ready, else 1.
pub async fn run(admin: SocketAddr) -> ExitCode {
    let (is_ready, line) = match timeout(PATIENCE, ask(admin, "/readyz")).await {
        Ok(Ok(answer)) => verdict(&answer),
        Ok(Err(error)) => {
            (false, format!("no answer from {admin} (`server.admin`): {error}; is `newswire run` running?"))
        }
        Err(_) => (false, format!("no answer from {admin} in {} s", PATIENCE.as_secs())),
    };
    if is_ready {
        println!("{line}");
        ExitCode::SUCCESS
    } else {
        eprintln!("{line}");
        ExitCode::FAILURE
    }
}

/// A daemon that listens everywhere is asked on loopback.
fn reachable(admin: SocketAddr) -> SocketAddr {
    let ip = match admin.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, admin.port())
}

/// The answer of the daemon at `admin` to a GET of `path`, head and all, as far as the cap goes.
pub(super) async fn ask(admin: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let admin = reachable(admin);
    let mut stream = TcpStream::connect(admin).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// Is it ready, and what does it say?
fn verdict(answer: &[u8]) -> (bool, String) {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or_default();
    // Control characters of whatever answers there stay out of the terminal.
    let said: String = body.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    match status {
        "200" => (true, said),
        "" => (false, "what answers there speaks no HTTP".to_owned()),
        status if said.is_empty() => (false, format!("not ready: status {status}")),
        status => (false, format!("not ready: {said} (status {status})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let check = |answer: &str, ready, line: &str| {
            assert_eq!(verdict(answer.as_bytes()), (ready, line.to_owned()), "{answer}");
        };
        check("HTTP/1.1 200 OK\r\nA: b\r\n\r\nready\n", true, "ready");
        check("HTTP/1.1 503 X\r\n\r\nno release yet\n", false, "not ready: no release yet (status 503)");
        check("HTTP/1.1 404 X\r\n\r\n", false, "not ready: status 404");
        check("HTTP/1.1 500 X\r\n\r\n\u{1b}[31mred\nmore", false, "not ready: [31mred (status 500)");
        check("SSH-2.0-x\r\n", false, "what answers there speaks no HTTP");
        check("", false, "what answers there speaks no HTTP");
        check("HTTP/1.1 2", false, "what answers there speaks no HTTP");
    }

    #[test]
    fn a_daemon_that_listens_everywhere_is_asked_on_loopback() {
        let check = |admin: &str, expect: &str| {
            assert_eq!(reachable(admin.parse().unwrap()), expect.parse().unwrap(), "{admin}");
        };
        check("0.0.0.0:8081", "127.0.0.1:8081");
        check("[::]:8081", "[::1]:8081");
        check("10.0.0.3:8081", "10.0.0.3:8081");
    }
}
