//! HMAC-SHA1 of eight messages side by side: two groups of four, word by word in the lanes of vectors,
//! whose rounds alternate so that one group's wait for each other's results less.

use core::hint::black_box;
use core::ops::Range;

use crate::block::Block;
use crate::sha1::{HmacKey, Message, OUTER_BITS, ROUND_CONSTANTS, STEP_BYTES, Scratch, State};
use crate::words::{WORDS, Words};

/// Groups of four messages.
const GROUPS: usize = 2;

/// Messages side by side.
pub(crate) const SIDE_BY_SIDE: usize = GROUPS * WORDS;

/// Rounds that are written out; a loop over them runs faster than eighty in a row.
const UNROLLED: usize = 5;

/// Words of the schedule, and room for those that the last turn of the loop makes in advance.
const SCHEDULE: usize = 80 + 16;

/// Words that one turn of the loop looks at: those of its rounds and of those 16 rounds later.
const WINDOW: usize = UNROLLED + 16;

/// The functions of FIPS 180-4 §4.1.1, in the order of their use.
const CHOOSE: usize = 0;
const PARITY: usize = 1;
const MAJORITY: usize = 2;

type LaneState = [[Words; 5]; GROUPS];

/// The work in progress.
pub(crate) struct Lanes {
    state: LaneState,
    schedule: [[Words; GROUPS]; SCHEDULE],
}

/// The codes of up to eight messages, of which the longest has `longest` steps.
#[inline(never)]
pub(crate) fn sign_side_by_side(
    key: &HmacKey,
    scratch: &mut Scratch,
    messages: &[Message<'_>],
    longest: usize,
    codes: &mut [Block],
) {
    let Scratch { last, lanes: work, .. } = scratch;
    let mut counts = [0; SIDE_BY_SIDE];
    let mut shortest = longest;
    for ((message, last), count) in messages.iter().zip(&mut *last).zip(&mut counts) {
        let steps = message.last_steps(STEP_BYTES, last);
        shortest = steps.min(shortest);
        *count = steps;
    }
    work.state = splat(&key.inner);
    for n in 0..longest {
        let before = work.state;
        // Lanes without a message may hold anything.
        let mut steps = [&last[0][0]; SIDE_BY_SIDE];
        for ((step, message), last) in steps.iter_mut().zip(messages).zip(&*last) {
            *step = message.step(n, last);
        }
        work.load(&steps);
        work.step();
        if n >= shortest {
            work.keep(&before, counts.map(|count| if count > n { u32::MAX } else { 0 }));
        }
    }
    work.outer(key);
    work.first_words(codes);
}

impl Lanes {
    pub(crate) const ZERO: Self =
        Self { state: [[Words::ZERO; 5]; GROUPS], schedule: [[Words::ZERO; GROUPS]; SCHEDULE] };

    /// The next 64 bytes of each message.
    #[inline(always)]
    fn load(&mut self, steps: &[&[u8; STEP_BYTES]; SIDE_BY_SIDE]) {
        let (fours, _) = steps.as_chunks::<WORDS>();
        // Loops whose length the compiler knows are unrolled.
        for (group, steps) in fours.iter().enumerate().take(black_box(GROUPS)) {
            for at in 0..black_box(STEP_BYTES / 16) {
                let part = |lane: usize| Words::load(&steps[lane].as_chunks().0[at % WORDS]);
                let rows = Words::transpose([part(0), part(1), part(2), part(3)]);
                for (row, word) in rows.into_iter().enumerate() {
                    self.schedule[WORDS * (at % WORDS) + row][group % GROUPS] = word;
                }
            }
        }
    }

    /// Takes the state back to `before` in lanes where `mask` is zero: their message has ended.
    #[cold]
    #[inline(never)]
    fn keep(&mut self, before: &LaneState, mask: [u32; SIDE_BY_SIDE]) {
        let [a, b, c, d, e, f, g, h] = mask;
        let masks = [Words::from_array([a, b, c, d]), Words::from_array([e, f, g, h])];
        for ((state, before), mask) in self.state.iter_mut().zip(before).zip(masks) {
            for (word, before) in state.iter_mut().zip(before) {
                *word = word.select(*before, mask);
            }
        }
    }

    /// The outer hash (RFC 2104 §2): the digests lie in lanes already.
    fn outer(&mut self, key: &HmacKey) {
        for words in self.schedule[..16].iter_mut().take(black_box(16)) {
            *words = [Words::ZERO; GROUPS];
        }
        for (at, words) in self.schedule[..5].iter_mut().enumerate().take(black_box(5)) {
            *words = self.state.map(|state| state[at % 5]);
        }
        self.schedule[5] = [Words::splat(1 << 31); GROUPS];
        self.schedule[15] = [Words::splat(OUTER_BITS); GROUPS];
        self.state = splat(&key.outer);
        self.step();
    }

    /// FIPS 180-4 §6.1.2: the rounds, and with each the word that is needed 16 rounds later.
    #[inline(never)]
    fn step(&mut self) {
        let mut state = self.state;
        let words = &mut self.schedule;
        rounds::<CHOOSE, true>(&mut state, words, 0..20, ROUND_CONSTANTS[0]);
        rounds::<PARITY, true>(&mut state, words, 20..40, ROUND_CONSTANTS[1]);
        rounds::<MAJORITY, true>(&mut state, words, 40..60, ROUND_CONSTANTS[2]);
        rounds::<PARITY, true>(&mut state, words, 60..65, ROUND_CONSTANTS[3]);
        rounds::<PARITY, false>(&mut state, words, 65..80, ROUND_CONSTANTS[3]);
        for group in 0..GROUPS {
            for word in 0..5 {
                self.state[group][word] = self.state[group][word] + state[group][word];
            }
        }
    }

    /// The first 16 bytes of each digest.
    fn first_words(&self, codes: &mut [Block]) {
        let groups = codes.chunks_mut(WORDS).zip(self.state).take(black_box(GROUPS));
        for (codes, [a, b, c, d, _]) in groups {
            for (code, words) in codes.iter_mut().zip(Words::transpose([a, b, c, d])) {
                *code = words.to_block();
            }
        }
    }
}

/// Some rounds, five at a time. A function of its own for each kind: the parts of a step that are alike
/// share one, and a long body runs slower.
#[inline(never)]
fn rounds<const KIND: usize, const SCHEDULE_TOO: bool>(
    state: &mut LaneState,
    schedule: &mut [[Words; GROUPS]; SCHEDULE],
    rounds: Range<usize>,
    constant: u32,
) {
    let constant = Words::splat(constant);
    let mut groups = *state;
    for at in rounds.step_by(UNROLLED) {
        let Some(words) = schedule[at..].first_chunk_mut::<WINDOW>() else { return };
        for round in 0..UNROLLED {
            for group in 0..GROUPS {
                let word = words[round][group];
                if SCHEDULE_TOO {
                    let later = words[round + 13][group]
                        ^ words[round + 8][group]
                        ^ words[round + 2][group]
                        ^ word;
                    words[round + 16][group] = later.rotate_left(1);
                }
                one_round::<KIND>(&mut groups[group], word + constant);
            }
        }
    }
    *state = groups;
}

/// FIPS 180-4 §4.1.1 and §6.1.2 step 3.
#[inline(always)]
fn one_round<const KIND: usize>(state: &mut [Words; 5], word: Words) {
    let [a, b, c, d, e] = *state;
    let mixed = match KIND {
        CHOOSE => d ^ (b & (c ^ d)),
        MAJORITY => (b & c) | (d & (b | c)),
        _ => b ^ c ^ d,
    };
    *state = [a.rotate_left(5) + (e + word + mixed), a, b.rotate_left(30), c, d];
}

/// The same state in every lane.
fn splat(state: &State) -> LaneState {
    [state.map(Words::splat); GROUPS]
}
