//! Loiterers: a thousand connections that say nothing, a hundred that drip their request, a hundred that drip the answer.
//! Whoever is closed comes back at once. They stay until the handle is dropped.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

const IDLE: usize = 1000;
const DRIPPING: usize = 100;

/// Between two drips.
const DRIP: Duration = Duration::from_secs(1);

/// They come one after another, over as long as the daemon lets an idle one stay: else all would come back at once.
const COMING: Duration = Duration::from_secs(10);

/// Bytes of the system's own that a slow reader allows: nearly none.
const WINDOW: u32 = 2048;

/// They loiter until this is dropped.
pub struct Loiterers {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Gathers them on a thread of their own; returns when all have come.
pub fn gather(address: SocketAddr) -> Loiterers {
    let (stop, stopped) = watch::channel(false);
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            for number in 0..IDLE {
                tokio::spawn(async move {
                    sleep(COMING * u32::try_from(number).unwrap_or(0) / 1000).await;
                    loop {
                        let _ = idle(address).await;
                        sleep(Duration::from_millis(20)).await;
                    }
                });
            }
            for number in 0..DRIPPING {
                let wait = COMING * u32::try_from(number).unwrap_or(0) / 100;
                tokio::spawn(async move {
                    sleep(wait).await;
                    loop {
                        let _ = drip_request(address).await;
                        sleep(Duration::from_millis(20)).await;
                    }
                });
                tokio::spawn(async move {
                    sleep(wait).await;
                    loop {
                        let _ = drip_answer(address).await;
                        sleep(Duration::from_millis(20)).await;
                    }
                });
            }
            let mut stopped = stopped;
            let _ = stopped.wait_for(|stop| *stop).await;
        });
    });
    std::thread::park_timeout(COMING);
    Loiterers { stop, thread: Some(thread) }
}

async fn idle(address: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.read(&mut [0; 16]).await.map(|_| ())
}

async fn drip_request(address: SocketAddr) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    for byte in b"GET /t/t0/atom.xml HTTP/1.1\r\nHost: slow.example\r\nX-Slow: ".iter().chain([b'a'; 400].iter()) {
        stream.write_all(&[*byte]).await?;
        sleep(DRIP).await;
    }
    Ok(())
}

async fn drip_answer(address: SocketAddr) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(WINDOW)?;
    let mut stream = socket.connect(address).await?;
    stream.write_all(b"GET /t/t0/ HTTP/1.1\r\nHost: slow.example\r\n\r\n").await?;
    while stream.read(&mut [0; 64]).await? > 0 {
        sleep(DRIP).await;
    }
    Ok(())
}

impl Drop for Loiterers {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
