//! Does a connection get on? Counts request heads read and bytes written.
//!
//! One timer a connection looks at the counts now and then, which costs a request nothing, where a timer for
//! each head and each write would.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

/// Counts of one connection.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    heads: AtomicU64,
    written: AtomicU64,
    streams: AtomicBool,
    drains: AtomicBool,
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    heads: u64,
    written: u64,
}

impl Pulse {
    /// A whole request head was read.
    pub(super) fn head(&self) {
        self.heads.fetch_add(1, Ordering::Relaxed);
    }

    /// What is answered comes bit by bit, and may come slowly.
    pub(super) fn streams(&self) {
        self.streams.store(true, Ordering::Relaxed);
    }

    /// Whether what is answered comes bit by bit.
    pub(super) fn is_stream(&self) -> bool {
        self.streams.load(Ordering::Relaxed)
    }

    /// The next answer is the last.
    pub(super) fn drain(&self) {
        self.drains.store(true, Ordering::Relaxed);
    }

    /// Whether an answer is the last.
    pub(super) fn drains(&self) -> bool {
        self.drains.load(Ordering::Relaxed)
    }

    pub(super) fn read(&self) -> Beat {
        Beat { heads: self.heads.load(Ordering::Relaxed), written: self.written.load(Ordering::Relaxed) }
    }
}

impl Beat {
    /// Was there a request, or were at least `least` bytes written, since `before`?
    pub(super) fn got_on_since(self, before: Self, least: u64) -> bool {
        self.heads > before.heads || self.written.saturating_sub(before.written) >= least.max(1)
    }
}

/// A stream whose written bytes are counted.
pub(super) struct Watched<T> {
    stream: T,
    pulse: Arc<Pulse>,
}

impl<T> Watched<T> {
    pub(super) fn new(stream: T, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }

    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.pulse.written.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        written
    }
}

impl<T: Read + Unpin> Read for Watched<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: Write + Unpin> Write for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A head alone, as a 304 is, goes by the call for one slice, which costs the kernel less.
        let written = match slices {
            [only] => Pin::new(&mut self.stream).poll_write(cx, only),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        };
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_or_enough_bytes_is_progress() {
        let check = |heads, written, expect| {
            let before = Beat { heads: 5, written: 1000 };
            assert_eq!(Beat { heads, written }.got_on_since(before, 100), expect, "{heads} {written}");
        };
        check(5, 1000, false);
        check(6, 1000, true);
        check(5, 1099, false);
        check(5, 1100, true);
        let still = Beat { heads: 0, written: 0 };
        assert!(!still.got_on_since(still, 0));
    }
}
