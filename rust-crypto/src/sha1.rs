//! SHA-1 (FIPS 180-4 §6.1.2) and HMAC-SHA1 (RFC 2104), which authenticates SRTP (RFC 3711 §4.2.1).
//!
//! Collisions of SHA-1 do not touch HMAC: who does not know the key cannot prepare them.

use core::hint::black_box;

use crate::block::{BLOCK_BYTES, Block};
use crate::memory::wipe;
use crate::sha1_lanes::{Lanes, SIDE_BY_SIDE};
use crate::words::{WORDS, Words};

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = 20;

/// Bytes that one step takes.
pub(crate) const STEP_BYTES: usize = 64;

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
    /// `before` bytes: one or two steps.
    #[inline(always)]
    pub(crate) fn last_steps(&self, before: usize, last: &mut LastSteps) {
        let rest = &self.body[self.whole().len() * STEP_BYTES..];
        let flat = last.as_flattened_mut();
        for (at, to) in (0..).step_by(BLOCK_BYTES).zip(flat.as_chunks_mut().0) {
            Block::load_padded(rest, at).store(to);
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
    }
}

/// Room for the last one or two steps of a message.
pub(crate) type LastSteps = [[u8; STEP_BYTES]; 2];

/// SHA-1 of one message.
#[must_use]
pub fn sha1(body: &[u8]) -> [u8; DIGEST_BYTES] {
    let message = Message { body, ..Message::default() };
    to_bytes(&finish(&INITIAL, 0, &message))
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

    /// Sets the key (RFC 2104 §2): one that is longer than a step is hashed first.
    pub fn set(&mut self, key: &[u8]) {
        let mut padded = [0; STEP_BYTES];
        if key.len() > STEP_BYTES {
            padded[..DIGEST_BYTES].copy_from_slice(&sha1(key));
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        for byte in &mut padded {
            *byte ^= 0x36;
        }
        self.inner = INITIAL;
        compress(&mut self.inner, &padded);
        for byte in &mut padded {
            *byte ^= 0x36 ^ 0x5c;
        }
        self.outer = INITIAL;
        compress(&mut self.outer, &padded);
        wipe(&mut padded);
    }

    /// The codes of any number of messages, whose lengths may differ.
    pub fn sign_all(&self, messages: &[Message<'_>], codes: &mut [[u8; DIGEST_BYTES]]) {
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
                Lanes::sign_all(self, messages, longest - 1, codes);
            } else {
                for (message, code) in messages.iter().zip(codes) {
                    *code = self.sign(message);
                }
            }
        }
    }

    fn sign(&self, message: &Message<'_>) -> [u8; DIGEST_BYTES] {
        let inner = to_bytes(&finish(&self.inner, STEP_BYTES, message));
        let outer = Message { body: &inner, ..Message::default() };
        to_bytes(&finish(&self.outer, STEP_BYTES, &outer))
    }
}

/// The state after a message that follows the `before` bytes which `state` has seen.
fn finish(state: &State, before: usize, message: &Message<'_>) -> State {
    let mut state = *state;
    for step in message.whole() {
        compress(&mut state, step);
    }
    let mut last = [[0; STEP_BYTES]; 2];
    message.last_steps(before, &mut last);
    for step in last.iter().take(message.steps() - message.whole().len()) {
        compress(&mut state, step);
    }
    state
}

fn to_bytes(state: &State) -> [u8; DIGEST_BYTES] {
    let mut bytes = [0; DIGEST_BYTES];
    let (words, _) = bytes.as_chunks_mut();
    for (bytes, word) in words.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    bytes
}

/// One step: the words of the schedule four at a time, then the rounds one by one.
#[inline(never)]
fn compress(state: &mut State, step: &[u8; STEP_BYTES]) {
    let words = schedule(step);
    let mut next = *state;
    rounds::<0>(&mut next, &words);
    rounds::<1>(&mut next, &words);
    rounds::<2>(&mut next, &words);
    rounds::<3>(&mut next, &words);
    for (sum, word) in state.iter_mut().zip(next) {
        *sum = sum.wrapping_add(word);
    }
}

/// FIPS 180-4 §6.1.2 step 1, with the constants of the rounds added.
#[inline(always)]
fn schedule(step: &[u8; STEP_BYTES]) -> [u32; ROUNDS] {
    let mut words = [Words::ZERO; ROUNDS / WORDS];
    let (parts, _) = step.as_chunks();
    for (word, part) in words.iter_mut().zip(parts) {
        *word = Words::load(part);
    }
    // W(t) = (W(t−3) ^ W(t−8) ^ W(t−14) ^ W(t−16)) <<< 1. The last of four words needs the first, which
    // is added afterwards.
    for at in 4..8 {
        let known = words[at - 1].skip_one(Words::ZERO)
            ^ words[at - 2]
            ^ words[at - 4].skip_two(words[at - 3])
            ^ words[at - 4];
        words[at] = known.rotate_left(1) ^ Words::ZERO.skip_one(known).rotate_left(2);
    }
    // The same, applied to itself: W(t) = (W(t−6) ^ W(t−16) ^ W(t−28) ^ W(t−32)) <<< 2.
    for at in 8..ROUNDS / WORDS {
        let sum =
            words[at - 2].skip_two(words[at - 1]) ^ words[at - 4] ^ words[at - 7] ^ words[at - 8];
        words[at] = sum.rotate_left(2);
    }
    let mut out = [0; ROUNDS];
    let (parts, _) = out.as_chunks_mut();
    for (at, (part, word)) in parts.iter_mut().zip(words).enumerate() {
        *part = (word + Words::splat(ROUND_CONSTANTS[at / UNROLLED])).to_array();
    }
    out
}

/// Twenty rounds (FIPS 180-4 §6.1.2 step 3), with the function of §4.1.1.
#[inline(always)]
fn rounds<const PART: usize>(state: &mut State, words: &[u32; ROUNDS]) {
    let (chunks, _) = words[20 * PART..][..20].as_chunks::<UNROLLED>();
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    // A loop whose length the compiler knows is unrolled.
    for chunk in &chunks[..black_box(4)] {
        for word in chunk {
            let mixed = match PART {
                0 => d ^ (b & (c ^ d)),
                2 => (b & c).wrapping_add(d & (b ^ c)),
                _ => b ^ c ^ d,
            };
            let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(*word);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
    }
    *state = [a, b, c, d, e];
}
