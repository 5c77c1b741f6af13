//! A body as it comes over the wire, decoded under caps: chunks come in, at most `max_body` bytes go out.
//!
//! The decoders are pushed: each writes into a [`Sink`] that stops it at the cap, so a bomb costs the cap and no
//! more. Never reads ahead, never holds both forms of a body.

use std::io::{self, Write};

use brotli::DecompressorWriter;
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, Operation};

use crate::model::Judge;

/// What we decode, in the order we like it.
pub(super) const ACCEPT_ENCODING: &str = "br, gzip, zstd, deflate";

/// Text compresses to a tenth; a hundredth is a bomb or a page of blanks.
const MAX_RATIO: u64 = 100;

/// Below this many decoded bytes any ratio is harmless. Less than a reader of pages ever takes in of one that says
/// nothing, so that a bomb is told as one.
const RATIO_FREE: u64 = 1 << 18;

/// Headers and trailers of a coding may make a small body larger on the wire than decoded.
const WIRE_SLACK: u64 = 64 * 1024;

/// `enough` is asked whenever so many bytes have come: a judge goes on where it stopped, so asking often costs little.
const STEP: usize = 4 * 1024;

/// RFC 9659: a zstd content coding needs a window of 8 MiB at most.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Scratch space of a decoder.
const SCRATCH: usize = 8 * 1024;

/// Why reading stopped before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The reader has what it wants.
    Enough,
    /// A cap was hit; which one, for people.
    TooLarge(String),
    /// It cannot be decoded; why, for people.
    Broken(String),
}

/// A body being read.
pub(super) struct Body {
    decoder: Decoder,
    wire: u64,
    max_wire: u64,
}

impl Body {
    /// A body in the coding that `content_encoding` names, of at most `max` decoded bytes.
    ///
    /// # Errors
    /// When the coding is unknown, or there is more than one.
    pub(super) fn new(content_encoding: &str, max: usize, enough: Option<Judge>) -> Result<Self, Stop> {
        let sink = Sink::new(max, enough);
        let decoder = Decoder::of(content_encoding, sink)?;
        Ok(Self { decoder, wire: 0, max_wire: (max as u64).saturating_add(WIRE_SLACK) })
    }

    /// Takes the length the server announced for the wire, if it did.
    ///
    /// # Errors
    /// When it is more than we would read.
    pub(super) fn announce(&self, length: Option<u64>) -> Result<(), Stop> {
        match length {
            Some(length) if length > self.max_wire => Err(Stop::TooLarge(format!("{length} bytes announced"))),
            _ => Ok(()),
        }
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// Why nothing more is wanted.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Stop> {
        self.wire = self.wire.saturating_add(chunk.len() as u64);
        if self.wire > self.max_wire {
            return Err(Stop::TooLarge(format!("more than {} bytes over the wire", self.max_wire)));
        }
        self.decoder.sink_mut().wire = self.wire;
        let written = self.decoder.push(chunk);
        match (self.decoder.sink().stop.clone(), written) {
            (Some(stop), _) => Err(stop),
            (None, Ok(())) => Ok(()),
            (None, Err(error)) => Err(Stop::Broken(error.to_string())),
        }
    }

    /// The wire has ended: checks that the coding has, too.
    ///
    /// # Errors
    /// When the coding says that more should have come.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        let ended = if self.wire == 0 { Ok(()) } else { self.decoder.end() };
        match (self.decoder.sink().stop.clone(), ended) {
            (Some(stop), _) => Err(stop),
            (None, Ok(())) => Ok(()),
            (None, Err(_)) => Err(Stop::Broken("the compressed body ended early".to_owned())),
        }
    }

    /// Whether what came so far is enough for the reader.
    pub(super) fn is_enough(&mut self) -> bool {
        self.decoder.sink_mut().ask()
    }

    /// The decoded bytes, and how many came over the wire.
    pub(super) fn into_parts(mut self) -> (Vec<u8>, u64) {
        (std::mem::take(&mut self.decoder.sink_mut().bytes), self.wire)
    }
}

/// Where decoders write: grows up to a cap, and fails the write that would go beyond it.
#[derive(Default)]
struct Sink {
    bytes: Vec<u8>,
    max: usize,
    wire: u64,
    enough: Option<Judge>,
    next_look: usize,
    stop: Option<Stop>,
}

impl Sink {
    fn new(max: usize, enough: Option<Judge>) -> Self {
        Self { max, enough, next_look: STEP, ..Self::default() }
    }

    fn verdict(&mut self, more: usize) -> Option<Stop> {
        let size = self.bytes.len().saturating_add(more);
        if size > self.max {
            return Some(Stop::TooLarge(format!("more than {} bytes", self.max)));
        }
        let decoded = size as u64;
        if decoded > RATIO_FREE && decoded > self.wire.saturating_mul(MAX_RATIO) {
            return Some(Stop::TooLarge(format!("inflates to more than {MAX_RATIO} times its size")));
        }
        None
    }

    fn has_enough(&mut self) -> bool {
        let size = self.bytes.len();
        if size < self.next_look {
            return false;
        }
        self.next_look = size.saturating_add(STEP);
        self.ask()
    }

    fn ask(&mut self) -> bool {
        let Self { enough, bytes, .. } = self;
        enough.as_mut().is_some_and(|enough| enough(bytes))
    }
}

impl Write for Sink {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.stop.is_none() {
            self.stop = self.verdict(more.len());
            if self.stop.is_none() {
                self.bytes.extend_from_slice(more);
                self.stop = self.has_enough().then_some(Stop::Enough);
            }
        }
        if self.stop.is_some() { Err(io::Error::other("stopped")) } else { Ok(more.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One content coding (RFC 9110 §8.4.1).
enum Decoder {
    Plain(Sink),
    Gzip(GzDecoder<Sink>),
    /// `deflate` before its first two bytes said whether it is zlib (as the RFC wants) or raw (as some servers do).
    Deflate(Sink, Vec<u8>),
    Zlib(ZlibDecoder<Sink>),
    Raw(DeflateDecoder<Sink>),
    Brotli(Box<DecompressorWriter<Sink>>),
    Zstd(Box<Zstd>),
}

impl Decoder {
    fn of(content_encoding: &str, sink: Sink) -> Result<Self, Stop> {
        let named = content_encoding.to_ascii_lowercase();
        let mut codings = named.split(',').map(str::trim).filter(|coding| !matches!(*coding, "" | "identity"));
        let coding = codings.next();
        if codings.next().is_some() {
            return Err(Stop::Broken("more than one content coding".to_owned()));
        }
        Ok(match coding {
            None => Self::Plain(sink),
            Some("gzip" | "x-gzip") => Self::Gzip(GzDecoder::new(sink)),
            Some("deflate") => Self::Deflate(sink, Vec::new()),
            Some("br") => Self::Brotli(Box::new(DecompressorWriter::new(sink, SCRATCH))),
            Some("zstd") => Self::Zstd(Box::new(Zstd::new(sink).map_err(|error| Stop::Broken(error.to_string()))?)),
            Some(_) => return Err(Stop::Broken("an unknown content coding".to_owned())),
        })
    }

    fn push(&mut self, chunk: &[u8]) -> io::Result<()> {
        if let Self::Deflate(sink, held) = self {
            held.extend_from_slice(chunk);
            let [first, second, ..] = held[..] else { return Ok(()) };
            // RFC 1950: method 8, and the two bytes as a number are a multiple of 31.
            let is_zlib = first & 0x0f == 8 && u16::from_be_bytes([first, second]) % 31 == 0;
            let (sink, held) = (std::mem::take(sink), std::mem::take(held));
            *self = if is_zlib { Self::Zlib(ZlibDecoder::new(sink)) } else { Self::Raw(DeflateDecoder::new(sink)) };
            return self.push(&held);
        }
        match self {
            Self::Plain(sink) => sink.write_all(chunk),
            Self::Gzip(decoder) => push_gzip(decoder, chunk),
            Self::Zlib(decoder) => write_until_end(decoder, chunk).map(drop),
            Self::Raw(decoder) => write_until_end(decoder, chunk).map(drop),
            Self::Brotli(decoder) => write_until_end(decoder, chunk).map(drop),
            Self::Zstd(decoder) => decoder.push(chunk),
            Self::Deflate(..) => Ok(()),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Deflate(..) => Err(io::ErrorKind::UnexpectedEof.into()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Raw(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
            Self::Zstd(decoder) => decoder.end(),
        }
    }
    fn sink(&self) -> &Sink {
        match self {
            Self::Plain(sink) | Self::Deflate(sink, _) => sink,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Zlib(decoder) => decoder.get_ref(),
            Self::Raw(decoder) => decoder.get_ref(),
            Self::Brotli(decoder) => decoder.get_ref(),
            Self::Zstd(decoder) => &decoder.sink,
        }
    }

    fn sink_mut(&mut self) -> &mut Sink {
        match self {
            Self::Plain(sink) | Self::Deflate(sink, _) => sink,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Raw(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => &mut decoder.sink,
        }
    }
}

/// Writes `chunk`, and gives back what the decoder would not take since its stream has ended: rubbish after the
/// end harms nobody.
fn write_until_end<'a>(decoder: &mut impl Write, mut chunk: &'a [u8]) -> io::Result<&'a [u8]> {
    while !chunk.is_empty() {
        match decoder.write(chunk)? {
            0 => break,
            taken => chunk = chunk.get(taken..).unwrap_or_default(),
        }
    }
    Ok(chunk)
}

/// A gzip body may be several members, one after the other (RFC 1952 §2.2).
fn push_gzip(decoder: &mut GzDecoder<Sink>, mut chunk: &[u8]) -> io::Result<()> {
    loop {
        chunk = write_until_end(decoder, chunk)?;
        if chunk.first() != Some(&0x1f) {
            return Ok(());
        }
        decoder.try_finish()?;
        let sink = std::mem::take(decoder.get_mut());
        *decoder = GzDecoder::new(sink);
    }
}

/// A push decoder for zstd that knows whether its frame has ended.
struct Zstd {
    decoder: ZstdDecoder<'static>,
    sink: Sink,
    is_at_end: bool,
}

impl Zstd {
    fn new(sink: Sink) -> io::Result<Self> {
        let mut decoder = ZstdDecoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
        Ok(Self { decoder, sink, is_at_end: false })
    }

    fn push(&mut self, mut chunk: &[u8]) -> io::Result<()> {
        let mut scratch = [0; SCRATCH];
        loop {
            let status = match self.decoder.run_on_buffers(chunk, &mut scratch) {
                Ok(status) => status,
                // Rubbish after the last frame.
                Err(_) if self.is_at_end => return Ok(()),
                Err(error) => return Err(error),
            };
            self.sink.write_all(scratch.get(..status.bytes_written).unwrap_or_default())?;
            chunk = chunk.get(status.bytes_read..).unwrap_or_default();
            self.is_at_end = status.remaining == 0;
            let is_drained = status.bytes_written < scratch.len();
            if chunk.is_empty() && (is_drained || self.is_at_end) {
                return Ok(());
            }
        }
    }

    fn end(&self) -> io::Result<()> {
        if self.is_at_end { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 3 << 20;

    fn encode(coding: &str, plain: &[u8]) -> Vec<u8> {
        use flate2::Compression;
        use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
        let mut coded = Vec::new();
        match coding {
            "gzip" => GzEncoder::new(&mut coded, Compression::best()).write_all(plain).unwrap(),
            "zlib" => ZlibEncoder::new(&mut coded, Compression::best()).write_all(plain).unwrap(),
            "raw" => DeflateEncoder::new(&mut coded, Compression::best()).write_all(plain).unwrap(),
            "br" => brotli::CompressorWriter::new(&mut coded, 4096, 5, 22).write_all(plain).unwrap(),
            "zstd" => coded = zstd::encode_all(plain, 3).unwrap(),
            _ => coded = plain.to_vec(),
        }
        coded
    }

    fn header(coding: &str) -> &str {
        if matches!(coding, "zlib" | "raw") { "deflate" } else { coding }
    }

    fn read(coding: &str, wire: &[u8], step: usize, enough: Option<fn(&[u8]) -> bool>) -> (Vec<u8>, Result<(), Stop>) {
        let mut body = Body::new(header(coding), MAX, enough.map(|enough| Box::new(enough) as Judge)).unwrap();
        let result = wire.chunks(step).try_for_each(|chunk| body.push(chunk)).and_then(|()| body.end());
        (body.into_parts().0, result)
    }

    fn text() -> Vec<u8> {
        (0..20_000).flat_map(|n| format!("line {} of {n}\n", n * 7919 % 1000).into_bytes()).collect()
    }

    const CODINGS: [&str; 6] = ["", "gzip", "zlib", "raw", "br", "zstd"];

    #[test]
    fn every_coding_reads_whole_in_any_chunks() {
        for coding in CODINGS {
            for step in [1, 7, 1000, usize::MAX] {
                let (bytes, result) = read(coding, &encode(coding, &text()), step, None);
                assert_eq!(result, Ok(()), "{coding} by {step}");
                assert!(bytes == text(), "{coding} by {step}");
            }
        }
    }

    #[test]
    fn a_cut_body_is_broken_in_every_coding() {
        for coding in &CODINGS[1..] {
            let wire = encode(coding, &text());
            for keep in [1, 2, 11, wire.len() / 2, wire.len() - 1] {
                let (_, result) = read(coding, &wire[..keep], 100, None);
                assert!(matches!(result, Err(Stop::Broken(_))), "{coding} cut at {keep}: {result:?}");
            }
        }
    }

    #[test]
    fn an_empty_body_is_empty_and_rubbish_after_the_end_is_ignored() {
        for coding in CODINGS {
            assert_eq!(read(coding, b"", 1, None), (Vec::new(), Ok(())), "{coding}");
        }
        for coding in &CODINGS[1..] {
            let mut wire = encode(coding, b"hello");
            wire.extend_from_slice(b"\0\0rubbish");
            for step in [1, 1000] {
                assert_eq!(read(coding, &wire, step, None), (b"hello".to_vec(), Ok(())), "{coding} by {step}");
            }
        }
        let mut two = encode("gzip", b"one ");
        two.extend(encode("gzip", b"two"));
        assert_eq!(read("gzip", &two, 3, None), (b"one two".to_vec(), Ok(())));
        assert_eq!(read("gzip", &two, 300, None), (b"one two".to_vec(), Ok(())));
    }

    #[test]
    fn bombs_stop_at_the_cap_or_the_ratio() {
        let zeros = vec![0; 16 << 20];
        for coding in CODINGS {
            let (bytes, result) = read(coding, &encode(coding, &zeros), 4096, None);
            assert!(matches!(result, Err(Stop::TooLarge(_))), "{coding}: {result:?}");
            assert!(bytes.len() <= MAX, "{coding}");
        }
        let small = vec![b' '; 200 << 10];
        assert_eq!(read("br", &encode("br", &small), 4096, None), (small, Ok(())));
    }

    #[test]
    fn rubbish_is_broken() {
        for coding in &CODINGS[1..] {
            let (_, result) = read(coding, &[0xff; 400], 10, None);
            assert!(matches!(result, Err(Stop::Broken(_))), "{coding}: {result:?}");
        }
    }

    #[test]
    fn codings_are_named_alone() {
        let check = |named: &str, expect: Option<&str>| {
            let found = Body::new(named, MAX, None).err();
            assert_eq!(found, expect.map(|why| Stop::Broken(why.to_owned())), "{named}");
        };
        check("", None);
        check("identity", None);
        check(" GZIP ", None);
        check("x-gzip", None);
        check("identity, br", None);
        check("gzip, br", Some("more than one content coding"));
        check("gzip,gzip", Some("more than one content coding"));
        check("compress", Some("an unknown content coding"));
    }

    #[test]
    fn reading_stops_when_it_is_enough() {
        for coding in CODINGS {
            let (bytes, result) = read(coding, &encode(coding, &text()), 512, Some(|bytes| bytes.len() > 20_000));
            assert_eq!(result, Err(Stop::Enough), "{coding}");
            assert!((20_000..100_000).contains(&bytes.len()), "{coding}: {}", bytes.len());
        }
        let (bytes, result) = read("gzip", &encode("gzip", &text()), 512, Some(|_| false));
        assert!(bytes == text() && result.is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_a_decoder(coding in 0..CODINGS.len(), head in 0..3_usize, tail: Vec<u8>, step in 1..64_usize) {
            let coding = CODINGS[coding];
            // With a true beginning, deeper parts of a decoder are reached.
            let mut wire = encode(coding, b"some text, some text");
            wire.truncate(wire.len() * head / 3);
            wire.extend(tail);
            let (bytes, _) = read(coding, &wire, step, Some(|bytes| bytes.len() > 100_000));
            assert!(bytes.len() <= MAX);
        }
    }
}
