//! AES-GCM (NIST SP 800-38D) of batches of records in one stretch of memory.
//!
//! A record whose row names bytes outside of the memory is left alone, and refused when opening.

use alloc::boxed::Box;
use core::ops::Range;

use crate::block::{BLOCK_BYTES, Block};
use crate::ctr::{CtrKey, Keystream, Workspace};
use crate::ghash::{GhashKey, LANES, Message};
use crate::memory::{try_box, wipe};

/// Bytes of a nonce (RFC 5116 §5.1).
const NONCE_BYTES: usize = 12;

/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;

/// Numbers per row.
pub const COLUMNS: usize = 6;

/// Column of a row: offset of the text.
pub const TEXT_AT: usize = 3;

/// One record: offset of its nonce, offset and length of its additional data, offset and length of
/// its text, behind which its tag stands, and whether [`GcmKey::open`] accepted it (1 or 0).
pub type Row = [u32; COLUMNS];

/// The text of a row that was opened; `None` when it was refused.
#[must_use]
pub fn opened_text<'a>(row: &Row, memory: &'a [u8]) -> Option<&'a [u8]> {
    let record = Record::new(row, memory)?;
    (row[COLUMNS - 1] == 1).then(|| &memory[record.text])
}

/// Whether every row names bytes within the memory.
#[must_use]
pub fn all_within(rows: &[Row], memory: &[u8]) -> bool {
    rows.iter().all(|row| Record::new(row, memory).is_some())
}

/// A row whose offsets lie within the memory.
struct Record {
    nonce: Range<usize>,
    aad: Range<usize>,
    text: Range<usize>,
}

impl Record {
    fn new(row: &Row, memory: &[u8]) -> Option<Self> {
        let [nonce_at, aad_at, aad_length, text_at, text_length, _] = row.map(|n| n as usize);
        let range = |at: usize, length: usize, behind: usize| {
            let end = at.checked_add(length)?;
            (end.checked_add(behind)? <= memory.len()).then_some(at..end)
        };
        Some(Self {
            nonce: range(nonce_at, NONCE_BYTES, 0)?,
            aad: range(aad_at, aad_length, 0)?,
            text: range(text_at, text_length, TAG_BYTES)?,
        })
    }

    fn message<'a>(&self, memory: &'a [u8]) -> Message<'a> {
        Message { aad: &memory[self.aad.clone()], text: &memory[self.text.clone()] }
    }

    /// The mask of the tag, then the blocks of the text (SP 800-38D §7.1 steps 2, 3 and 6).
    fn keystream<'a>(
        &self,
        key: &'a CtrKey,
        work: &'a mut Workspace,
        memory: &[u8],
    ) -> Keystream<'a> {
        let initial = Block::load_padded(&memory[self.nonce.clone()], 0);
        Keystream::new(key, work, initial, 1, 1 + self.text.len().div_ceil(BLOCK_BYTES))
    }

    fn tag<'a>(&self, memory: &'a mut [u8]) -> Option<&'a mut [u8; TAG_BYTES]> {
        memory[self.text.end..].first_chunk_mut()
    }
}

/// A key of AES-128-GCM or AES-256-GCM. It is wiped when it is dropped.
pub struct GcmKey {
    ctr: CtrKey,
    ghash: GhashKey,
}

impl core::fmt::Debug for GcmKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("GcmKey { .. }")
    }
}

impl GcmKey {
    /// Prepares a key of 16 or 32 bytes; others give `None`, and so does a lack of memory. Copies on
    /// the way are wiped, as far as the compiler shows them.
    #[must_use]
    pub fn new(key: &[u8]) -> Option<Box<Self>> {
        if !matches!(key.len(), 16 | 32) {
            return None;
        }
        let mut prepared = try_box(Self { ctr: CtrKey::ZERO, ghash: GhashKey::ZERO })?;
        prepared.ctr.set(key);
        let mut hash_key = prepared.ctr.encrypt(Block::ZERO);
        prepared.ghash.set(hash_key);
        wipe(core::slice::from_mut(&mut hash_key));
        Some(prepared)
    }

    /// Encrypts each text in place and writes its tag behind it (SP 800-38D §7.1).
    pub fn seal(&mut self, memory: &mut [u8], rows: &mut [Row]) {
        let mut work = Workspace::ZERO;
        for rows in rows.chunks_mut(LANES) {
            let mut masks = [Block::ZERO; LANES];
            for (row, mask) in rows.iter().zip(&mut masks) {
                if let Some(record) = Record::new(row, memory) {
                    let mut stream = record.keystream(&self.ctr, &mut work, memory);
                    *mask = stream.block();
                    stream.apply(&mut memory[record.text]);
                }
            }
            let hashes = self.hash_all(memory, rows);
            for ((row, mask), hash) in rows.iter().zip(masks).zip(hashes) {
                let tag = Record::new(row, memory);
                if let Some(tag) = tag.as_ref().and_then(|record| record.tag(memory)) {
                    (mask ^ hash).store(tag);
                }
            }
        }
    }

    /// Checks each tag, then decrypts the text in place (SP 800-38D §7.2) or, when the tag is wrong,
    /// zeroes it. Returns how many were right.
    pub fn open(&mut self, memory: &mut [u8], rows: &mut [Row]) -> usize {
        let mut accepted = 0;
        let mut work = Workspace::ZERO;
        for rows in rows.chunks_mut(LANES) {
            // Of all records before any is written to: records that overlap must not see each other's.
            let hashes = self.hash_all(memory, rows);
            for (row, hash) in rows.iter_mut().zip(hashes) {
                let good = self.open_one(&mut work, memory, row, hash);
                row[COLUMNS - 1] = u32::from(good);
                accepted += usize::from(good);
            }
        }
        accepted
    }

    fn open_one(&self, work: &mut Workspace, memory: &mut [u8], row: &Row, hash: Block) -> bool {
        let Some(record) = Record::new(row, memory) else { return false };
        let mut stream = record.keystream(&self.ctr, work, memory);
        let Some(tag) = record.tag(memory) else { return false };
        // One comparison of all bits: time does not tell how many of them agree.
        let good = (hash ^ stream.block() ^ Block::load(tag)).is_zero();
        let text = &mut memory[record.text];
        if good {
            stream.apply(text);
        } else {
            text.fill(0);
        }
        good
    }

    fn hash_all(&mut self, memory: &[u8], rows: &[Row]) -> [Block; LANES] {
        let mut messages = [Message::default(); LANES];
        for (message, row) in messages.iter_mut().zip(rows) {
            if let Some(record) = Record::new(row, memory) {
                *message = record.message(memory);
            }
        }
        let mut hashes = [Block::ZERO; LANES];
        self.ghash.hash_all(&messages[..rows.len()], &mut hashes);
        hashes
    }
}
