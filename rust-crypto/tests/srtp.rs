//! SRTP against RFC 3711, RFC 7714 and RFC 9335, and against a plain one made of RustCrypto's parts.

mod common;
#[path = "common/srtp.rs"]
mod plain;

use core::slice::from_ref;

use common::{Random, hex};
use plain::{CM_32, CM_80, GCM_128, GCM_256, Keys, PROFILES};
use sterna_crypto::rtp_row::{AT, COLUMNS, INDEX, LENGTH, MALFORMED, OK, REFUSED, Row, STATUS};
use sterna_crypto::srtp::{Direction, Srtp, TAILROOM_BYTES, Work, session_key_bytes};

/// A byte that nobody writes.
const GUARD: u8 = 0xa7;

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("small")
}

fn random_keys(random: &mut Random, profile: u32) -> Keys {
    let (key, salt, auth) = match profile {
        GCM_128 => (16, 12, 0),
        GCM_256 => (32, 12, 0),
        _ => (16, 14, 20),
    };
    let (key, salt, auth) = (random.bytes(key), random.bytes(salt), random.bytes(auth));
    Keys { profile, key, salt, auth }
}

fn context(rtp: &Keys, rtcp: &Keys, cryptex: bool) -> Box<Srtp> {
    Srtp::new(rtp.profile, &[rtp.bytes(), rtcp.bytes()].concat(), cryptex).expect("keys")
}

/// Packets in one stretch of memory, with guards in front of each and behind its tailroom.
struct Batch {
    memory: Vec<u8>,
    rows: Vec<Row>,
    slots: Vec<(usize, usize)>,
}

impl Batch {
    fn new(packets: &[Vec<u8>], indices: &[u32]) -> Self {
        let mut batch = Self { memory: Vec::new(), rows: Vec::new(), slots: Vec::new() };
        for (n, (packet, index)) in packets.iter().zip(indices).enumerate() {
            batch.memory.extend(vec![GUARD; 1 + n % 7]);
            let at = batch.memory.len();
            batch.memory.extend(packet);
            batch.memory.extend([GUARD; TAILROOM_BYTES]);
            batch.slots.push((at, batch.memory.len()));
            let mut row = [0x5555_5555; COLUMNS];
            row[AT] = number(at);
            row[LENGTH] = number(packet.len());
            row[INDEX] = *index;
            batch.rows.push(row);
        }
        batch.memory.extend([GUARD; 40]);
        batch
    }

    fn packet(&self, n: usize) -> &[u8] {
        let row = &self.rows[n];
        &self.memory[row[AT] as usize..][..row[LENGTH] as usize]
    }

    fn check_guards(&self) {
        let mut at = 0;
        for (from, to) in &self.slots {
            assert!(self.memory[at..*from].iter().all(|byte| *byte == GUARD), "{at}..{from}");
            at = *to;
        }
        assert!(self.memory[at..].iter().all(|byte| *byte == GUARD), "{at}..");
    }

    fn run(&mut self, work: impl FnOnce(&mut [u8], &mut [Row])) {
        work(&mut self.memory, &mut self.rows);
        self.check_guards();
    }
}

/// An RTP packet with CSRCs and an extension, now and then.
fn random_rtp(random: &mut Random, payload: usize) -> Vec<u8> {
    let mut packet = random.bytes(12);
    let sources = if random.below(4) == 0 { random.below(16) } else { 0 };
    let words = if random.below(3) == 0 { Some(random.below(5)) } else { None };
    packet[0] = 0x80 | sources.to_le_bytes()[0] | u8::from(words.is_some()) << 4;
    packet.extend(random.bytes(4 * sources));
    if let Some(words) = words {
        packet.extend([0xbe, 0xde, 0, words.to_le_bytes()[0]]);
        packet.extend(random.bytes(4 * words));
    }
    packet.extend(random.bytes(payload));
    packet
}

fn random_rtcp(random: &mut Random, words: usize) -> Vec<u8> {
    let mut packet = random.bytes(8 + 4 * words);
    packet[0] = 0x81;
    packet
}

/// Lengths of a batch: alike, short, or mixed.
fn lengths(random: &mut Random, count: usize) -> Vec<usize> {
    let common = random.below(1300);
    let kind = random.below(3);
    (0..count)
        .map(|_| match kind {
            0 => common,
            1 => random.below(200),
            _ => random.below(1300),
        })
        .collect()
}

/// RFC 3711 appendix B.2: 0xff02 blocks of keystream; a packet holds the first 4090 of them.
#[test]
fn the_keystream_of_rfc_3711() {
    let rtp = Keys {
        profile: CM_80,
        key: hex("2b7e151628aed2a6abf7158809cf4f3c"),
        salt: hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"),
        auth: vec![0; 20],
    };
    let mut packet = hex("800000000000000000000000");
    packet.resize(12 + 16 * 4090, 0);
    let mut batch = Batch::new(&[packet], &[0]);
    batch.run(|memory, rows| context(&rtp, &rtp, false).protect(&mut Work::new(), memory, rows));
    let stream = &batch.packet(0)[12..];
    assert_eq!(stream[..16], hex("e03ead0935c95e80e166b16dd92b4eb4"));
    assert_eq!(stream[16..32], hex("d23513162b02d0f72a43a2fe4a5f97ab"));
    assert_eq!(stream[32..48], hex("41e95b3bb0a2e8dd477901e4fca894c0"));
    let expected =
        rtp.protect(&[&hex("800000000000000000000000")[..], &[0; 16 * 4090]].concat(), 0);
    assert!(batch.packet(0) == expected);
}

struct Vector {
    profile: u32,
    key: &'static str,
    clear: &'static str,
    protected: &'static str,
}

const KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const RTP: &str = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e6973206469766973\
                   6120696e207061727465732074726573";
const RTCP: &str = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61\
                    deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

fn rfc_7714_keys(vector: &Vector) -> Keys {
    let (profile, key) = (vector.profile, hex(vector.key));
    Keys { profile, key, salt: hex("517569642070726f2071756f"), auth: Vec::new() }
}

/// RFC 7714 §16.1 and §16.2.
#[test]
fn the_rtp_packets_of_rfc_7714() {
    let vectors = [
        Vector {
            profile: GCM_128,
            key: KEY_128,
            clear: RTP,
            protected: "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd5\
                        0d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee439\
                        0cce",
        },
        Vector {
            profile: GCM_256,
            key: KEY_256,
            clear: RTP,
            protected: "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab1801238\
                        9a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a7\
                        6c13",
        },
    ];
    for vector in vectors {
        let keys = rfc_7714_keys(&vector);
        let mut context = context(&keys, &keys, false);
        for count in [1, 16, 20] {
            let mut batch = Batch::new(&vec![hex(vector.clear); count], &vec![0; count]);
            batch.run(|memory, rows| context.protect(&mut Work::new(), memory, rows));
            for n in 0..count {
                assert_eq!(batch.rows[n][STATUS], OK);
                assert_eq!(batch.packet(n), hex(vector.protected));
            }
            batch.run(|memory, rows| context.unprotect(&mut Work::new(), memory, rows));
            for n in 0..count {
                assert_eq!(batch.rows[n][STATUS], OK);
                assert_eq!(batch.packet(n), hex(vector.clear));
            }
        }
    }
}

/// RFC 7714 §17.1 to §17.4; the last two are not encrypted.
#[test]
fn the_rtcp_packets_of_rfc_7714() {
    let vectors = [
        Vector {
            profile: GCM_128,
            key: KEY_128,
            clear: RTCP,
            protected: "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32d\
                        c676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf872\
                        45d9eade800005d4",
        },
        Vector {
            profile: GCM_256,
            key: KEY_256,
            clear: RTCP,
            protected: "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50\
                        a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6c\
                        b26ac3be800005d4",
        },
        Vector {
            profile: GCM_128,
            key: KEY_128,
            clear: RTCP,
            protected: "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61\
                        deadbeefdeadbeefdeadbeefdeadbeefdeadbeef841dd9683dd78ec92ae58790\
                        125f62b3000005d4",
        },
        Vector {
            profile: GCM_256,
            key: KEY_256,
            clear: RTCP,
            protected: "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61\
                        deadbeefdeadbeefdeadbeefdeadbeefdeadbeef91db4afbfeee5a978fab4393\
                        ed2615fe000005d4",
        },
    ];
    for vector in vectors {
        let keys = rfc_7714_keys(&vector);
        let mut context = context(&keys, &keys, false);
        let mut batch = Batch::new(&vec![hex(vector.protected); 3], &[0, 1, 2]);
        // Of the second, a bit of the tag is wrong.
        let at = batch.rows[1][AT] as usize + hex(vector.clear).len() + 5;
        batch.memory[at] ^= 0x40;
        let before = batch.packet(1).to_vec();
        batch.run(|memory, rows| context.unprotect_control(&mut Work::new(), memory, rows));
        assert_eq!(batch.rows[1][STATUS], REFUSED);
        assert_eq!(batch.packet(1), before);
        for n in [0, 2] {
            assert_eq!((batch.rows[n][STATUS], batch.rows[n][INDEX]), (OK, 0x5d4));
            assert_eq!(batch.packet(n), hex(vector.clear));
        }
        let encrypted = hex(vector.protected)[hex(vector.protected).len() - 4] == 0x80;
        if encrypted {
            let mut batch = Batch::new(&[hex(vector.clear)], &[0x5d4]);
            batch.run(|memory, rows| context.protect_control(&mut Work::new(), memory, rows));
            assert_eq!(batch.packet(0), hex(vector.protected));
        }
    }
}

/// RFC 9335 appendix A: packets, and what AES_CM_128_HMAC_SHA1_80 and AEAD_AES_128_GCM make of them.
const CRYPTEX: [[&str; 3]; 6] = [
    [
        "900f1235decafbadcafebabebede000151000200abababababababababababababababab",
        "900f1235decafbadcafebabec0de0001eb92365251c3e036f8de27e9c27ee3e0b4651d9fbc4218a7\
         0244522f34a5",
        "900f1235decafbadcafebabec0de000139972dc9572c4d99e8fc355de743fb2e94f9d8ff54e72f41\
         93bbc5c74ffab0fa9fa0fbeb",
    ],
    [
        "900f1236decafbadcafebabe1000000105020002abababababababababababababababab",
        "900f1236decafbadcafebabec2de00014ed9cc4e6a712b3096c5ca77339d4204ce0d77396cab6958\
         5fbce38194a5",
        "900f1236decafbadcafebabec2de0001bb75a4c545cd1f413bdb7daa2b1e3263de313667c9632490\
         81b35a65f5cb6c88b394235f",
    ],
    [
        "920f1238decafbadcafebabe0001e2400000b26ebede000151000200abababababababababababab\
         abababab",
        "920f1238decafbadcafebabe8bb6e12b5cff16ddc0de000192838c8c09e58393e1de3a9a74734d67\
         45671338c3acf11da2df8423bee0",
        "920f1238decafbadcafebabe63bbccc4a7f695c4c0de00018ad7c71fac70a80c92866b4c6ba98546\
         ef913586e95ffaaffe956885bb0647a8bc094ac8",
    ],
    [
        "920f1239decafbadcafebabe0001e2400000b26e1000000105020002abababababababababababab\
         abababab",
        "920f1239decafbadcafebabef70e513eb90b9b25c2de0001bbed4848faa644665f3d7f34125914e9\
         f4d0ae923c6f479b95a0f7b53133",
        "920f1239decafbadcafebabe3680524f8d312b00c2de0001c78d120038422bc111a7187a18246f98\
         0c059cc6bc9df8b626394eca344e4b05d80fea83",
    ],
    [
        "920f123adecafbadcafebabe0001e2400000b26ebede0000abababababababababababababababab",
        "920f123adecafbadcafebabe7130b6abfe2ab0e3c0de0000e3d9f64b25c9e74cb4cf8e43fb92e378\
         1c2c0ceab6b3a499a14c",
        "920f123adecafbadcafebabe15b6bb4337906fffc0de0000b7b964537a2b03ab7ba5389ce9331712\
         6b5d974df30c6884dcb651c5e120c1da",
    ],
    [
        "920f123bdecafbadcafebabe0001e2400000b26e10000000abababababababababababababababab",
        "920f123bdecafbadcafebabecbf24c124330e1c8c2de0000599dd45bc9d687b603e8b59d771fd38e\
         88b170e0cd31e125eabe",
        "920f123bdecafbadcafebabedcb38c9e48bf95f4c2de000061ee432cf920317076613258d3ce4236\
         c06ac429681ad08413512dc98b5207d8",
    ],
];

fn cryptex_keys() -> [Keys; 2] {
    [
        Keys {
            profile: CM_80,
            key: hex("c61e7a93744f39ee10734afe3ff7a087"),
            salt: hex("30cbbc08863d8c85d49db34a9ae1"),
            auth: hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"),
        },
        Keys {
            profile: GCM_128,
            key: hex("077c6143cb221bc355ff23d5f984a16e"),
            salt: hex("9af3e95364ebac9c99c5a7c4"),
            auth: Vec::new(),
        },
    ]
}

#[test]
fn the_packets_of_rfc_9335() {
    for (column, keys) in (1..).zip(cryptex_keys()) {
        let mut context = context(&keys, &keys, true);
        let clear: Vec<Vec<u8>> = CRYPTEX.iter().map(|vector| hex(vector[0])).collect();
        let mut batch = Batch::new(&clear, &[0; 6]);
        batch.run(|memory, rows| context.protect(&mut Work::new(), memory, rows));
        for (n, vector) in CRYPTEX.iter().enumerate() {
            assert_eq!(batch.packet(n), hex(vector[column]), "vector {n}");
        }
        batch.run(|memory, rows| context.unprotect(&mut Work::new(), memory, rows));
        for (n, vector) in CRYPTEX.iter().enumerate() {
            assert_eq!(batch.rows[n][STATUS], OK);
            assert_eq!(batch.packet(n), hex(vector[0]), "vector {n}");
        }
    }
}

#[test]
fn cryptex_leaves_packets_alone_that_have_nothing_for_it_and_refuses_other_extensions() {
    for keys in cryptex_keys() {
        let mut context = context(&keys, &keys, true);
        let plain = hex("800f1235decafbadcafebabeabababab");
        let others = [
            // CSRCs without an extension, an extension of another kind, and bits that C2DE has no room for.
            "810f1235decafbadcafebabe0001e240abababab",
            "900f1235decafbadcafebabe12340000abababab",
            "900f1235decafbadcafebabe10010000abababab",
        ];
        let mut packets = vec![plain.clone()];
        packets.extend(others.map(hex));
        let mut batch = Batch::new(&packets, &[0; 4]);
        batch.run(|memory, rows| context.protect(&mut Work::new(), memory, rows));
        assert_eq!(batch.packet(0), keys.protect(&plain, 0));
        for n in 1..4 {
            assert_eq!(batch.rows[n][STATUS], MALFORMED);
            assert_eq!(batch.packet(n), packets[n]);
        }
        // Without Cryptex, a peer may send them.
        let sent: Vec<Vec<u8>> = packets.iter().map(|packet| keys.protect(packet, 0)).collect();
        let mut batch = Batch::new(&sent, &[0; 4]);
        batch.run(|memory, rows| context.unprotect(&mut Work::new(), memory, rows));
        for n in 0..4 {
            assert_eq!((batch.rows[n][STATUS], batch.packet(n)), (OK, &packets[n][..]));
        }
    }
}

#[test]
fn a_refused_packet_with_cryptex_stays_as_it_came() {
    for (column, keys) in (1..).zip(cryptex_keys()) {
        let mut context = context(&keys, &keys, true);
        for vector in CRYPTEX {
            let mut packet = hex(vector[column]);
            let last = packet.len() - 1;
            packet[last] ^= 1;
            let mut batch = Batch::new(&[packet.clone()], &[0]);
            batch.run(|memory, rows| context.unprotect(&mut Work::new(), memory, rows));
            assert_eq!((batch.rows[0][STATUS], batch.packet(0)), (REFUSED, &packet[..]));
        }
    }
}

#[test]
fn keys_of_other_lengths_and_unknown_profiles_are_refused() {
    for profile in 0..12 {
        let length = session_key_bytes(profile);
        assert_eq!(length.is_some(), PROFILES.contains(&profile));
        for wrong in [0, 55, 57, 87, 89, 99, 101] {
            assert!(Srtp::new(profile, &vec![0; wrong], false).is_none());
        }
        if let Some(length) = length {
            assert!(Srtp::new(profile, &vec![0; length], false).is_some());
        }
    }
}

/// Encrypts counter blocks, as the host does with a native cipher.
fn encrypt_blocks(key: &[u8], blocks: &mut [u8]) {
    use aes::cipher::generic_array::GenericArray;
    use aes::cipher::{BlockEncrypt, KeyInit};
    for block in blocks.chunks_mut(16) {
        let block = GenericArray::from_mut_slice(block);
        if key.len() == 16 {
            aes::Aes128::new(GenericArray::from_slice(key)).encrypt_block(block);
        } else {
            aes::Aes256::new(GenericArray::from_slice(key)).encrypt_block(block);
        }
    }
}

#[test]
fn batches_of_rtp_of_any_shape_equal_the_plain_ones() {
    let mut random = Random::new(3711);
    for round in 0..160 {
        let profile = PROFILES[round % 4];
        let keys = random_keys(&mut random, profile);
        let mut context = context(&keys, &keys, false);
        let count = round / 4 + 1;
        let packets: Vec<Vec<u8>> = lengths(&mut random, count)
            .into_iter()
            .map(|length| random_rtp(&mut random, length))
            .collect();
        let rocs: Vec<u32> = (0..count).map(|_| random.word() >> (round % 32)).collect();
        let mut batch = Batch::new(&packets, &rocs);
        let with = random.below(2) == 0;
        if with {
            let mut blocks = vec![0; 200_000];
            let length = context.counters(Direction::Out, &batch.memory, &batch.rows, &mut blocks);
            let blocks = &mut blocks[..length.expect("room")];
            encrypt_blocks(&keys.key, blocks);
            batch.run(|memory, rows| context.protect_with(blocks, &mut Work::new(), memory, rows));
        } else {
            batch.run(|memory, rows| context.protect(&mut Work::new(), memory, rows));
        }
        for n in 0..count {
            assert_eq!(batch.rows[n][STATUS], OK);
            let expected = keys.protect(&packets[n], rocs[n]);
            assert!(batch.packet(n) == expected, "round {round}, packet {n}, with {with}");
        }
        // One in three is changed somewhere.
        let mut bad = vec![false; count];
        for n in 0..count {
            if random.below(3) == 0 {
                bad[n] = true;
                let (at, length) = (batch.rows[n][AT] as usize, batch.rows[n][LENGTH] as usize);
                batch.memory[at + random.below(length - 1) + 1] ^= 1 << random.below(8);
            }
        }
        let changed = batch.memory.clone();
        if with {
            let mut blocks = vec![0; 200_000];
            let length = context.counters(Direction::In, &batch.memory, &batch.rows, &mut blocks);
            let blocks = &mut blocks[..length.expect("room")];
            encrypt_blocks(&keys.key, blocks);
            batch
                .run(|memory, rows| context.unprotect_with(blocks, &mut Work::new(), memory, rows));
        } else {
            batch.run(|memory, rows| context.unprotect(&mut Work::new(), memory, rows));
        }
        for n in 0..count {
            if bad[n] {
                assert_ne!(batch.rows[n][STATUS], OK, "round {round}, packet {n}");
                let at = batch.rows[n][AT] as usize;
                assert_eq!(batch.packet(n), &changed[at..][..batch.packet(n).len()]);
            } else {
                assert_eq!(batch.rows[n][STATUS], OK, "round {round}, packet {n}");
                assert_eq!(batch.packet(n), packets[n]);
                assert_eq!(
                    batch.rows[n][5],
                    u32::from(u16::from_be_bytes([packets[n][2], packets[n][3]]))
                );
            }
        }
    }
}

#[test]
fn batches_of_rtcp_of_any_shape_equal_the_plain_ones() {
    let mut random = Random::new(3550);
    for round in 0..160 {
        let profile = PROFILES[round % 4];
        let keys = random_keys(&mut random, profile);
        let mut context = context(&random_keys(&mut random, profile), &keys, round % 3 == 0);
        let count = round / 4 + 1;
        let packets: Vec<Vec<u8>> = (0..count)
            .map(|_| {
                let words = random.below(60);
                random_rtcp(&mut random, words)
            })
            .collect();
        let indices: Vec<u32> = (0..count).map(|_| random.word() >> 1).collect();
        let mut batch = Batch::new(&packets, &indices);
        batch.run(|memory, rows| context.protect_control(&mut Work::new(), memory, rows));
        for n in 0..count {
            assert_eq!(batch.rows[n][STATUS], OK);
            assert!(batch.packet(n) == keys.protect_control(&packets[n], indices[n], true));
        }
        // Of those that come, some are not encrypted, and some are changed.
        let mut bad = vec![false; count];
        let mut received: Vec<Vec<u8>> = Vec::new();
        for n in 0..count {
            let encrypted = random.below(2) == 0;
            let mut packet = keys.protect_control(&packets[n], indices[n], encrypted);
            if random.below(3) == 0 {
                bad[n] = true;
                let at = random.below(packet.len() - 1) + 1;
                packet[at] ^= 1 << random.below(8);
            }
            received.push(packet);
        }
        let mut batch = Batch::new(&received, &vec![7; count]);
        batch.run(|memory, rows| context.unprotect_control(&mut Work::new(), memory, rows));
        for n in 0..count {
            let expected = if bad[n] { &received[n] } else { &packets[n] };
            assert_eq!(batch.rows[n][STATUS] == OK, !bad[n], "round {round}, packet {n}");
            assert_eq!(batch.packet(n), expected, "round {round}, packet {n}");
            assert_eq!(batch.rows[n][INDEX], if bad[n] { 7 } else { indices[n] });
        }
    }
}

#[test]
fn every_changed_byte_and_every_shorter_length_is_refused() {
    let mut random = Random::new(10);
    for profile in PROFILES {
        let keys = random_keys(&mut random, profile);
        let mut context = context(&keys, &keys, false);
        let rtp = keys.protect(&random_rtp(&mut random, 50), 3);
        let rtcp = keys.protect_control(&random_rtcp(&mut random, 10), 77, true);
        for (control, whole) in [(false, &rtp), (true, &rtcp)] {
            let mut received = Vec::new();
            for at in 0..whole.len() {
                let mut packet = whole.clone();
                packet[at] ^= 1 << random.below(8);
                received.push(packet);
                received.push(whole[..at].to_vec());
            }
            let mut batch = Batch::new(&received, &vec![3; received.len()]);
            batch.run(|memory, rows| {
                if control {
                    context.unprotect_control(&mut Work::new(), memory, rows);
                } else {
                    context.unprotect(&mut Work::new(), memory, rows);
                }
            });
            for (n, packet) in received.iter().enumerate() {
                assert_ne!(batch.rows[n][STATUS], OK, "packet {n}");
                assert_eq!(batch.packet(n), packet, "packet {n}");
            }
        }
    }
}

#[test]
fn another_key_rollover_counter_or_index_refuses() {
    let mut random = Random::new(11);
    for profile in PROFILES {
        let keys = random_keys(&mut random, profile);
        let packet = random_rtp(&mut random, 60);
        let sent = keys.protect(&packet, 9);
        let mut others: Vec<Keys> = vec![keys.clone(); 3];
        others[0].key[0] ^= 1;
        others[1].salt[11] ^= 1;
        if let Some(byte) = others[2].auth.first_mut() {
            *byte ^= 1;
        }
        // In counter mode, the tag does not tell that key or salt of the encryption are others.
        let (from, to) = if profile >= GCM_128 { (0, 2) } else { (2, 3) };
        for other in &others[from..to] {
            let mut batch = Batch::new(from_ref(&sent), &[9]);
            batch.run(|memory, rows| {
                context(other, other, false).unprotect(&mut Work::new(), memory, rows);
            });
            assert_eq!(batch.rows[0][STATUS], REFUSED);
        }
        for roc in [0, 8, 10, u32::MAX] {
            let mut batch = Batch::new(from_ref(&sent), &[roc]);
            batch.run(|memory, rows| {
                context(&keys, &keys, false).unprotect(&mut Work::new(), memory, rows);
            });
            assert_eq!(batch.rows[0][STATUS], REFUSED);
        }
        let mut batch = Batch::new(&[keys.protect(&packet, 9)], &[9]);
        batch.run(|memory, rows| {
            context(&keys, &keys, false).unprotect(&mut Work::new(), memory, rows);
        });
        assert_eq!((batch.rows[0][STATUS], batch.packet(0)), (OK, &packet[..]));
    }
}

#[test]
fn an_authentic_packet_whose_padding_leaves_it_is_zeroed() {
    let mut random = Random::new(12);
    for profile in PROFILES {
        let keys = random_keys(&mut random, profile);
        let mut packet = hex("a00f1235decafbadcafebabe0102030405060708");
        for padding in [0, 9, 255] {
            packet[19] = padding;
            let sent = keys.protect(&packet, 0);
            let mut batch = Batch::new(from_ref(&sent), &[0]);
            batch.run(|memory, rows| {
                context(&keys, &keys, false).unprotect(&mut Work::new(), memory, rows);
            });
            assert_eq!(batch.rows[0][STATUS], MALFORMED);
            assert_eq!(batch.packet(0)[..20], [0; 20]);
            assert_eq!(batch.packet(0)[20..], sent[20..]);
        }
    }
}

#[test]
fn too_little_keystream_refuses_and_leaves_packets_alone() {
    let mut random = Random::new(13);
    for profile in PROFILES {
        let keys = random_keys(&mut random, profile);
        let mut context = context(&keys, &keys, false);
        let packets: Vec<Vec<u8>> = (0..3).map(|_| random_rtp(&mut random, 100)).collect();
        let mut batch = Batch::new(&packets, &[0; 3]);
        let mut blocks = vec![0; 1008];
        let counters = |context: &Srtp, batch: &Batch, room: &mut [u8]| {
            context.counters(Direction::Out, &batch.memory, &batch.rows, room)
        };
        let length = counters(&context, &batch, &mut blocks).expect("room");
        assert_eq!(counters(&context, &batch, &mut blocks[..length - 16]), None);
        encrypt_blocks(&keys.key, &mut blocks);
        batch.run(|memory, rows| {
            context.protect_with(&blocks[..length - 16], &mut Work::new(), memory, rows);
        });
        for n in 0..2 {
            assert_eq!(batch.packet(n), keys.protect(&packets[n], 0));
        }
        assert_eq!((batch.rows[2][STATUS], batch.packet(2)), (REFUSED, &packets[2][..]));
        let mut batch = Batch::new(&[keys.protect(&packets[0], 0)], &[0]);
        batch.run(|memory, rows| context.unprotect_with(&[0; 16], &mut Work::new(), memory, rows));
        assert_eq!(batch.rows[0][STATUS], REFUSED);
    }
}

#[test]
fn random_rows_neither_panic_nor_write_outside_of_their_slots() {
    let mut random = Random::new(14);
    let mut contexts: Vec<Box<Srtp>> = (0..8)
        .map(|n| {
            let keys = random_keys(&mut random, PROFILES[n % 4]);
            context(&keys, &keys, n >= 4)
        })
        .collect();
    let mut work = Work::new();
    for _ in 0..4000 {
        let mut before = random.bytes(500);
        for byte in &mut before {
            // Headers everywhere.
            if random.below(3) == 0 {
                *byte = 0x80 | (*byte & 0x13);
            }
        }
        let mut memory = before.clone();
        let mut rows: Vec<Row> = (0..random.below(20))
            .map(|_| {
                let limit = if random.below(30) == 0 { usize::MAX >> 32 } else { 520 };
                core::array::from_fn(|_| number(random.below(limit)))
            })
            .collect();
        let slots: Vec<(usize, usize)> = rows
            .iter()
            .map(|row| (row[AT] as usize, row[AT] as usize + row[LENGTH] as usize + TAILROOM_BYTES))
            .collect();
        let keystream = random.bytes(2000);
        let context = &mut contexts[random.below(8)];
        match random.below(7) {
            0 => context.protect(&mut work, &mut memory, &mut rows),
            1 => context.unprotect(&mut work, &mut memory, &mut rows),
            2 => context.protect_control(&mut work, &mut memory, &mut rows),
            3 => context.unprotect_control(&mut work, &mut memory, &mut rows),
            4 => context.protect_with(&keystream, &mut work, &mut memory, &mut rows),
            5 => context.unprotect_with(&keystream, &mut work, &mut memory, &mut rows),
            _ => {
                let mut room = vec![0; random.below(3000)];
                context.counters(Direction::In, &memory, &rows, &mut room);
                context.counters(Direction::Out, &memory, &rows, &mut room);
            }
        }
        for (at, byte) in memory.iter().enumerate() {
            let named = || slots.iter().any(|(from, to)| (*from..*to).contains(&at));
            assert!(*byte == before[at] || named(), "byte {at}");
        }
    }
}

/// A short tag is RTP's alone (RFC 3711 §5.2).
#[test]
fn the_tag_of_32_bits_is_not_for_rtcp() {
    let mut random = Random::new(15);
    let keys = random_keys(&mut random, CM_32);
    let mut context = context(&keys, &keys, false);
    let mut rtp = Batch::new(&[random_rtp(&mut random, 20)], &[0]);
    let length = rtp.packet(0).len();
    rtp.run(|memory, rows| context.protect(&mut Work::new(), memory, rows));
    assert_eq!(rtp.packet(0).len(), length + 4);
    let mut rtcp = Batch::new(&[random_rtcp(&mut random, 4)], &[0]);
    rtcp.run(|memory, rows| context.protect_control(&mut Work::new(), memory, rows));
    assert_eq!(rtcp.packet(0).len(), 24 + 14);
}
