//! SHA-1 (FIPS 180-4 §6.1.2) and HMAC-SHA1 (RFC 2104), which authenticates SRTP (RFC 3711 §4.2.1).
//!
//! Collisions of SHA-1 do not touch HMAC: who does not know the key cannot prepare them.

use crate::block::Block;
use crate::memory::wipe;
pub(crate) use crate::sha1_lanes::SIDE_BY_SIDE;
use crate::sha1_lanes::{Lanes, sign_side_by_side};
use crate::words::{WORDS, Words};

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 20;

/// Bytes that one step takes.
pub(crate) const STEP_BYTES: usize = 64;

/// Length of what an outer hash is of: a key, padded to a step, and a digest.
pub(crate) const OUTER_BITS: u32 = 8 * (64 + 20);

/// The state between steps.
pub(crate) type State = [u32; 5];

/// FIPS 180-4 §5.3.1.
pub(crate) const INITIAL: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// FIPS 180-4 §4.2.1: added in each of the four times twenty rounds.
pub(crate) const ROUND_CONSTANTS: [u32; 4] = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

/// Rounds of a step.
const ROUNDS: usize = 80;

/// Rounds that are written out; a loop over them runs faster than eighty in a row.
const UNROLLED: usize = 5;

/// Behind the padding, the length of all in bits (FIPS 180-4 §5.1.1).
const LENGTH_BYTES: usize = 8;

/// What is authenticated: a stretch of memory, and four bytes that are not behind it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// The beginning.
    pub body: &'a [u8],
    /// The end, if there is one: SRTP's rollover counter (RFC 3711 §4.2).
    pub suffix: Option<[u8; 4]>,
}

impl<'a> Message<'a> {
    #[inline(always)]
    fn length(&self) -> usize {
        self.body.len() + self.suffix.map_or(0, |suffix| suffix.len())
    }

    /// What is in front of [`Message::last_steps`].
    #[inline(always)]
    fn whole(&self) -> &'a [[u8; STEP_BYTES]] {
        self.body.as_chunks().0
    }

    /// How many steps there are.
    #[inline(always)]
    pub(crate) fn steps(&self) -> usize {
        (self.length() + LENGTH_BYTES) / STEP_BYTES + 1
    }

    /// Step `n`, which is in `last` if it is one of the last.
    #[inline(always)]
    pub(crate) fn step<'b>(&self, n: usize, last: &'b LastSteps) -> &'b [u8; STEP_BYTES]
    where
        'a: 'b,
    {
        let whole = self.whole();
        whole.get(n).unwrap_or_else(|| &last[(n - whole.len()) % 2])
    }

    /// What is behind the last whole 64 bytes of the body, padded (FIPS 180-4 §5.1.1) as behind
    /// `before` bytes. Returns how many steps the message has.
    #[inline(never)]
    pub(crate) fn last_steps(&self, before: usize, last: &mut LastSteps) -> usize {
        let (whole, rest) = self.body.as_chunks::<STEP_BYTES>();
        let (blocks, tail) = rest.as_chunks();
        let flat = last.as_flattened_mut();
        let (to, _) = flat.as_chunks_mut();
        for (at, to) in to.iter_mut().enumerate() {
            match blocks.get(at) {
                Some(block) => *to = *block,
                None if at == blocks.len() => Block::load_padded(tail, 0).store(to),
                None => Block::ZERO.store(to),
            }
        }
        let mut end = rest.len();
        if let (Some(suffix), Some(to)) = (self.suffix, flat[end..].first_chunk_mut()) {
            *to = suffix;
            end += suffix.len();
        }
        flat[end] = 0x80;
        let steps = (end + LENGTH_BYTES) / STEP_BYTES + 1;
        if let Some(length) = flat[..steps * STEP_BYTES].last_chunk_mut() {
            *length = (8 * (before + self.length()) as u64).to_be_bytes();
        }
        whole.len() + steps
    }
}

/// Room for the last one or two steps of a message.
pub(crate) type LastSteps = [[u8; STEP_BYTES]; 2];

/// Memory for hashing: lent, because to begin with zeros costs as much as a step.
pub struct Scratch {
    /// The last steps of each message.
    pub(crate) last: [LastSteps; SIDE_BY_SIDE],
    pub(crate) lanes: Lanes,
    words: Schedule,
}

impl core::fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Scratch { .. }")
    }
}

impl Scratch {
    /// Unused memory.
    pub const ZERO: Self = Self {
        last: [[[0; STEP_BYTES]; 2]; SIDE_BY_SIDE],
        lanes: Lanes::ZERO,
        words: [[0; 16]; ROUNDS / WORDS],
    };
}

/// SHA-1 of one message.
#[must_use]
pub fn sha1(body: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut state = INITIAL;
    let mut scratch = Scratch::ZERO;
    Message { body, ..Message::default() }.hash(&mut state, 0, &mut scratch);
    let mut digest = [0; DIGEST_BYTES];
    write_digest(&state, &mut digest);
    digest
}

/// An HMAC key: the states after the first step of both hashes. It is wiped when it is dropped.
pub struct HmacKey {
    pub(crate) inner: State,
    pub(crate) outer: State,
}

impl core::fmt::Debug for HmacKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("HmacKey { .. }")
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        wipe(&mut self.inner);
        wipe(&mut self.outer);
    }
}

impl HmacKey {
    /// A key that has not been set.
    pub const ZERO: Self = Self { inner: [0; 5], outer: [0; 5] };

    /// Sets a key of at most 64 bytes (RFC 2104 §2): of longer ones, it is the [`sha1`].
    ///
    /// # Panics
    ///
    /// For a longer key.
    #[cold]
    #[inline(never)]
    pub fn set(&mut self, key: &[u8]) {
        let mut padded = [0; STEP_BYTES];
        let mut words = [[0; 16]; ROUNDS / WORDS];
        padded[..key.len()].copy_from_slice(key);
        for byte in &mut padded {
            *byte ^= 0x36;
        }
        self.inner = INITIAL;
        compress(&mut self.inner, &[padded], &mut words);
        for byte in &mut padded {
            *byte ^= 0x36 ^ 0x5c;
        }
        self.outer = INITIAL;
        compress(&mut self.outer, &[padded], &mut words);
        wipe(&mut padded);
        wipe(words.as_flattened_mut());
    }

    /// The first 16 bytes of the codes of any number of messages, whose lengths may differ.
    pub fn sign_all(&self, scratch: &mut Scratch, messages: &[Message<'_>], codes: &mut [Block]) {
        for (messages, codes) in messages.chunks(SIDE_BY_SIDE).zip(codes.chunks_mut(SIDE_BY_SIDE)) {
            let mut total = 0;
            let mut longest = 0;
            for message in messages {
                // The outer hash is one step more.
                let steps = message.steps() + 1;
                total += steps;
                longest = steps.max(longest);
            }
            // A step side by side takes the time of about four and a half single ones.
            if total >= 5 * longest {
                sign_side_by_side(self, scratch, messages, longest - 1, codes);
            } else {
                for (message, code) in messages.iter().zip(codes) {
                    *code = self.sign(scratch, message);
                }
            }
        }
    }

    /// RFC 2104 §2.
    fn sign(&self, scratch: &mut Scratch, message: &Message<'_>) -> Block {
        let mut state = self.inner;
        message.hash(&mut state, STEP_BYTES, scratch);
        let outer = &mut scratch.last[0][0];
        *outer = [0; STEP_BYTES];
        write_digest(&state, outer);
        outer[DIGEST_BYTES] = 0x80;
        if let Some(length) = outer.last_chunk_mut() {
            *length = u64::from(OUTER_BITS).to_be_bytes();
        }
        let mut state = self.outer;
        compress(&mut state, &scratch.last[0][..1], &mut scratch.words);
        first_words(&state)
    }
}

impl Message<'_> {
    /// Takes `state`, which has seen `before` bytes, to the end of the message.
    fn hash(&self, state: &mut State, before: usize, scratch: &mut Scratch) {
        compress(state, self.whole(), &mut scratch.words);
        let steps = self.last_steps(before, &mut scratch.last[0]) - self.whole().len();
        compress(state, &scratch.last[0][..steps], &mut scratch.words);
    }
}

fn write_digest(state: &State, to: &mut [u8]) {
    let (words, _) = to.as_chunks_mut();
    for (bytes, word) in words.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
}

/// The first 16 bytes of a digest.
fn first_words(state: &State) -> Block {
    let [a, b, c, d, _] = state.map(u128::from);
    Block::from_number(a << 96 | b << 64 | c << 32 | d)
}

/// The words of a step with the constants of the rounds added, lowest bytes first, as vectors are
/// stored.
type Schedule = [[u8; 16]; ROUNDS / WORDS];

/// Steps, the words of the schedule four at a time, then the rounds one by one.
#[inline(never)]
fn compress(state: &mut State, steps: &[[u8; STEP_BYTES]], words: &mut Schedule) {
    for step in steps {
        schedule(step, words);
        let mut next = *state;
        rounds::<0>(&mut next, words);
        rounds::<1>(&mut next, words);
        rounds::<2>(&mut next, words);
        rounds::<3>(&mut next, words);
        for (sum, word) in state.iter_mut().zip(next) {
            *sum = sum.wrapping_add(word);
        }
    }
}

/// FIPS 180-4 §6.1.2 step 1.
#[inline(always)]
fn schedule(step: &[u8; STEP_BYTES], words: &mut Schedule) {
    let (parts, _) = step.as_chunks();
    let a = Words::load(&parts[0]);
    let b = Words::load(&parts[1]);
    let c = Words::load(&parts[2]);
    let d = Words::load(&parts[3]);
    let e = next_words(a, b, c, d);
    let f = next_words(b, c, d, e);
    let g = next_words(c, d, e, f);
    let h = next_words(d, e, f, g);
    // The last eight vectors, kept in registers: what was just stored is slow to load.
    let mut last = [a, b, c, d, e, f, g, h];
    for (at, word) in last.into_iter().enumerate() {
        (word + Words::splat(ROUND_CONSTANTS[at / UNROLLED])).store(&mut words[at]);
    }
    for at in last.len()..words.len() {
        // The same, applied to itself: W(t) = (W(t−6) ^ W(t−16) ^ W(t−28) ^ W(t−32)) <<< 2.
        let [a, b, c, d, e, f, g, h] = last;
        let word = (g.skip_two(h) ^ e ^ b ^ a).rotate_left(2);
        (word + Words::splat(ROUND_CONSTANTS[at / UNROLLED])).store(&mut words[at]);
        last = [b, c, d, e, f, g, h, word];
    }
}

/// W(t) = (W(t−3) ^ W(t−8) ^ W(t−14) ^ W(t−16)) <<< 1, of the sixteen words before. The last of the four
/// needs the first, which is added afterwards.
#[inline(always)]
fn next_words(a: Words, b: Words, c: Words, d: Words) -> Words {
    let known = d.skip_one(Words::ZERO) ^ c ^ a.skip_two(b) ^ a;
    known.rotate_left(1) ^ Words::ZERO.skip_one(known).rotate_left(2)
}

/// Twenty rounds (FIPS 180-4 §6.1.2 step 3), with the function of §4.1.1.
#[inline(always)]
fn rounds<const PART: usize>(state: &mut State, words: &Schedule) {
    let (words, _) = words.as_flattened().as_chunks::<4>();
    let (chunks, _) = words[20 * PART..][..20].as_chunks::<UNROLLED>();
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for [v, w, x, y, z] in chunks {
        // Instead of moving the five words on, each round takes them one place further.
        (e, b) = one_round::<PART>(a, b, c, d, e, *v);
        (d, a) = one_round::<PART>(e, a, b, c, d, *w);
        (c, e) = one_round::<PART>(d, e, a, b, c, *x);
        (b, d) = one_round::<PART>(c, d, e, a, b, *y);
        (a, c) = one_round::<PART>(b, c, d, e, a, *z);
    }
    *state = [a, b, c, d, e];
}

/// The new words in the places of `e` and `b`.
#[inline(always)]
fn one_round<const PART: usize>(
    a: u32,
    b: u32,
    c: u32,
    d: u32,
    e: u32,
    word: [u8; 4],
) -> (u32, u32) {
    let word = u32::from_le_bytes(word);
    let mixed = match PART {
        0 => d ^ (b & (c ^ d)),
        2 => (b & c).wrapping_add(d & (b ^ c)),
        _ => b ^ c ^ d,
    };
    let next = e.wrapping_add(word).wrapping_add(mixed).wrapping_add(a.rotate_left(5));
    (next, b.rotate_left(30))
}
