//! Rows of RTP packets: the rules of RFC 3550 and RFC 8285 one by one, and bytes at random. That the
//! rows equal those of TypeScript is tested there.

mod common;

use common::{Random, hex};
use sterna_crypto::rtp_row::{self, AT, COLUMNS, LENGTH, MALFORMED, OK, Row, STATUS};

const FIXED: &str = "806f1234000003c0deadbeef";

fn parse(text: &str) -> Option<Row> {
    let mut row = [0; COLUMNS];
    rtp_row::parse(&hex(text), 100, &mut row).then_some(row)
}

/// RFC 3550 §5.1.
#[test]
fn the_fixed_header_and_the_payload() {
    let row = parse(&format!("{FIXED}0102030405")).unwrap();
    assert_eq!(row[4..15], [0x806f, 0x1234, 960, 0xdead_beef, 112, 5, 0, 0, 0, 0, 0]);
    assert!(parse(&FIXED[..22]).is_none(), "one byte too short");
    assert!(parse(&format!("4{}", &FIXED[1..])).is_none(), "version 1");
}

/// RFC 3550 §5.1, appendix A.1.
#[test]
fn padding_is_counted_and_checked() {
    let padded = FIXED.replacen("80", "a0", 1);
    let row = parse(&format!("{padded}01020003")).unwrap();
    assert_eq!(row[8..11], [112, 1, 3]);
    assert_eq!(parse(&format!("{padded}00000004")).unwrap()[8..11], [112, 0, 4]);
    for bad in ["", "00", "05000000", "00000005"] {
        assert!(parse(&format!("{padded}{bad}")).is_none(), "{bad}");
    }
}

/// RFC 8285 §4.2: identifiers 1 and 2, padding between them, and 15, which ends the list.
#[test]
fn one_byte_elements() {
    let extended = FIXED.replacen("80", "90", 1);
    let row = parse(&format!("{extended}bede000310aa00210102f01130110000ff")).unwrap();
    assert_eq!(row[11..14], [0xbede, 116, 12]);
    assert_eq!(row[14..18], [2, 0x0101_0011, 0x0202_0014, 0]);
    assert_eq!(row[8..10], [128, 1]);
    assert!(parse(&format!("{extended}bede0001101010")).is_none(), "it leaves the packet");
    let row = parse(&format!("{extended}bede00010010aa33")).unwrap();
    assert_eq!(row[14..16], [1, 0x0101_0012], "what is behind leaves the extension");
}

/// RFC 8285 §4.3: an element of no bytes, one of three, and appbits.
#[test]
fn two_byte_elements() {
    let extended = FIXED.replacen("80", "90", 1);
    let row = parse(&format!("{extended}1007000305000003ff030102030000")).is_none();
    assert!(row, "it leaves the packet");
    let row = parse(&format!("{extended}100700030500ff0301020300000001ff")).unwrap();
    assert_eq!(row[14..17], [2, 0x0500_0012, 0xff03_0014]);
    let row = parse(&format!("{extended}1017000105000000")).unwrap();
    assert_eq!(row[14], 0, "another profile");
}

#[test]
fn rows_that_leave_the_memory_are_malformed() {
    let memory = hex(&format!("ffff{FIXED}"));
    let mut rows = [[0; COLUMNS]; 4];
    for (row, (at, length)) in
        rows.iter_mut().zip([(2, 12), (2, 13), (3, 11), (u32::MAX, u32::MAX)])
    {
        row[AT] = at;
        row[LENGTH] = length;
    }
    rtp_row::parse_all(&memory, &mut rows);
    assert_eq!(rows.map(|row| row[STATUS]), [OK, MALFORMED, MALFORMED, MALFORMED]);
    assert_eq!(rows[0][8], 14, "offsets count from the beginning of the memory");
}

#[test]
fn nothing_panics_and_elements_stay_in_the_packet() {
    let mut random = Random::new(8285);
    for length in 0..400 {
        let mut packet = random.bytes(length);
        for (at, byte) in [0x90, 0x6f].into_iter().enumerate().take(length) {
            packet[at] = byte;
        }
        for (at, byte) in (12..16).zip([0xbe, 0xde, 0, 20]) {
            if at < length {
                packet[at] = byte;
            }
        }
        let mut row = [0; COLUMNS];
        if rtp_row::parse(&packet, 0, &mut row) {
            for element in &row[15..15 + row[14].min(16) as usize] {
                assert!((element & 0xffff) + (element >> 16 & 0xff) <= row[8], "{packet:02x?}");
            }
        }
    }
}
