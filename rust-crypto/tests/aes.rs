//! AES against FIPS 197 and RustCrypto's `aes`.

mod common;

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use common::{Random, hex};
use sterna_crypto::aes::AesKey;
use sterna_crypto::block::Block;

fn encrypt(key: &[u8], block: &[u8]) -> [u8; 16] {
    let mut prepared = AesKey::ZERO;
    prepared.set(key);
    prepared.encrypt(Block::load_padded(block, 0)).to_bytes()
}

#[test]
fn the_examples_of_fips_197_appendix_c() {
    let text = hex("00112233445566778899aabbccddeeff");
    let key = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    assert_eq!(encrypt(&key[..16], &text), *hex("69c4e0d86a7b0430d8cdb78070b4c55a"));
    assert_eq!(encrypt(&key, &text), *hex("8ea2b7ca516745bfeafc49904b496089"));
}

#[test]
fn random_keys_and_blocks_equal_the_reference() {
    let mut random = Random::new(197);
    for _ in 0..2000 {
        let (key, text) = (random.bytes(32), random.bytes(16));
        let mut expected = GenericArray::clone_from_slice(&text);
        Aes128::new(GenericArray::from_slice(&key[..16])).encrypt_block(&mut expected);
        assert_eq!(encrypt(&key[..16], &text), expected.as_slice());
        let mut expected = GenericArray::clone_from_slice(&text);
        Aes256::new(GenericArray::from_slice(&key)).encrypt_block(&mut expected);
        assert_eq!(encrypt(&key, &text), expected.as_slice());
    }
}
