//! What is known of one SCTP packet (RFC 9260 §3) as one row of numbers. `src/sctp` has the same
//! columns and a parser that fills them in the same way.

use crate::crc32c::{Crc32c, STEP};

/// Numbers per row.
pub const COLUMNS: usize = CHUNKS + 2 * MAX_CHUNKS;

/// One packet.
pub type Row = [u32; COLUMNS];

/// Chunks that a row has room for.
pub const MAX_CHUNKS: usize = 8;

/// Column: offset of the packet in its memory.
pub const AT: usize = 0;
/// Column: length of the packet, bytes.
pub const LENGTH: usize = 1;
/// Column: [`NONE`], [`WHOLE`] or [`TRUNCATED`].
pub const STATUS: usize = 2;
/// Column: source port, destination port.
pub const PORTS: usize = 3;
/// Column: verification tag.
pub const TAG: usize = 4;
/// Column: [`CHECKSUM_ZERO`], [`CHECKSUM_RIGHT`] or [`CHECKSUM_WRONG`].
pub const CHECKSUM: usize = 5;
/// Column: how many well-formed chunks the packet begins with, listed or not.
pub const CHUNK_COUNT: usize = 6;
/// Column: type (8 bits), flags (8 bits) and length (16 bits) of the first chunk. Its offset from the
/// beginning of the packet follows, then the other chunks.
pub const CHUNKS: usize = 7;

/// Status: no packet, too short or too long for one; the other columns stay as they were.
pub const NONE: u32 = 0;
/// Status: chunks to the end.
pub const WHOLE: u32 = 1;
/// Status: behind the chunks that were counted is one that is none, or leaves the packet.
pub const TRUNCATED: u32 = 2;

/// Checksum: zero, which RFC 9653 may allow. It was not compared.
pub const CHECKSUM_ZERO: u32 = 0;
/// Checksum: right.
pub const CHECKSUM_RIGHT: u32 = 1;
/// Checksum: wrong.
pub const CHECKSUM_WRONG: u32 = 2;

/// RFC 9260 §3.1.
const COMMON_HEADER_BYTES: usize = 12;

/// RFC 9260 §3.2.
const CHUNK_HEADER_BYTES: usize = 4;

/// Offsets of chunks have 16 bits; no datagram is longer.
const MAX_PACKET_BYTES: usize = 0xffff;

/// Fills the row of a packet that lies at `at`; chunks that a row has no room for are counted only,
/// and what follows the listed ones stays as it was.
pub fn parse(crc32c: &mut Crc32c, packet: &[u8], at: usize, row: &mut Row) {
    row[STATUS] = NONE;
    // The shortest packet is the header and one chunk without a value: one step of the checksum.
    let Some((start, rest)) = packet.split_first_chunk::<STEP>() else { return };
    if packet.len() > MAX_PACKET_BYTES {
        return;
    }
    let [s1, s2, d1, d2, t1, t2, t3, t4, c1, c2, c3, c4, ..] = *start;
    row[AT] = column(at);
    row[LENGTH] = column(packet.len());
    row[PORTS] = u32::from_be_bytes([s1, s2, d1, d2]);
    row[TAG] = u32::from_be_bytes([t1, t2, t3, t4]);
    row[CHECKSUM] = match u32::from_le_bytes([c1, c2, c3, c4]) {
        0 => CHECKSUM_ZERO,
        stored => {
            let mut start = *start;
            start[8..COMMON_HEADER_BYTES].fill(0);
            let right = crc32c.checksum_of_parts(&start, rest) == stored;
            if right { CHECKSUM_RIGHT } else { CHECKSUM_WRONG }
        }
    };
    list_chunks(&packet[COMMON_HEADER_BYTES..], row);
}

/// Lists the chunks of a packet. Each has a length, without its padding:
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
fn list_chunks(chunks: &[u8], row: &mut Row) {
    row[STATUS] = WHOLE;
    let mut count = 0;
    let mut at = 0;
    while at < chunks.len() {
        let rest = chunks.get(at..).unwrap_or_default();
        let head = rest.first_chunk().map_or(0, |head| u32::from_be_bytes(*head));
        let length = (head & 0xffff) as usize;
        if length < CHUNK_HEADER_BYTES || length > rest.len() {
            row[STATUS] = TRUNCATED;
            break;
        }
        if count < MAX_CHUNKS {
            row[CHUNKS + 2 * count] = head;
            row[CHUNKS + 2 * count + 1] = column(COMMON_HEADER_BYTES + at);
        }
        count += 1;
        at += length.next_multiple_of(4);
    }
    row[CHUNK_COUNT] = column(count);
}

/// Linear memory has 32-bit addresses, and so have the offsets in it.
#[expect(clippy::cast_possible_truncation)]
const fn column(offset: usize) -> u32 {
    offset as u32
}
