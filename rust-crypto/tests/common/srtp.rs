//! SRTP made plainly, packet after packet, of RustCrypto's parts.

use aes::Aes128;
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::{AeadInPlace, Aes128Gcm, Aes256Gcm, KeyInit};
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hmac::{Hmac, Mac};
use sha1::Sha1;

/// Numbers of DTLS.
pub(crate) const CM_80: u32 = 1;
pub(crate) const CM_32: u32 = 2;
pub(crate) const GCM_128: u32 = 7;
pub(crate) const GCM_256: u32 = 8;
pub(crate) const PROFILES: [u32; 4] = [CM_80, CM_32, GCM_128, GCM_256];

/// Session keys of RTP or RTCP.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) profile: u32,
    pub(crate) key: Vec<u8>,
    pub(crate) salt: Vec<u8>,
    pub(crate) auth: Vec<u8>,
}

impl Keys {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.key[..], &self.salt, &self.auth].concat()
    }

    fn is_gcm(&self) -> bool {
        self.profile >= GCM_128
    }

    /// RFC 3711 §4.1.1, RFC 7714 §8.1: the salt, SSRC and the 48 bits of the index behind each other.
    fn initial(&self, ssrc: &[u8], index: u64) -> Vec<u8> {
        let mut block = self.salt.clone();
        let from = self.salt.len() - 10;
        let bytes = [ssrc, &index.to_be_bytes()[2..]].concat();
        for (to, byte) in block[from..].iter_mut().zip(bytes) {
            *to ^= byte;
        }
        block
    }

    fn counter_mode(&self, ssrc: &[u8], index: u64, text: &mut [u8]) {
        let mut initial = self.initial(ssrc, index);
        initial.extend([0; 2]);
        let key = GenericArray::from_slice(&self.key);
        Ctr128BE::<Aes128>::new(key, GenericArray::from_slice(&initial)).apply_keystream(text);
    }

    fn sign(&self, parts: &[&[u8]], length: usize) -> Vec<u8> {
        let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(&self.auth).expect("any length");
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes()[..length].to_vec()
    }

    fn seal(&self, ssrc: &[u8], index: u64, aad: &[u8], text: &mut [u8]) -> Vec<u8> {
        let initial = self.initial(ssrc, index);
        let nonce = GenericArray::from_slice(&initial);
        let tag = if self.profile == GCM_128 {
            Aes128Gcm::new(GenericArray::from_slice(&self.key))
                .encrypt_in_place_detached(nonce, aad, text)
        } else {
            Aes256Gcm::new(GenericArray::from_slice(&self.key))
                .encrypt_in_place_detached(nonce, aad, text)
        };
        tag.expect("a short text").to_vec()
    }

    /// The SRTP packet of an RTP packet.
    pub(crate) fn protect(&self, packet: &[u8], roc: u32) -> Vec<u8> {
        let mut header = 12 + 4 * usize::from(packet[0] & 15);
        if packet[0] & 16 != 0 {
            header +=
                4 + 4 * usize::from(u16::from_be_bytes([packet[header + 2], packet[header + 3]]));
        }
        let index = u64::from(roc) << 16 | u64::from(u16::from_be_bytes([packet[2], packet[3]]));
        let (clear, text) = packet.split_at(header);
        let mut text = text.to_vec();
        let ssrc = &clear[8..12];
        if self.is_gcm() {
            let tag = self.seal(ssrc, index, clear, &mut text);
            return [clear, &text, &tag].concat();
        }
        self.counter_mode(ssrc, index, &mut text);
        let length = if self.profile == CM_80 { 10 } else { 4 };
        let tag = self.sign(&[clear, &text, &roc.to_be_bytes()], length);
        [clear, &text, &tag].concat()
    }

    /// The SRTCP packet of an RTCP packet, encrypted or not.
    pub(crate) fn protect_control(&self, packet: &[u8], index: u32, encrypted: bool) -> Vec<u8> {
        let (clear, text) = packet.split_at(if encrypted { 8 } else { packet.len() });
        let word = (index | u32::from(encrypted) << 31).to_be_bytes();
        let mut text = text.to_vec();
        let ssrc = &clear[4..8];
        if self.is_gcm() {
            let aad = [clear, &word].concat();
            let tag = self.seal(ssrc, index.into(), &aad, &mut text);
            return [clear, &text, &tag, &word].concat();
        }
        if encrypted {
            self.counter_mode(ssrc, index.into(), &mut text);
        }
        let tag = self.sign(&[clear, &text, &word], 10);
        [clear, &text, &word, &tag].concat()
    }
}
