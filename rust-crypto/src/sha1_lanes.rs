//! HMAC-SHA1 of eight messages side by side: two groups of four, word by word in the lanes of vectors,
//! whose rounds alternate so that one group's wait for each other's results less.

use core::hint::black_box;

use crate::sha1::{DIGEST_BYTES, HmacKey, LastSteps, Message, ROUND_CONSTANTS, STEP_BYTES, State};
use crate::words::{WORDS, Words};

/// Groups of four messages.
const GROUPS: usize = 2;

/// Messages side by side.
pub(crate) const SIDE_BY_SIDE: usize = GROUPS * WORDS;

/// Rounds that are written out; a loop over them runs faster than eighty in a row.
const UNROLLED: usize = 5;

/// Words of the schedule, and room for those that the last turn of the loop makes in advance.
const SCHEDULE: usize = 88;

/// Words that one turn of the loop looks at: those of its rounds and of those 16 rounds later.
const WINDOW: usize = UNROLLED + 16;

/// Length of what the outer hash is of: a key, padded to a step, and a digest.
const OUTER_BITS: u32 = 8 * (64 + 20);

type LaneState = [[Words; 5]; GROUPS];

/// The work in progress.
pub(crate) struct Lanes {
    state: LaneState,
    schedule: [[Words; GROUPS]; SCHEDULE],
}

impl Lanes {
    /// The codes of up to eight messages of at most `longest` steps.
    #[inline(never)]
    pub(crate) fn sign_all(
        key: &HmacKey,
        messages: &[Message<'_>],
        longest: usize,
        codes: &mut [[u8; DIGEST_BYTES]],
    ) {
        let mut last: [LastSteps; SIDE_BY_SIDE] = [[[0; STEP_BYTES]; 2]; SIDE_BY_SIDE];
        let mut lanes = [Message::default(); SIDE_BY_SIDE];
        let mut counts = [0; SIDE_BY_SIDE];
        let mut shortest = longest;
        for at in 0..messages.len().min(SIDE_BY_SIDE) {
            lanes[at] = messages[at];
            lanes[at].last_steps(STEP_BYTES, &mut last[at]);
            let steps = lanes[at].steps();
            shortest = steps.min(shortest);
            counts[at] = u32::try_from(steps).unwrap_or(0);
        }
        let counts = as_groups(counts);
        let mut work =
            Self { state: splat(&key.inner), schedule: [[Words::ZERO; GROUPS]; SCHEDULE] };
        for n in 0..longest {
            let before = work.state;
            work.load(core::array::from_fn(|lane| lanes[lane].step(n, &last[lane])));
            work.step();
            if n >= shortest {
                let now = Words::splat(u32::try_from(n).unwrap_or(0));
                work.keep(&before, counts.map(|counts| counts.above(now)));
            }
        }
        work.outer(key);
        let digests = work.digests();
        for (code, digest) in codes.iter_mut().zip(digests) {
            *code = digest;
        }
    }

    /// The next 64 bytes of each message.
    #[inline(always)]
    fn load(&mut self, steps: [&[u8; STEP_BYTES]; SIDE_BY_SIDE]) {
        for group in 0..GROUPS {
            let parts: [_; WORDS] =
                core::array::from_fn(|lane| steps[WORDS * group + lane].as_chunks::<16>().0);
            for at in 0..STEP_BYTES / 16 {
                let rows = Words::transpose(parts.map(|parts| Words::load(&parts[at])));
                for (row, word) in rows.into_iter().enumerate() {
                    self.schedule[WORDS * at + row][group] = word;
                }
            }
        }
    }

    /// Takes the state back to `before` in lanes where `mask` is zero: their message has ended.
    fn keep(&mut self, before: &LaneState, mask: [Words; GROUPS]) {
        for group in 0..GROUPS {
            for word in 0..5 {
                let new = self.state[group][word];
                self.state[group][word] = new.select(before[group][word], mask[group]);
            }
        }
    }

    /// The outer hash (RFC 2104 §2): the digests lie in lanes already.
    fn outer(&mut self, key: &HmacKey) {
        for at in 0..16 {
            for group in 0..GROUPS {
                self.schedule[at][group] = match at {
                    0..5 => self.state[group][at],
                    5 => Words::splat(1 << 31),
                    15 => Words::splat(OUTER_BITS),
                    _ => Words::ZERO,
                };
            }
        }
        self.state = splat(&key.outer);
        self.step();
    }

    /// FIPS 180-4 §6.1.2: the rounds, and with each the word that is needed 16 rounds later.
    #[inline(never)]
    fn step(&mut self) {
        let before = self.state;
        self.rounds::<0, true>(0, 4);
        self.rounds::<1, true>(20, 4);
        self.rounds::<2, true>(40, 4);
        self.rounds::<3, true>(60, 1);
        self.rounds::<3, false>(65, 3);
        for group in 0..GROUPS {
            for word in 0..5 {
                self.state[group][word] = self.state[group][word] + before[group][word];
            }
        }
    }

    /// `turns` times five rounds from round `first` on.
    #[inline(always)]
    fn rounds<const PART: usize, const SCHEDULE_TOO: bool>(&mut self, first: usize, turns: usize) {
        let constant = Words::splat(ROUND_CONSTANTS[PART]);
        // A loop whose length the compiler knows is unrolled, and a long body runs slower.
        for turn in 0..black_box(turns) {
            let at = first + UNROLLED * turn;
            if SCHEDULE_TOO {
                let Some(words) = self.schedule[at..].first_chunk_mut::<WINDOW>() else { return };
                for round in 0..UNROLLED {
                    for group in 0..GROUPS {
                        let word = words[round][group];
                        let later = words[round + 13][group]
                            ^ words[round + 8][group]
                            ^ words[round + 2][group]
                            ^ word;
                        words[round + 16][group] = later.rotate_left(1);
                        one_round::<PART>(&mut self.state[group], word + constant);
                    }
                }
            } else {
                let Some(words) = self.schedule[at..].first_chunk::<UNROLLED>() else { return };
                for word in words {
                    for group in 0..GROUPS {
                        one_round::<PART>(&mut self.state[group], word[group] + constant);
                    }
                }
            }
        }
    }

    fn digests(&self) -> [[u8; DIGEST_BYTES]; SIDE_BY_SIDE] {
        let mut digests = [[0; DIGEST_BYTES]; SIDE_BY_SIDE];
        for group in 0..GROUPS {
            for word in 0..5 {
                let values = self.state[group][word].to_array();
                for (lane, value) in values.into_iter().enumerate() {
                    let (words, _) = digests[WORDS * group + lane].as_chunks_mut();
                    words[word] = value.to_be_bytes();
                }
            }
        }
        digests
    }
}

/// FIPS 180-4 §4.1.1 and §6.1.2 step 3.
#[inline(always)]
fn one_round<const PART: usize>(state: &mut [Words; 5], word: Words) {
    let [a, b, c, d, e] = *state;
    let mixed = match PART {
        0 => d ^ (b & (c ^ d)),
        2 => (b & c) | (d & (b | c)),
        _ => b ^ c ^ d,
    };
    *state = [a.rotate_left(5) + (e + word + mixed), a, b.rotate_left(30), c, d];
}

/// The same state in every lane.
fn splat(state: &State) -> LaneState {
    [state.map(Words::splat); GROUPS]
}

fn as_groups(values: [u32; SIDE_BY_SIDE]) -> [Words; GROUPS] {
    let [a, b, c, d, e, f, g, h] = values;
    [Words::from_array([a, b, c, d]), Words::from_array([e, f, g, h])]
}
