//! Pixels across and down from the beginning of a picture.
//!
//! PNG (ISO 15948 §11.2.2), `GIF89a` §18, JPEG (ITU T.81 §B.2.2), WebP (RFC 9649 §2.5) and AVIF (`ispe`, ISO 23008-12
//! §6.5.3). Whatever the bytes are, the work is at most one pass over the first 64 KiB of them.

use super::MOST_BYTES;

/// Boxes of an AVIF file that are opened to get at the size: `meta`, `iprp`, `ipco`, and what stands beside them.
const MOST_BOXES: usize = 64;

type Pixels = (u32, u32);
type Read = fn(&[u8]) -> Option<Pixels>;

/// Each format knows its own first bytes, and nothing of others.
const FORMATS: &[Read] = &[png, gif, jpeg, webp, avif];

/// Pixels across and down of the picture that begins with `bytes`; `None` where they do not say, or not yet.
#[must_use]
pub fn size(bytes: &[u8]) -> Option<Pixels> {
    let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    FORMATS.iter().find_map(|read| read(bytes)).filter(|(width, height)| *width > 0 && *height > 0)
}

fn big(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let number = bytes.get(at..at.checked_add(count)?)?;
    Some(number.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let number = bytes.get(at..at.checked_add(count)?)?;
    Some(number.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn png(bytes: &[u8]) -> Option<Pixels> {
    let is_png = bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.get(12..16)? == b"IHDR";
    is_png.then_some((big(bytes, 16, 4)?, big(bytes, 20, 4)?))
}

fn gif(bytes: &[u8]) -> Option<Pixels> {
    let is_gif = bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a");
    is_gif.then_some((little(bytes, 6, 2)?, little(bytes, 8, 2)?))
}

/// Segments are stepped over by their lengths until the one that starts a frame.
fn jpeg(bytes: &[u8]) -> Option<Pixels> {
    if !bytes.starts_with(b"\xff\xd8") {
        return None;
    }
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // Fill bytes before a marker, and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            // Start of a frame: all but the tables that share the range (C4, C8, CC).
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((big(bytes, at + 7, 2)?, big(bytes, at + 5, 2)?));
            }
            0xd8..=0xda => return None,
            _ => at += 2 + usize::try_from(big(bytes, at + 2, 2)?.max(2)).ok()?,
        }
    }
}

fn webp(bytes: &[u8]) -> Option<Pixels> {
    if !(bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP") {
        return None;
    }
    match bytes.get(12..16)? {
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        b"VP8L" if *bytes.get(20)? == 0x2f => {
            let packed = little(bytes, 21, 4)?;
            Some(((packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1))
        }
        b"VP8 " if bytes.get(23..26)? == b"\x9d\x01\x2a" => {
            Some((little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff))
        }
        _ => None,
    }
}

/// The largest `ispe`: a file lists the sizes of its thumbnail and of its tiles too.
fn avif(bytes: &[u8]) -> Option<Pixels> {
    if bytes.get(4..8)? != b"ftyp" || !matches!(bytes.get(8..12)?, b"avif" | b"avis" | b"mif1" | b"heic") {
        return None;
    }
    let mut largest: Option<Pixels> = None;
    let mut at = 0;
    for _ in 0..MOST_BOXES {
        let (Some(length), Some(name)) = (big(bytes, at, 4), bytes.get(at + 4..at + 8)) else { break };
        at += match name {
            // A box with a version before its content, and two that hold boxes alone: gone into.
            b"meta" => 12,
            b"iprp" | b"ipco" => 8,
            b"ispe" => {
                let (Some(width), Some(height)) = (big(bytes, at + 12, 4), big(bytes, at + 16, 4)) else { break };
                let area = |(width, height): Pixels| u64::from(width) * u64::from(height);
                largest = Some(largest.map_or((width, height), |known| {
                    if area(known) < area((width, height)) { (width, height) } else { known }
                }));
                usize::try_from(length.max(8)).ok()?
            }
            _ => usize::try_from(length.max(8)).ok()?,
        };
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expect: Option<Pixels>) {
        assert_eq!(size(bytes), expect);
        // Whatever is cut off, nothing is said that is not there.
        for end in 0..bytes.len() {
            assert!(size(&bytes[..end]).is_none_or(|size| Some(size) == expect));
        }
    }

    #[test]
    fn each_format() {
        check(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x04\xb0\0\0\x02\x76\x08\x02", Some((1200, 630)));
        check(b"GIF89a\x40\x01\xf0\0\x80", Some((320, 240)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xdb\0\x04\0\0\xff\xc2\0\x11\x08\x02\x76\x04\xb0\x03";
        check(jpeg, Some((1200, 630)));
        check(b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xaf\x04\0\x75\x02\0", Some((1200, 630)));
        check(b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\xaf\x44\x9d\0", Some((1200, 630)));
        check(b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\xb0\x04\x76\x02", Some((1200, 630)));
        let mut avif =
            b"\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x40meta\0\0\0\0\0\0\0\x08hdlr\0\0\0\x2ciprp\0\0\0\x24ipco".to_vec();
        avif.extend(b"\0\0\0\x14ispe\0\0\0\0\0\0\x04\xb0\0\0\x02\x76");
        check(&avif, Some((1200, 630)));
    }

    #[test]
    fn what_is_no_picture() {
        check(b"", None);
        check(b"<html><body>not found</body></html>", None);
        check(b"\xff\xd8\xff\xda\0\x04", None);
        check(b"\xff\xd8\xff\xe0\0\0\0\0\0\0", None);
        check(b"GIF89a\0\0\0\0", None);
        check(&[0xff; 4096], None);
        assert_eq!(size(&[b"\xff\xd8".to_vec(), vec![0xff; 1 << 20]].concat()), None);
    }
}
