//! AES-GCM against the vectors of its authors, against RustCrypto's `aes-gcm`, and against rows that
//! nobody in his right mind would write.

mod common;

use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::{AeadInPlace, Aes128Gcm, Aes256Gcm, KeyInit};
use common::{Random, hex};
use sterna_crypto::gcm::TAG_BYTES;
use sterna_crypto::{GcmKey, Row};

struct Vector {
    name: &'static str,
    key: &'static str,
    nonce: &'static str,
    aad: &'static str,
    text: &'static str,
    sealed: &'static str,
}

const KEY: &str = "feffe9928665731c6d6a8f9467308308";
const LONG_KEY: &str = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const NONCE: &str = "cafebabefacedbaddecaf888";
const AAD: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const TEXT: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
const SHORT_TEXT: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                          1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";

/// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
const VECTORS: &[Vector] = &[
    Vector {
        name: "test case 1",
        key: "00000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        text: "",
        sealed: "58e2fccefa7e3061367f1d57a4e7455a",
    },
    Vector {
        name: "test case 2",
        key: "00000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        text: "00000000000000000000000000000000",
        sealed: "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
    },
    Vector {
        name: "test case 3",
        key: KEY,
        nonce: NONCE,
        aad: "",
        text: TEXT,
        sealed: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                 21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985\
                 4d5c2af327cd64a62cf35abd2ba6fab4",
    },
    Vector {
        name: "test case 4",
        key: KEY,
        nonce: NONCE,
        aad: AAD,
        text: SHORT_TEXT,
        sealed: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e\
                 21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091\
                 5bc94fbc3221a5db94fae95ae7121a47",
    },
    Vector {
        name: "test case 13",
        key: "0000000000000000000000000000000000000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        text: "",
        sealed: "530f8afbc74536b9a963b4f1c4cb738b",
    },
    Vector {
        name: "test case 14",
        key: "0000000000000000000000000000000000000000000000000000000000000000",
        nonce: "000000000000000000000000",
        aad: "",
        text: "00000000000000000000000000000000",
        sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    },
    Vector {
        name: "test case 16",
        key: LONG_KEY,
        nonce: NONCE,
        aad: AAD,
        text: SHORT_TEXT,
        sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
                 76fc6ece0f4e1768cddf8853bb2d551b",
    },
];

/// Appends a record to `memory`, at an odd place, and describes it.
fn append(memory: &mut Vec<u8>, nonce: &[u8], aad: &[u8], text: &[u8]) -> Row {
    let at = |memory: &Vec<u8>| u32::try_from(memory.len()).expect("small");
    memory.push(0x5a);
    let nonce_at = at(memory);
    memory.extend(nonce);
    let aad_at = at(memory);
    memory.extend(aad);
    let text_at = at(memory);
    memory.extend(text);
    memory.extend([0; TAG_BYTES]);
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small");
    [nonce_at, aad_at, length(aad), text_at, length(text), 0]
}

fn sealed<'a>(memory: &'a [u8], row: &Row) -> &'a [u8] {
    &memory[row[3] as usize..(row[3] + row[4]) as usize + TAG_BYTES]
}

/// What `aes-gcm` makes of the record.
fn reference(key: &[u8], nonce: &[u8], aad: &[u8], text: &[u8]) -> Vec<u8> {
    let nonce = GenericArray::from_slice(nonce);
    let mut bytes = text.to_vec();
    let tag = if key.len() == 16 {
        Aes128Gcm::new(GenericArray::from_slice(key))
            .encrypt_in_place_detached(nonce, aad, &mut bytes)
    } else {
        Aes256Gcm::new(GenericArray::from_slice(key))
            .encrypt_in_place_detached(nonce, aad, &mut bytes)
    };
    bytes.extend(tag.expect("a short text"));
    bytes
}

#[test]
fn the_published_vectors_seal_and_open() {
    for vector in VECTORS {
        let mut key = GcmKey::new(&hex(vector.key)).expect("a key");
        // Alone, and sixteen times side by side.
        for count in [1, 16] {
            let mut memory = Vec::new();
            let mut rows: Vec<Row> = (0..count)
                .map(|_| {
                    append(&mut memory, &hex(vector.nonce), &hex(vector.aad), &hex(vector.text))
                })
                .collect();
            key.seal(&mut memory, &mut rows);
            for row in &rows {
                assert_eq!(sealed(&memory, row), hex(vector.sealed), "{}", vector.name);
            }
            assert_eq!(key.open(&mut memory, &mut rows), count);
            for row in &rows {
                let text = &sealed(&memory, row)[..row[4] as usize];
                assert_eq!(text, hex(vector.text), "{}", vector.name);
            }
        }
    }
}

#[test]
fn keys_of_other_lengths_are_refused() {
    for length in [0, 15, 17, 24, 31, 33] {
        assert!(GcmKey::new(&vec![0; length]).is_none(), "{length}");
    }
}

#[test]
fn batches_of_any_shape_equal_the_reference() {
    let mut random = Random::new(0x0607_1983);
    for round in 0..120 {
        let key_bytes = random.bytes(if round % 2 == 0 { 16 } else { 32 });
        let mut key = GcmKey::new(&key_bytes).expect("a key");
        let equal_lengths = round % 3 == 0;
        let common_length = random.below(1500);
        let mut memory = Vec::new();
        let mut rows = Vec::new();
        let mut expected = Vec::new();
        for _ in 0..random.below(40) + 1 {
            let nonce = random.bytes(12);
            let aad_length = random.below(40);
            let aad = random.bytes(aad_length);
            let length = if equal_lengths { common_length } else { random.below(600) };
            let text = random.bytes(length);
            rows.push(append(&mut memory, &nonce, &aad, &text));
            expected.push((reference(&key_bytes, &nonce, &aad, &text), text));
        }
        let before = memory.clone();
        key.seal(&mut memory, &mut rows);
        for (row, (sealed_text, _)) in rows.iter().zip(&expected) {
            assert_eq!(sealed(&memory, row), sealed_text, "round {round}");
        }
        assert_eq!(key.open(&mut memory, &mut rows), rows.len(), "round {round}");
        for row in &rows {
            let tag = (row[3] + row[4]) as usize;
            memory[tag..tag + TAG_BYTES].fill(0);
        }
        assert_eq!(memory, before, "only texts and tags are written, round {round}");
    }
}

#[test]
fn long_texts_carry_the_counter_across_its_bytes() {
    let mut random = Random::new(7);
    for length in [15 * 16, 254 * 16, 254 * 16 + 1, 255 * 16, 510 * 16, 70_000 * 16 + 5] {
        let (key_bytes, nonce, text) = (random.bytes(16), random.bytes(12), random.bytes(length));
        let mut memory = Vec::new();
        let mut rows = [append(&mut memory, &nonce, &[], &text)];
        GcmKey::new(&key_bytes).expect("a key").seal(&mut memory, &mut rows);
        let expected = reference(&key_bytes, &nonce, &[], &text);
        assert!(sealed(&memory, &rows[0]) == expected, "{length}");
    }
}

#[test]
fn a_changed_bit_refuses_its_record_and_zeroes_its_text_and_no_other() {
    let mut random = Random::new(8);
    let mut key = GcmKey::new(&random.bytes(16)).expect("a key");
    let mut memory = Vec::new();
    let texts: Vec<Vec<u8>> = (0..20).map(|n| random.bytes(100 + n)).collect();
    let mut rows: Vec<Row> =
        texts.iter().map(|text| append(&mut memory, &[7; 12], &[1; 13], text)).collect();
    key.seal(&mut memory, &mut rows);
    let whole = memory.clone();
    for bad in 0..rows.len() {
        let [nonce_at, aad_at, _, text_at, text_length, _] = rows[bad].map(|n| n as usize);
        for at in [nonce_at, aad_at + 12, text_at, text_at + text_length - 1, text_at + text_length]
        {
            memory.clone_from(&whole);
            memory[at] ^= 1 << (at % 8);
            assert_eq!(key.open(&mut memory, &mut rows), rows.len() - 1);
            for (n, (row, text)) in rows.iter().zip(&texts).enumerate() {
                assert_eq!(row[5], u32::from(n != bad));
                let opened = &sealed(&memory, row)[..text.len()];
                if n == bad {
                    assert!(opened.iter().all(|byte| *byte == 0));
                } else {
                    assert_eq!(opened, text);
                }
            }
        }
    }
}

#[test]
fn rows_that_leave_the_memory_are_skipped_and_refused() {
    let mut key = GcmKey::new(&[1; 16]).expect("a key");
    let rows: [Row; 8] = [
        [95, 0, 0, 20, 10, 1],
        [u32::MAX, 0, 0, 20, 10, 1],
        [0, 101, 0, 20, 10, 1],
        [0, 90, 11, 20, 10, 1],
        [0, 1, u32::MAX, 20, 10, 1],
        [0, 0, 0, 85, 0, 1],
        [0, 0, 0, 20, 65, 1],
        [0, 0, 0, u32::MAX, u32::MAX, 1],
    ];
    for row in rows {
        let mut memory = [9; 100];
        let mut rows = [row];
        key.seal(&mut memory, &mut rows);
        assert_eq!(memory, [9; 100], "{row:?}");
        assert_eq!(key.open(&mut memory, &mut rows), 0);
        assert_eq!(rows[0][5], 0);
        assert_eq!(memory, [9; 100], "{row:?}");
    }
}

#[test]
fn random_rows_neither_panic_nor_write_outside_of_their_texts() {
    let mut random = Random::new(9);
    let mut key = GcmKey::new(&[2; 32]).expect("a key");
    for _ in 0..2000 {
        let before = random.bytes(400);
        let mut memory = before.clone();
        let mut rows: Vec<Row> = (0..random.below(20))
            .map(|_| {
                let limit = if random.below(50) == 0 { usize::MAX >> 32 } else { 420 };
                core::array::from_fn(|_| u32::try_from(random.below(limit)).expect("below 2^32"))
            })
            .collect();
        if random.below(2) == 0 {
            key.seal(&mut memory, &mut rows);
        } else {
            key.open(&mut memory, &mut rows);
        }
        let named = |at: usize| {
            rows.iter().any(|row| {
                let start = row[3] as usize;
                (start..start + row[4] as usize + TAG_BYTES).contains(&at)
            })
        };
        for (at, byte) in memory.iter().enumerate() {
            assert!(*byte == before[at] || named(at), "byte {at}");
        }
    }
}
