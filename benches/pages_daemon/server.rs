//! Publishers' servers in this program: one listener plays every host, notes who asked for what and when, and answers as
//! it is told.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// What an address answers with.
pub enum Answer {
    /// 200, or 304 where its ETag came along.
    Page(Arc<Vec<u8>>, String),
    Status(u16),
}

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub at: Instant,
    pub is_conditional: bool,
    pub status: u16,
}

type Play = dyn Fn(&str, usize) -> Answer + Send + Sync;

/// The servers, until the process ends.
pub struct Server {
    pub address: SocketAddr,
    log: Arc<Mutex<BTreeMap<String, Vec<Asked>>>>,
}

impl Server {
    /// `play` is given `host/path` and how often it was asked before.
    pub fn open(play: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.9.1", 0)).expect("a listener");
        let address = listener.local_addr().expect("its address");
        let log = Arc::<Mutex<BTreeMap<String, Vec<Asked>>>>::default();
        let (play, kept): (Arc<Play>, _) = (Arc::new(play), Arc::clone(&log));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (play, log) = (Arc::clone(&play), Arc::clone(&kept));
                thread::spawn(move || serve(&stream, play.as_ref(), &log));
            }
        });
        Self { address, log }
    }

    /// What was asked so far, by `host/path`.
    pub fn log(&self) -> BTreeMap<String, Vec<Asked>> {
        self.log.lock().expect("nobody panics").clone()
    }
}

fn serve(stream: &TcpStream, play: &Play, log: &Mutex<BTreeMap<String, Vec<Asked>>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let path = first.split_whitespace().nth(1)?.to_owned();
        let (mut host, mut known) = (String::new(), String::new());
        loop {
            let mut field = String::new();
            reader.read_line(&mut field).ok()?;
            if field.trim().is_empty() {
                break;
            }
            let (name, value) = field.split_once(':').unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "host" => value.trim().split(':').next().unwrap_or_default().clone_into(&mut host),
                "if-none-match" => value.trim().clone_into(&mut known),
                _ => {}
            }
        }
        let key = format!("{host}{path}");
        let before = log.lock().ok()?.get(&key).map_or(0, Vec::len);
        let answer = play(&key, before);
        let (status, head, body) = match &answer {
            Answer::Status(status) => (*status, String::new(), &[] as &[u8]),
            Answer::Page(_, tag) if known == *tag => (304, format!("ETag: {tag}\r\n"), &[] as &[u8]),
            Answer::Page(body, tag) => (200, format!("ETag: {tag}\r\nContent-Type: text/html\r\n"), body.as_slice()),
        };
        let asked = Asked { at: Instant::now(), is_conditional: !known.is_empty(), status };
        log.lock().ok()?.entry(key).or_default().push(asked);
        write!(writer, "HTTP/1.1 {status} Played\r\n{head}Content-Length: {}\r\n\r\n", body.len()).ok()?;
        writer.write_all(body).ok()?;
    }
}
