//! AES-128 and AES-256 (FIPS 197), encryption only, four blocks at a time.
//!
//! Four blocks are kept by rows of the state: byte `4·b + c` of vector `r` is row `r`, column `c` of
//! block `b`. ShiftRows then moves bytes within a vector, MixColumns is XOR between vectors, and the
//! S-box costs the same lookups in any layout. Between rounds, bytes are in the basis of
//! [`field`], which spares the change of basis.

use crate::block::Block;
use crate::field::{self, SBOX_CONSTANT};
use crate::memory::wipe;

/// Four blocks by rows.
pub(crate) type Rows = [Block; 4];

/// Round keys of AES-256, the initial one included (FIPS 197 §5).
const MAX_ROUND_KEYS: usize = 15;

/// The tables of [`field`] in vectors. They are part of each key, because the compiler would turn
/// constants into `v128.const`, which engines build anew from integers wherever they occur.
#[derive(Clone, Copy)]
struct Tables {
    input: [Block; 2],
    inverse: Block,
    scaled_inverse: Block,
    sbox: [Block; 2],
    tower: [Block; 2],
    doubled: [Block; 2],
    /// ShiftRows of rows 1 to 3 (FIPS 197 §5.1.2).
    shift_rows: [Block; 3],
    /// Byte `4·b + c` is `4·c + r`: row `r` of a block, four times.
    gather: [Block; 4],
}

/// `(io, jo)` of [`field`]: from these the output tables make what is asked of the S-box.
pub(crate) type Inverted = (Block, Block);

impl Tables {
    const ZERO: Self = Self {
        input: [Block::ZERO; 2],
        inverse: Block::ZERO,
        scaled_inverse: Block::ZERO,
        sbox: [Block::ZERO; 2],
        tower: [Block::ZERO; 2],
        doubled: [Block::ZERO; 2],
        shift_rows: [Block::ZERO; 3],
        gather: [Block::ZERO; 4],
    };

    fn new() -> Self {
        let pair = |tables: &[[u8; 16]; 2]| [Block::load(&tables[0]), Block::load(&tables[1])];
        let by_index = |from: fn(u8, u8, u8) -> u8, row: u8| {
            let mut bytes = [0; 16];
            for (at, byte) in (0u8..).zip(&mut bytes) {
                *byte = from(row, at / 4, at % 4);
            }
            Block::load(&bytes)
        };
        let shifted = |row| by_index(|row, block, column| 4 * block + (column + row) % 4, row);
        let gathered = |row| by_index(|row, _, column| 4 * column + row, row);
        Self {
            input: pair(&field::INPUT),
            inverse: Block::load(&field::INVERSE),
            scaled_inverse: Block::load(&field::SCALED_INVERSE),
            sbox: pair(&field::SBOX),
            tower: pair(&field::SBOX_TOWER),
            doubled: pair(&field::SBOX_DOUBLED),
            shift_rows: [shifted(1), shifted(2), shifted(3)],
            gather: [gathered(0), gathered(1), gathered(2), gathered(3)],
        }
    }

    /// From AES's basis into the tower.
    #[inline(always)]
    fn enter(&self, bytes: Block) -> Block {
        self.input[0].lookup(bytes.low_nibbles()) ^ self.input[1].lookup(bytes.high_nibbles())
    }

    /// The inversion of the S-box, of bytes in the tower.
    #[inline(always)]
    fn invert(&self, bytes: Block) -> Inverted {
        let (i, k) = (bytes.high_nibbles(), bytes.low_nibbles());
        let j = i ^ k;
        let scaled = self.scaled_inverse.lookup(k);
        let io = self.inverse.lookup(self.inverse.lookup(i) ^ scaled) ^ j;
        let jo = self.inverse.lookup(self.inverse.lookup(j) ^ scaled) ^ i;
        (io, jo)
    }

    /// SubBytes of 16 bytes in AES's basis (FIPS 197 §5.1.1).
    #[inline(never)]
    fn sub_bytes(&self, bytes: Block) -> Block {
        select(&self.sbox, self.invert(self.enter(bytes))) ^ Block::splat(SBOX_CONSTANT)
    }

    /// ShiftRows of row `row`.
    #[inline(always)]
    fn shift(&self, row: usize, bytes: Block) -> Block {
        if row == 0 { bytes } else { bytes.lookup(self.shift_rows[row - 1]) }
    }
}

#[inline(always)]
fn select(tables: &[Block; 2], (io, jo): Inverted) -> Block {
    tables[0].lookup(io) ^ tables[1].lookup(jo)
}

/// A key, expanded.
pub struct AesKey {
    tables: Tables,
    /// By rows and in the tower, but the last. The S-box's constant, which MixColumns leaves alone, is
    /// added here instead of in each round.
    round_keys: [Rows; MAX_ROUND_KEYS],
    rounds: usize,
}

impl core::fmt::Debug for AesKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("AesKey { .. }")
    }
}

impl Drop for AesKey {
    fn drop(&mut self) {
        wipe(self.round_keys.as_flattened_mut());
    }
}

impl AesKey {
    /// A key that has not been set.
    pub const ZERO: Self =
        Self { tables: Tables::ZERO, round_keys: [[Block::ZERO; 4]; MAX_ROUND_KEYS], rounds: 0 };

    /// Expands `key` in place, so that no copy of it stays behind.
    ///
    /// # Panics
    ///
    /// When `key` has neither 16 nor 32 bytes.
    pub fn set(&mut self, key: &[u8]) {
        assert!(matches!(key.len(), 16 | 32), "16 or 32 bytes");
        self.tables = Tables::new();
        self.rounds = key.len() / 4 + 6;
        let mut words = expand(&self.tables, key, self.rounds);
        let (bytes, _) = words.as_flattened().as_chunks();
        for (round, bytes) in bytes.iter().enumerate().take(self.rounds + 1) {
            let mut round_key = Block::load(bytes);
            if round > 0 {
                round_key = round_key ^ Block::splat(SBOX_CONSTANT);
            }
            if round < self.rounds {
                round_key = self.tables.enter(round_key);
            }
            self.round_keys[round] = self.rows_of(round_key);
        }
        wipe(words.as_flattened_mut());
    }

    /// Encrypts one block (FIPS 197 §5.1).
    #[must_use]
    pub fn encrypt(&self, block: Block) -> Block {
        let mut state = [self.start(block)];
        self.finish(&mut state, 1);
        state[0][0]
    }

    /// Four times the same block by rows.
    #[inline(always)]
    fn rows_of(&self, block: Block) -> Rows {
        core::array::from_fn(|row| block.lookup(self.tables.gather[row]))
    }

    /// Four times the same block, ready for round 1.
    #[inline(always)]
    pub(crate) fn start(&self, block: Block) -> Rows {
        let rows = self.rows_of(self.tables.enter(block));
        core::array::from_fn(|row| rows[row] ^ self.round_keys[0][row])
    }

    /// Bytes in AES's basis, as round 1 finds them in the last row of the last column.
    #[inline(always)]
    pub(crate) fn start_last_byte(&self, bytes: Block) -> Block {
        let last_column = self.round_keys[0][3].lookup(Block::splat(3));
        self.tables.enter(bytes) ^ last_column
    }

    /// The S-box in the tower, and twice that: what MixColumns adds up.
    #[inline(always)]
    pub(crate) fn substitute(&self, bytes: Block) -> (Block, Block) {
        let inverted = self.tables.invert(bytes);
        (select(&self.tables.tower, inverted), select(&self.tables.doubled, inverted))
    }

    /// One round but the last, of one or more groups of four blocks.
    #[inline(always)]
    pub(crate) fn round<const GROUPS: usize>(&self, groups: &mut [Rows; GROUPS], round: usize) {
        let key = &self.round_keys[round];
        for state in groups {
            let mut once = [Block::ZERO; 4];
            let mut twice = [Block::ZERO; 4];
            for row in 0..4 {
                (once[row], twice[row]) = self.substitute(self.tables.shift(row, state[row]));
            }
            // MixColumns (FIPS 197 §5.1.3): 2·s0 + 3·s1 + s2 + s3, and so on around.
            let upper = once[0] ^ once[1];
            let lower = once[2] ^ once[3];
            state[0] = once[1] ^ lower ^ twice[0] ^ twice[1] ^ key[0];
            state[1] = once[0] ^ lower ^ twice[1] ^ twice[2] ^ key[1];
            state[2] = once[3] ^ upper ^ twice[2] ^ twice[3] ^ key[2];
            state[3] = once[2] ^ upper ^ twice[3] ^ twice[0] ^ key[3];
        }
    }

    /// The rounds from `first` to the last, after which `groups` hold whole blocks. A loop over state
    /// in memory: engines run it faster than unrolled rounds.
    #[inline(never)]
    pub(crate) fn finish<const GROUPS: usize>(&self, groups: &mut [Rows; GROUPS], first: usize) {
        for round in first..self.rounds {
            self.round(groups, round);
        }
        let key = &self.round_keys[self.rounds];
        for state in groups {
            let mut rows = [Block::ZERO; 4];
            for row in 0..4 {
                let inverted = self.tables.invert(self.tables.shift(row, state[row]));
                rows[row] = select(&self.tables.sbox, inverted) ^ key[row];
            }
            *state = to_blocks(&rows);
        }
    }
}

/// From rows to blocks, or back: the transposition of sixteen four-by-four matrices of bytes.
#[inline(always)]
fn to_blocks(rows: &Rows) -> [Block; 4] {
    let (a, b) = (rows[0].interleave_low(rows[1]), rows[0].interleave_high(rows[1]));
    let (c, d) = (rows[2].interleave_low(rows[3]), rows[2].interleave_high(rows[3]));
    [
        a.interleave_pairs_low(c),
        a.interleave_pairs_high(c),
        b.interleave_pairs_low(d),
        b.interleave_pairs_high(d),
    ]
}

/// Four vectors of column bytes of 16 blocks, as one row of four groups of four blocks.
#[inline(always)]
pub(crate) fn row_of_groups(columns: [Block; 4]) -> [Block; 4] {
    to_blocks(&columns)
}

/// KeyExpansion (FIPS 197 §5.2).
fn expand(tables: &Tables, key: &[u8], rounds: usize) -> [[u8; 4]; 4 * MAX_ROUND_KEYS] {
    let mut words = [[0; 4]; 4 * MAX_ROUND_KEYS];
    let key_words = key.len() / 4;
    for (word, bytes) in words.iter_mut().zip(key.chunks_exact(4)) {
        word.copy_from_slice(bytes);
    }
    let mut round_constant = 1;
    for at in key_words..4 * (rounds + 1) {
        let mut word = words[at - 1];
        if at % key_words == 0 {
            word.rotate_left(1);
            word = sub_word(tables, word);
            word[0] ^= round_constant;
            round_constant = field::multiply(2, round_constant);
        } else if key_words > 6 && at % key_words == 4 {
            word = sub_word(tables, word);
        }
        for byte in 0..4 {
            words[at][byte] = words[at - key_words][byte] ^ word[byte];
        }
    }
    words
}

fn sub_word(tables: &Tables, word: [u8; 4]) -> [u8; 4] {
    let [a, b, c, d, ..] = tables.sub_bytes(Block::load_padded(&word, 0)).to_bytes();
    [a, b, c, d]
}
