//! CRC32c against RFC 3720 and its definition.

mod common;

use common::Random;
use sterna_crypto::crc32c::Crc32c;

fn crc32c(bytes: &[u8]) -> u32 {
    Crc32c::new().checksum(bytes)
}

/// RFC 3720 appendix B.4.
#[test]
fn the_examples_of_rfc_3720() {
    let ascending: Vec<u8> = (0..32).collect();
    let descending: Vec<u8> = (0..32).rev().collect();
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    assert_eq!(crc32c(&ascending), 0x46dd_794e);
    assert_eq!(crc32c(&descending), 0x113f_db5c);
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    assert_eq!(crc32c(&[]), 0);
}

#[test]
fn every_length_equals_division_bit_by_bit() {
    let mut random = Random::new(32);
    for length in 0..200 {
        let bytes = random.bytes(length);
        let mut crc = !0u32;
        for byte in &bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
            }
        }
        assert_eq!(crc32c(&bytes), !crc, "{length} bytes");
    }
}
