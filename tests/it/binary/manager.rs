//! The service manager's side: what the daemon tells it, message by message, and the sockets it holds open.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::support::process::{self, Desk, PATIENCE, try_ask, until};

const SEED: &str = "---\ntitle: Harbour opens again\nwebUrl: https://a.example/harbour\n\
                    publishedDateTime: 2021-03-04T19:00:00Z\nprovider: { name: A, domain: a.example }\ntopics: [Sea]\n---\n";

const QUIET: &str = "enrich: { seeds: none }\n";

/// What holds while one seed lies in the folder.
const STATUS: &str = "STATUS=1 stories of 1 articles from 1 seeds and 0 sources\n";

fn desk() -> Desk {
    let desk = Desk::new(QUIET);
    desk.seed("a.md", SEED);
    desk
}

/// The talk of a whole life, as the manager at `socket` hears it: the first start, a good and a broken reload, the
/// watchdog all the while, and the end.
#[track_caller]
fn whole_talk(desk: &Desk, socket: UnixDatagram, name: &OsStr) -> Vec<String> {
    let mut command = desk.command(&["-c", "newswire.yaml", "run"]);
    command.env("WATCHDOG_USEC", "200000");
    let mut daemon = desk.spawn_under(socket, name, command);
    let mut talk = daemon.talk_until("READY=1");
    talk.extend(daemon.talk_until("WATCHDOG=1"));
    daemon.signal("HUP");
    talk.extend(daemon.talk_until("READY=1"));
    talk.extend(daemon.talk_until("WATCHDOG=1"));
    desk.configure("topics: [{ id: ports, lables: [Sea] }]\n");
    talk.extend(daemon.talk_until("READY=1"));
    talk.extend(daemon.talk_until("WATCHDOG=1"));
    daemon.signal("TERM");
    talk.extend(daemon.talk_until("STOPPING=1"));
    let (code, log) = daemon.ended();
    assert_eq!(code, Some(0), "{log:#?}");
    talk.extend(daemon.rest_of_talk());
    talk
}

/// The same talk with the times taken out, which must not go back, and a beat of the watchdog where there are several, or
/// where a reload takes longer than the time between two.
#[track_caller]
fn without_times(talk: Vec<String>) -> Vec<String> {
    let mut before = 0;
    let mut plain: Vec<String> = Vec::new();
    for message in talk {
        let timeless = match message.strip_prefix("RELOADING=1\nMONOTONIC_USEC=") {
            Some(time) => {
                let time: u64 = time.trim_end().parse().unwrap();
                assert!(time > before, "{time} after {before}");
                before = time;
                "RELOADING=1\nMONOTONIC_USEC=…\n".to_owned()
            }
            None => message,
        };
        let is_known = |last: &String| *last == timeless || last.starts_with("RELOADING=1");
        if timeless != "WATCHDOG=1\n" || !plain.last().is_some_and(is_known) {
            plain.push(timeless);
        }
    }
    plain
}

/// Fails unless the talk is, to the letter, what `sd_notify(3)` wants of a service that reloads and is watched.
#[track_caller]
fn is_as_agreed(talk: Vec<String>) {
    let refused = "READY=1\nSTATUS=the last reload was refused: newswire.yaml:6:23 (`newswire check` shows it); \
                   1 stories of 1 articles from 1 seeds and 0 sources\n";
    let starting = |what| format!("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=starting: {what}\n");
    let expected = [
        &starting("1 seed files read"),
        &starting("1 articles grouped"),
        &starting("5 changes released"),
        &format!("READY=1\n{STATUS}"),
        "WATCHDOG=1\n",
        "RELOADING=1\nMONOTONIC_USEC=…\n",
        &format!("READY=1\n{STATUS}"),
        "WATCHDOG=1\n",
        "RELOADING=1\nMONOTONIC_USEC=…\n",
        refused,
        "WATCHDOG=1\n",
        "STOPPING=1\nSTATUS=draining: requests in flight end\n",
    ];
    assert_eq!(without_times(talk), expected);
}

#[test]
fn every_message_is_as_the_manager_wants_it() {
    let desk = desk();
    let path = desk.path("manager");
    let socket = UnixDatagram::bind(&path).unwrap();
    is_as_agreed(whole_talk(&desk, socket, path.as_os_str()));
}

#[test]
fn an_abstract_socket_hears_the_same() {
    let desk = desk();
    let name = format!("newswire-manager-{}", desk.public.port());
    let socket = UnixDatagram::bind_addr(&UnixAddress::from_abstract_name(&name).unwrap()).unwrap();
    is_as_agreed(whole_talk(&desk, socket, OsStr::new(&format!("@{name}"))));
}

#[test]
fn one_who_is_told_to_stop_in_the_middle_of_its_start_says_so() {
    let desk = desk();
    let daemon = desk.start(|_| {});
    daemon.heard("starting:");
    daemon.signal("TERM");
    daemon.heard("STOPPING=1");
    assert_eq!(daemon.end().0, Some(0));
}

/// A shell that holds the socket of `systemd-socket-activate` and runs the daemon on it again and again, as the service
/// manager does: the process that listens ends, the socket does not.
const HOLDER: &str = r#"
while [ -e held ]; do
  sh -c 'echo $$ > pid.draft && mv pid.draft pid; export LISTEN_PID=$$; exec "$0" -c newswire.yaml run' "$0" || exit 1
done
"#;

#[test]
fn no_connection_is_dropped_over_restarts() {
    if !process::is_there("systemd-socket-activate", &["systemd-socket-activate", "--version"]) {
        return;
    }
    let desk = desk();
    fs::write(desk.path("held"), "").unwrap();
    let socket = process::free();
    let mut command = Command::new("systemd-socket-activate");
    command.args([&format!("--listen={socket}"), "--fdname=public", "--setenv=NOTIFY_SOCKET"]);
    command.args(["sh", "-c", HOLDER, env!("CARGO_BIN_EXE_newswire")]).current_dir(desk.path(""));
    // Nobody can listen where the configuration says: the daemon must not try.
    let _taken = TcpListener::bind(desk.public).unwrap();
    let mut daemon = desk.spawn(command);
    daemon.logged("Listening on");
    let (over, answers) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let (over, answers) = (&over, &answers);
        let clients: Vec<_> = (0..6)
            .map(|number| {
                let is_new = number % 2 == 0;
                scope.spawn(move || {
                    let mut client = Client { at: socket, open: None };
                    while !over.load(Ordering::SeqCst) {
                        client.ask(is_new)?;
                        answers.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok::<_, String>(())
                })
            })
            .collect();
        for restart in 0..4 {
            daemon.heard("READY=1");
            // Each of them was answered by this process, some of them often.
            let before = answers.load(Ordering::SeqCst);
            until("answers", || {
                let is_over = clients.iter().any(|client| client.is_finished());
                (is_over || answers.load(Ordering::SeqCst) > before + 100).then_some(())
            });
            if restart == 3 {
                fs::remove_file(desk.path("held")).unwrap();
                over.store(true, Ordering::SeqCst);
            }
            if !over.load(Ordering::SeqCst) {
                process::signal(listener(&desk.path("pid")), "TERM");
            }
        }
        for client in clients {
            assert_eq!(client.join().unwrap(), Ok(()), "after {} answers", answers.load(Ordering::SeqCst));
        }
    });
    process::signal(listener(&desk.path("pid")), "TERM");
    assert_eq!(daemon.ended().0, Some(0));
}

/// The process that listens now.
fn listener(pid: &Path) -> u32 {
    fs::read_to_string(pid).unwrap().trim().parse().unwrap()
}

/// A reader that takes nothing but a whole feed.
struct Client {
    at: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

impl Client {
    /// Asks for the feed, on a connection of its own if `is_new`, else on the one that is open.
    fn ask(&mut self, is_new: bool) -> Result<(), String> {
        if is_new {
            let answer = try_ask(self.at, "GET", "/all/rss.xml", &[]).map_err(|error| format!("new: {error}"))?;
            return is_the_feed(answer.status, &answer.body);
        }
        let failed = |error: std::io::Error| format!("open: {error}");
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => BufReader::new(TcpStream::connect_timeout(&self.at, PATIENCE).map_err(failed)?),
        };
        stream.get_ref().set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        stream.get_mut().write_all(b"GET /all/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n").map_err(failed)?;
        let (mut line, mut length, mut status, mut closes) = (String::new(), 0, 0, false);
        loop {
            line.clear();
            if stream.read_line(&mut line).map_err(failed)? == 0 {
                return Err("open: closed without an answer".to_owned());
            }
            match line.trim_end().to_ascii_lowercase().split_once(' ') {
                Some(("http/1.1", rest)) => status = rest.get(..3).and_then(|code| code.parse().ok()).unwrap_or(0),
                Some(("content-length:", value)) => length = value.parse().unwrap_or(0),
                Some(("connection:", value)) => closes = value == "close",
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).map_err(failed)?;
        self.open = (!closes).then_some(stream);
        is_the_feed(status, &body)
    }
}

fn is_the_feed(status: u16, body: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(body);
    let is_whole = status == 200 && text.contains("Harbour opens again") && text.trim_end().ends_with("</rss>");
    if is_whole { Ok(()) } else { Err(format!("{status} {text}")) }
}
