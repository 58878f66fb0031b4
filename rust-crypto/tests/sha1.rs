//! SHA-1 and HMAC-SHA1 against FIPS 180-4, RFC 2202 and RustCrypto's `sha1` and `hmac`.

mod common;

use common::{Random, hex};
use hmac::{Hmac, Mac};
use sha1::{Digest, Sha1};
use sterna_crypto::block::Block;
use sterna_crypto::sha1::{HmacKey, Message, Scratch, sha1};

/// The first bytes of a code, which are all that SRTP asks for.
type Code = [u8; 16];

fn reference(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn key(bytes: &[u8]) -> HmacKey {
    let mut key = HmacKey::ZERO;
    if bytes.len() > 64 {
        key.set(&sha1(bytes));
    } else {
        key.set(bytes);
    }
    key
}

fn sign_all(key: &HmacKey, messages: &[Message<'_>]) -> Vec<Code> {
    let mut codes = vec![Block::ZERO; messages.len()];
    let mut scratch = Scratch::ZERO;
    key.sign_all(&mut scratch, messages, &mut codes);
    codes.into_iter().map(Block::to_bytes).collect()
}

/// The code of one message: alone, and in each place among others of another length.
fn sign_everywhere(key: &HmacKey, body: &[u8]) -> Code {
    let message = Message { body, ..Message::default() };
    let alone = sign_all(key, &[message]);
    for place in 0..8 {
        let mut messages = [Message { body: &[7; 70], ..Message::default() }; 8];
        messages[place] = message;
        let codes = sign_all(key, &messages);
        assert_eq!(codes[place], alone[0], "lane {place}");
    }
    alone[0]
}

/// FIPS 180-4's examples of one and of two steps, and of a million times "a".
#[test]
fn the_examples_of_fips_180() {
    let two_steps = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_eq!(sha1(b"abc"), *hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
    assert_eq!(sha1(two_steps), *hex("84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
    assert_eq!(sha1(&[b'a'; 1_000_000]), *hex("34aa973cd4c4daa4f61eeb2bdbad27316534016f"));
}

#[test]
fn every_length_of_sha1_equals_the_reference() {
    let bytes = Random::new(180).bytes(300);
    for length in 0..=300 {
        assert_eq!(sha1(&bytes[..length]), *Sha1::digest(&bytes[..length]), "{length} bytes");
    }
}

/// RFC 2202 §3.
#[test]
fn the_test_cases_of_rfc_2202() {
    let long_data = b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data";
    let cases: [(&[u8], &[u8], &str); 7] = [
        (&[0x0b; 20], b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (&[0xaa; 20], &[0xdd; 50], "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
        (
            &hex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
            &[0xcd; 50],
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
        ),
        (&[0x0c; 20], b"Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
        (
            &[0xaa; 80],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112",
        ),
        (&[0xaa; 80], long_data, "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"),
    ];
    for (number, (secret, data, code)) in (1..).zip(cases) {
        assert_eq!(sign_everywhere(&key(secret), data), hex(code)[..16], "case {number}");
    }
}

#[test]
fn every_length_side_by_side_equals_the_reference() {
    let mut random = Random::new(2104);
    let secret = random.bytes(20);
    let key = key(&secret);
    let bytes = random.bytes(308);
    for length in 0..=300 {
        // Eight lengths from this one on, with a suffix and without.
        let messages: [Message<'_>; 8] = core::array::from_fn(|n| Message {
            body: &bytes[..length + n],
            suffix: ((length + n) % 3 > 0).then_some([1, 2, 3, 4]),
        });
        let codes = sign_all(&key, &messages);
        for (message, code) in messages.iter().zip(codes) {
            let suffix = message.suffix.as_ref().map_or(&[][..], |suffix| suffix);
            assert_eq!(code, reference(&secret, &[message.body, suffix])[..16], "{length} bytes");
        }
    }
}

#[test]
fn batches_of_any_shape_equal_the_reference() {
    let mut random = Random::new(2202);
    for round in 0..200 {
        let secret = random.bytes(20);
        let key = key(&secret);
        let limit = if round % 3 == 0 { 40 } else { 1500 };
        let bodies: Vec<Vec<u8>> = (0..random.below(40) + 1)
            .map(|_| {
                let length = random.below(limit);
                random.bytes(length)
            })
            .collect();
        let messages: Vec<Message<'_>> =
            bodies.iter().map(|body| Message { body, suffix: Some([9, 8, 7, 6]) }).collect();
        let codes = sign_all(&key, &messages);
        for (body, code) in bodies.iter().zip(codes) {
            assert_eq!(code, reference(&secret, &[body, &[9, 8, 7, 6]])[..16], "round {round}");
        }
    }
}
