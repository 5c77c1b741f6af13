//! Inputs that nobody wrote: a corpus, a dictionary and a number go in, bytes come out.
//!
//! The same corpus, seed and index give the same input on every machine, so a find is named by two numbers.

/// Most bytes of an input, but for the few that are made large on purpose.
const SIZE: usize = 64 << 10;

/// Most bytes of the large ones: time and memory are judged by the megabyte, so some must have one.
const LARGE: usize = 3 << 20;

/// One input in so many is a large one: half of the time goes to them.
const LARGE_EVERY: u64 = 500;

/// Numbers from a seed (SplitMix64): good enough for fuzzing, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64, index: u64) -> Self {
        let mut dice = Self(seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `bound`; 0 where that is 0.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(bound).unwrap().max(1)).unwrap()
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &'a [&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A start and an end inside `length`, mostly near to each other.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let start = self.below(length + 1);
        let longest = [8, 64, 512, length][self.below(4)];
        (start, (start + self.below(longest + 1)).min(length))
    }
}

/// What inputs are made of.
pub struct Stock<'a> {
    pub corpus: &'a [Vec<u8>],
    pub dictionary: &'a [&'a [u8]],
    /// Repeated many times, these nest or multiply.
    pub bombs: &'a [&'a [u8]],
}

/// Input number `index` of `seed`.
pub fn input(stock: &Stock, seed: u64, index: u64) -> Vec<u8> {
    let mut dice = Dice::of(seed, index);
    let is_large = index % LARGE_EVERY == LARGE_EVERY - 1;
    let cap = if is_large { LARGE } else { SIZE };
    let mut bytes = stock.corpus[dice.below(stock.corpus.len())].clone();
    if bytes.len() > cap {
        let start = dice.below(bytes.len() - cap);
        // Mostly the head, which says what it is.
        bytes = if dice.below(4) == 0 { bytes.split_off(start) } else { bytes };
        bytes.truncate(cap);
    }
    let most = [1, 3, 8, 24][dice.below(4)];
    for _ in 0..=dice.below(most) {
        change(&mut bytes, stock, &mut dice, cap);
        bytes.truncate(cap);
    }
    if is_large && bytes.len() < cap {
        multiply(&mut bytes, stock, &mut dice, cap);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, stock: &Stock, dice: &mut Dice, cap: usize) {
    let length = bytes.len();
    match dice.below(16) {
        0 | 1 if length > 0 => {
            let at = dice.below(length);
            bytes[at] ^= 1 << dice.below(8);
        }
        2 if length > 0 => {
            let at = dice.below(length);
            bytes[at] = [0, 0x1b, 0x7f, 0x80, 0xc3, 0xed, 0xff, b'<', b'&', b'"', b'\\', b'>', b']'][dice.below(13)];
        }
        3 | 4 => insert(bytes, dice.below(length + 1), dice.one_of(stock.dictionary)),
        5 => {
            let (start, end) = dice.range(length);
            bytes.splice(start..end, dice.one_of(stock.dictionary).iter().copied());
        }
        6 => {
            let (start, end) = dice.range(length);
            bytes.drain(start..end);
        }
        7 => {
            let (start, end) = dice.range(length);
            let piece = bytes[start..end].to_vec();
            insert(bytes, dice.below(length + 1), &piece);
        }
        8 | 9 => splice(bytes, &stock.corpus[dice.below(stock.corpus.len())], dice),
        10 => bytes.truncate(dice.below(length + 1)),
        11 => charset(bytes, dice),
        12 => {
            let bomb = dice.one_of(stock.bombs);
            let most = [16, 256, 4_096][dice.below(3)].min(cap / bomb.len().max(1));
            let many = bomb.repeat(dice.below(most + 1));
            insert(bytes, dice.below(length + 1), &many);
        }
        13 => {
            let (start, end) = token(bytes, dice);
            let piece = bytes[start..end].repeat(1 + dice.below(40));
            insert(bytes, end, piece.get(..cap.min(piece.len())).unwrap_or_default());
        }
        14 => {
            let (start, end) = token(bytes, dice);
            bytes.drain(start..end);
        }
        _ => {
            let (one, other) = (token(bytes, dice), token(bytes, dice));
            let piece = bytes[other.0..other.1].to_vec();
            bytes.splice(one.0..one.1, piece);
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

/// The tag, or in JSON the member, around a place.
fn token(bytes: &[u8], dice: &mut Dice) -> (usize, usize) {
    let at = dice.below(bytes.len() + 1);
    let start = bytes[..at].iter().rposition(|byte| matches!(byte, b'<' | b',' | b'{')).unwrap_or(0);
    let end = bytes[at..].iter().position(|byte| matches!(byte, b'>' | b',' | b'}'));
    (start, end.map_or(bytes.len(), |end| at + end + 1))
}

/// The beginning of one and the end of another, cut where a tag begins.
fn splice(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let cut = |bytes: &[u8], at: usize| at + bytes[at..].iter().position(|byte| *byte == b'<').unwrap_or(0);
    let own = dice.below(bytes.len() + 1);
    let theirs = dice.below(other.len() + 1);
    bytes.truncate(cut(bytes, own));
    let rest = &other[cut(other, theirs)..];
    bytes.extend(&rest[..rest.len().min(SIZE)]);
}

/// Another encoding than is declared, or another declaration than is true.
fn charset(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let wide = |bytes: &[u8], big: bool| -> Vec<u8> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    match dice.below(8) {
        0 => insert(bytes, 0, b"\xef\xbb\xbf"),
        1 => *bytes = [b"\xff\xfe".as_slice(), &wide(bytes, false)].concat(),
        2 => *bytes = [b"\xfe\xff".as_slice(), &wide(bytes, true)].concat(),
        3 => *bytes = wide(bytes, dice.below(2) == 0),
        4 => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            *bytes = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(0xe9)).collect();
        }
        5 => bytes.iter_mut().filter(|byte| byte.is_ascii_lowercase()).step_by(17).for_each(|byte| *byte |= 0x80),
        _ => {
            let labels =
                ["utf-16", "shift_jis", "iso-2022-jp", "gb18030", "big5", "x-user-defined", "utf-7", "koi8-r", ""];
            let declared = format!("<?xml version=\"1.0\" encoding=\"{}\"?>", labels[dice.below(labels.len())]);
            let end = if bytes.starts_with(b"<?xml") {
                bytes.iter().position(|byte| *byte == b'>').map_or(0, |at| at + 1)
            } else {
                0
            };
            bytes.splice(..end, declared.bytes());
        }
    }
}

/// Makes a large input of a small one: many of one piece, where a feed has many.
fn multiply(bytes: &mut Vec<u8>, stock: &Stock, dice: &mut Dice, cap: usize) {
    let piece = match dice.below(5) {
        0 => dice.one_of(stock.bombs).to_vec(),
        1 => dice.one_of(stock.dictionary).to_vec(),
        2 => {
            let (start, end) = dice.range(bytes.len());
            bytes[start..end].to_vec()
        }
        3 => beginning(bytes, stock, dice),
        _ => [beginning(bytes, stock, dice), beginning(bytes, stock, dice)].concat(),
    };
    let room = cap - bytes.len();
    let many = piece.repeat(room / piece.len().max(1));
    // At the end nothing closes what it opens.
    let at = if dice.below(2) == 0 { bytes.len() } else { dice.below(bytes.len() + 1) };
    insert(bytes, at, &many);
}

/// What begins and does not end, which a reader might look for the end of each time.
fn beginning(bytes: &[u8], stock: &Stock, dice: &mut Dice) -> Vec<u8> {
    let (start, end) = token(bytes, dice);
    let whole = match dice.below(3) {
        0 => dice.one_of(stock.bombs),
        1 => dice.one_of(stock.dictionary),
        _ => &bytes[start..end],
    };
    whole[..whole.len().min(1 + dice.below(16))].to_vec()
}
