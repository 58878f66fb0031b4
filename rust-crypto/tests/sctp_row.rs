//! Rows of SCTP packets: the rules of RFC 9260 §3 one by one, and bytes at random. That the rows equal
//! those of TypeScript is tested there.

mod common;

use common::{Random, hex};
use sterna_crypto::crc32c::Crc32c;
use sterna_crypto::sctp_row::{self, COLUMNS, NONE, Row, TRUNCATED, WHOLE};

/// Ports 5000 and 5001, a tag, no checksum.
const HEADER: &str = "13881389deadbeef00000000";

fn parse(packet: &[u8]) -> Row {
    let mut row = [0; COLUMNS];
    sctp_row::parse(&mut Crc32c::new(), packet, 100, &mut row);
    row
}

fn packet(chunks: &str) -> Vec<u8> {
    hex(&format!("{HEADER}{chunks}"))
}

#[test]
fn header_and_chunks() {
    let row = parse(&packet("03000010000000010001000000000000"));
    assert_eq!(row[..9], [100, 28, WHOLE, 0x1388_1389, 0xdead_beef, 0, 1, 0x0300_0010, 12]);
    let row = parse(&packet("0a0300050000000000000000"));
    assert_eq!(row[2], TRUNCATED, "a length of 0 behind the first chunk");
    assert_eq!(row[6..10], [1, 0x0a03_0005, 12, 0]);
    let row = parse(&packet("0003000509000000"));
    assert_eq!((row[2], row[6]), (WHOLE, 1), "padding belongs to the packet");
    assert_eq!(parse(&packet("0003000509"))[2], WHOLE, "and may be missing at its end");
}

#[test]
fn chunks_that_are_none() {
    for (chunks, status) in [
        ("", NONE),
        ("0b0000", NONE),
        ("0b000003", TRUNCATED),
        ("0b000005", TRUNCATED),
        ("0b00000400", TRUNCATED),
        ("0b0000040b000004", WHOLE),
    ] {
        assert_eq!(parse(&packet(chunks))[2], status, "{chunks}");
    }
}

/// RFC 9260 appendix A.
#[test]
fn checksums() {
    let mut bytes = packet("0b000004");
    assert_eq!(parse(&bytes)[5], sctp_row::CHECKSUM_ZERO);
    let checksum = Crc32c::new().checksum(&bytes);
    bytes[8..12].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(parse(&bytes)[5], sctp_row::CHECKSUM_RIGHT);
    for bit in 0..8 * bytes.len() {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(parse(&changed)[5], sctp_row::CHECKSUM_WRONG, "bit {bit}");
    }
}

#[test]
fn more_chunks_than_a_row_has_room_for_are_counted() {
    let row = parse(&packet(&"0b000004".repeat(20)));
    assert_eq!((row[2], row[6]), (WHOLE, 20));
    assert_eq!(row[COLUMNS - 1], 12 + 7 * 4);
}

#[test]
fn nothing_panics_and_chunks_stay_in_the_packet() {
    let mut random = Random::new(9260);
    for length in 0..3000 {
        let mut bytes = random.bytes(length % 97);
        for at in (14..bytes.len()).step_by(8) {
            bytes[at] = 0;
        }
        let row = parse(&bytes);
        for chunk in 0..row[6].min(8) as usize {
            let (head, at) = (row[7 + 2 * chunk], row[8 + 2 * chunk]);
            assert!(at + (head & 0xffff) <= row[1], "{bytes:02x?}");
        }
    }
}
