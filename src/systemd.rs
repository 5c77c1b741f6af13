//! The service manager: what the daemon tells it, and the sockets it hands over.
//!
//! A thin layer over `sd_notify(3)` and `sd_listen_fds(3)`. Without `NOTIFY_SOCKET` and `LISTEN_FDS` everything
//! here does nothing, so that the daemon runs the same from a shell. Nothing here decides when it is well: the
//! caller feeds the watchdog, and only while it makes progress.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::TcpListener;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;

/// `FileDescriptorName` of the socket for readers.
pub const PUBLIC: &str = "public";

/// `FileDescriptorName` of the socket for the operator.
pub const ADMIN: &str = "admin";

/// The manager reads at once or is in trouble: the daemon must not hang with it.
const SEND_TIMEOUT: Duration = Duration::from_secs(1);

/// `systemctl status` shows one line; a longer status is of no use.
const STATUS_CHARS: usize = 200;

/// Tells the service manager how the daemon is. Cheap to clone; each message is one datagram.
///
/// Every method does nothing and succeeds where nobody listens.
#[derive(Debug, Clone, Default)]
pub struct Notifier {
    socket: Option<OsString>,
}

impl Notifier {
    /// Talks to the socket at `socket`: a path, or `@name` for an abstract one. `None` talks to nobody.
    #[must_use]
    pub fn new(socket: Option<OsString>) -> Self {
        Self { socket: socket.filter(|socket| !socket.is_empty()) }
    }

    /// Talks to the socket that `NOTIFY_SOCKET` names.
    #[must_use]
    pub fn from_env() -> Self {
        Self::new(std::env::var_os("NOTIFY_SOCKET"))
    }

    /// Start-up or a reload is complete; `status` is what `systemctl status` shows.
    ///
    /// # Errors
    /// The manager's socket cannot be reached; as in every method here.
    pub fn ready(&self, status: &str) -> io::Result<()> {
        self.send(&[NotifyState::Ready, NotifyState::Status(&one_line(status))])
    }

    /// A reload begins; [`Notifier::ready`] must follow. Carries the monotonic time, as systemd 253 demands.
    ///
    /// # Errors
    /// See [`Notifier::ready`].
    pub fn reloading(&self) -> io::Result<()> {
        self.send(&[NotifyState::Reloading, NotifyState::monotonic_usec_now()?])
    }

    /// Start-up goes on, but not yet to its end: the manager waits for `more` from now, even if that is past its own
    /// limit. `status` says how far it is.
    ///
    /// # Errors
    /// See [`Notifier::ready`].
    pub fn starting(&self, status: &str, more: Duration) -> io::Result<()> {
        let more = u32::try_from(more.as_micros()).unwrap_or(u32::MAX);
        self.send(&[NotifyState::ExtendTimeoutUsec(more), NotifyState::Status(&one_line(status))])
    }

    /// The daemon drains and will end; `status` is what `systemctl status` shows meanwhile.
    ///
    /// # Errors
    /// See [`Notifier::ready`].
    pub fn stopping(&self, status: &str) -> io::Result<()> {
        self.send(&[NotifyState::Stopping, NotifyState::Status(&one_line(status))])
    }

    /// What `systemctl status` shows: one line, cut at 200 characters.
    ///
    /// # Errors
    /// See [`Notifier::ready`].
    pub fn status(&self, text: &str) -> io::Result<()> {
        self.send(&[NotifyState::Status(&one_line(text))])
    }

    /// The daemon made progress: feeds the watchdog, see [`watchdog_interval`].
    ///
    /// # Errors
    /// See [`Notifier::ready`].
    pub fn watchdog(&self) -> io::Result<()> {
        self.send(&[NotifyState::Watchdog])
    }

    // The crate's own `notify` reads the environment each time, and knows no abstract sockets.
    fn send(&self, states: &[NotifyState<'_>]) -> io::Result<()> {
        let Some(name) = &self.socket else { return Ok(()) };
        let mut message = String::new();
        for state in states {
            message.push_str(&state.to_string());
            message.push('\n');
        }
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(SEND_TIMEOUT))?;
        socket.connect_addr(&address(name)?)?;
        match socket.send(message.as_bytes())? {
            sent if sent == message.len() => Ok(()),
            _ => Err(io::Error::from(io::ErrorKind::WriteZero)),
        }
    }
}

/// How often to feed the watchdog: half of `WatchdogSec`. `None` where nobody watches this process.
#[must_use]
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|timeout| timeout / 2).filter(|interval| !interval.is_zero())
}

/// The TCP listeners that the service manager handed to this process, non-blocking, each with its name:
/// [`PUBLIC`], [`ADMIN`], or whatever the operator's units call them. Empty without socket activation.
///
/// Call it once, and before any thread is started: it takes `LISTEN_FDS` out of the environment, so that no
/// child believes the sockets are its own.
///
/// # Errors
/// The environment is malformed, or a socket is no TCP listener.
pub fn listeners() -> io::Result<Vec<(String, TcpListener)>> {
    // Names without sockets are left over from a parent that was activated: not ours.
    if sd_notify::listen_fds()?.len() == 0 {
        return Ok(Vec::new());
    }
    let names: Vec<String> = sd_notify::listen_fds_with_names()?.map(|(_, name)| name).collect();
    let mut sockets = ListenFd::from_env();
    let mut listeners = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let listener = sockets.take_tcp_listener(index).map_err(|error| {
            io::Error::new(error.kind(), format!("socket `{name}` of the service manager: {error}"))
        })?;
        if let Some(listener) = listener {
            listener.set_nonblocking(true)?;
            listeners.push((name, listener));
        }
    }
    Ok(listeners)
}

fn address(name: &OsStr) -> io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::ffi::OsStrExt;

        if let Some((b'@', abstract_name)) = name.as_bytes().split_first() {
            return SocketAddr::from_abstract_name(abstract_name);
        }
    }
    SocketAddr::from_pathname(name)
}

/// Messages are lines: a line break in a status would begin a message of its own.
fn one_line(text: &str) -> String {
    text.chars().take(STATUS_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the manager at a path receives when `say` was called.
    #[track_caller]
    fn heard(say: impl Fn(&Notifier) -> io::Result<()>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        say(&Notifier::new(Some(path.into_os_string()))).unwrap();
        receive(&manager)
    }

    fn receive(manager: &UnixDatagram) -> String {
        manager.set_read_timeout(Some(SEND_TIMEOUT)).unwrap();
        let mut buffer = [0; 4096];
        let length = manager.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn messages_are_those_of_sd_notify() {
        assert_eq!(heard(|manager| manager.ready("9 sources")), "READY=1\nSTATUS=9 sources\n");
        assert_eq!(heard(|manager| manager.stopping("draining")), "STOPPING=1\nSTATUS=draining\n");
        let starting = heard(|manager| manager.starting("12 seeds read", SEND_TIMEOUT));
        assert_eq!(starting, "EXTEND_TIMEOUT_USEC=1000000\nSTATUS=12 seeds read\n");
        assert_eq!(heard(Notifier::watchdog), "WATCHDOG=1\n");
        assert_eq!(heard(|manager| manager.status("grouping")), "STATUS=grouping\n");
        let reloading = heard(Notifier::reloading);
        let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().trim_end();
        assert!(time.parse::<u64>().unwrap() > 0);
    }

    #[test]
    fn a_status_cannot_smuggle_a_message() {
        assert_eq!(heard(|manager| manager.status("a\nREADY=1\r\0b")), "STATUS=a READY=1  b\n");
        assert_eq!(heard(|manager| manager.status(&"ä".repeat(5000))), format!("STATUS={}\n", "ä".repeat(200)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn abstract_sockets_are_reached() {
        use std::os::linux::net::SocketAddrExt;

        let name = format!("newswire-test-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        Notifier::new(Some(format!("@{name}").into())).watchdog().unwrap();
        assert_eq!(receive(&manager), "WATCHDOG=1\n");
    }

    #[test]
    fn without_a_manager_nothing_happens() {
        for notifier in [Notifier::default(), Notifier::new(None), Notifier::new(Some(OsString::new()))] {
            notifier.ready("fine").unwrap();
            notifier.reloading().unwrap();
            notifier.stopping("draining").unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(Notifier::new(Some(folder.path().join("nobody").into_os_string())).watchdog().is_err());
    }

    #[test]
    fn without_socket_activation_there_are_no_listeners() {
        assert!(listeners().unwrap().is_empty());
        assert_eq!(watchdog_interval(), None);
    }
}
