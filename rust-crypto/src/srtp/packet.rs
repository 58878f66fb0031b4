//! Where the parts of a packet lie.

use super::keys::Keys;
use crate::rtp_row::{AT, INDEX, LENGTH, Row, header_length};

/// RTP without CSRCs (RFC 3550 §5.1).
const FIXED_HEADER_BYTES: usize = 12;

/// What of an RTCP packet is never encrypted (RFC 3711 §3.4).
const CONTROL_HEADER_BYTES: usize = 8;

/// The header of an extension (RFC 3550 §5.3.1), a CSRC, and the word with SRTCP's index.
const WORD_BYTES: usize = 4;

/// What GCM authenticates beside the text of an RTCP packet (RFC 7714 §9.2).
pub(super) const CONTROL_AAD_BYTES: usize = CONTROL_HEADER_BYTES + WORD_BYTES;

/// What a datagram can hold; far below the 2^16 blocks of one keystream (RFC 3711 §4.1.1).
const MAX_PACKET_BYTES: usize = 0xffff;

/// RFC 3711 §3.4: the E flag in front of SRTCP's index.
const ENCRYPTED: u32 = 1 << 31;

/// RFC 9335 §4: "defined by profile" of RFC 8285, and what stands there when Cryptex is used.
const CRYPTEX_PROFILES: [([u8; 2], [u8; 2]); 2] =
    [([0xbe, 0xde], [0xc0, 0xde]), ([0x10, 0x00], [0xc2, 0xde])];

/// A well-formed packet: `at ≤ text ≤ end`, and what belongs behind `end` lies in the memory, too.
#[derive(Clone, Copy)]
pub(super) struct Packet {
    pub(super) at: usize,
    /// Where what is encrypted begins. With Cryptex, in the intermediate form of RFC 9335 §6.2:
    ///
    /// ```text
    /// on the wire   | fixed header | CSRCs | C0DE or C2DE, length | extension | payload |
    /// intermediate  | fixed header | C0DE or C2DE, length | CSRCs | extension | payload |
    ///                                                     '--------- encrypted ---------'
    /// ```
    pub(super) text: usize,
    /// Where what is encrypted ends, and tag and index begin.
    pub(super) end: usize,
    pub(super) ssrc: u32,
    /// ROC and sequence number (RFC 3711 §3.3.1), or SRTCP's index.
    pub(super) index: u64,
    /// What is authenticated behind the packet: ROC, or E flag and index.
    pub(super) word: u32,
    control: bool,
    /// What Cryptex moves: the length of CSRCs.
    moved: usize,
    /// What Cryptex makes of "defined by profile".
    profile: Option<[u8; 2]>,
}

impl Packet {
    /// The packet of a row that is to be sent, if there is room for its tag.
    pub(super) fn to_protect(keys: &Keys, cryptex: bool, memory: &[u8], row: &Row) -> Option<Self> {
        let (at, length) = (row[AT] as usize, row[LENGTH] as usize);
        let end = at.checked_add(length)?;
        let slot = memory.get(at..end.checked_add(keys.trailer_bytes as usize)?)?;
        if keys.control {
            let index = row[INDEX] & !ENCRYPTED;
            return Self::control(at, slot.get(..length)?, index | ENCRYPTED);
        }
        let mut packet = Self::rtp(at, slot.get(..length)?, row[INDEX])?;
        if cryptex && slot[0] & 0x1f != 0 {
            // CSRCs need an extension that says that they are encrypted (RFC 9335 §5.1). The sender has
            // added it, and uses no form of extension that Cryptex has none for.
            packet.use_cryptex(slot, |(clear, encrypted)| (clear, encrypted))?;
        }
        Some(packet)
    }

    /// The packet of a row that was received.
    pub(super) fn to_unprotect(
        keys: &Keys,
        cryptex: bool,
        memory: &[u8],
        row: &Row,
    ) -> Option<Self> {
        let (at, length) = (row[AT] as usize, row[LENGTH] as usize);
        let slot = memory.get(at..at.checked_add(length)?)?;
        let length = length.checked_sub(keys.trailer_bytes as usize)?;
        let (packet, trailer) = slot.split_at_checked(length)?;
        if keys.control {
            let word = trailer[keys.word_at()..].first_chunk()?;
            return Self::control(at, packet, u32::from_be_bytes(*word));
        }
        let mut packet = Self::rtp(at, packet, row[INDEX])?;
        if cryptex {
            // Others are not encrypted in this way (RFC 9335 §5.2).
            let _ = packet.use_cryptex(slot, |(clear, encrypted)| (encrypted, clear));
        }
        Some(packet)
    }

    /// RFC 3550 §5.1 and appendix A.1.
    fn rtp(at: usize, bytes: &[u8], roc: u32) -> Option<Self> {
        let header = bytes.first_chunk::<FIXED_HEADER_BYTES>()?;
        let [_, _, s0, s1, _, _, _, _, ssrc @ ..] = *header;
        if bytes.len() > MAX_PACKET_BYTES {
            return None;
        }
        Some(Self {
            at,
            text: at + header_length(bytes)?,
            end: at + bytes.len(),
            ssrc: u32::from_be_bytes(ssrc),
            index: u64::from(roc) << 16 | u64::from(u16::from_be_bytes([s0, s1])),
            word: roc,
            control: false,
            moved: 0,
            profile: None,
        })
    }

    /// RFC 3550 §6.4.1; `word` is E flag and index.
    fn control(at: usize, bytes: &[u8], word: u32) -> Option<Self> {
        let [first, _, _, _, ssrc @ ..] = *bytes.first_chunk::<CONTROL_HEADER_BYTES>()?;
        if first >> 6 != 2 || bytes.len() > MAX_PACKET_BYTES {
            return None;
        }
        let clear = if word & ENCRYPTED == 0 { bytes.len() } else { CONTROL_HEADER_BYTES };
        Some(Self {
            at,
            text: at + clear,
            end: at + bytes.len(),
            ssrc: u32::from_be_bytes(ssrc),
            index: u64::from(word & !ENCRYPTED),
            word,
            control: true,
            moved: 0,
            profile: None,
        })
    }

    /// Notes that CSRCs and extension are encrypted, or `None` when the extension is none for it.
    fn use_cryptex(
        &mut self,
        bytes: &[u8],
        order: impl Fn(([u8; 2], [u8; 2])) -> ([u8; 2], [u8; 2]),
    ) -> Option<()> {
        if bytes[0] & 0x10 == 0 {
            return None;
        }
        let moved = WORD_BYTES * usize::from(bytes[0] & 15);
        let profile = bytes[FIXED_HEADER_BYTES + moved..].first_chunk()?;
        let mut pairs = CRYPTEX_PROFILES.into_iter().map(order);
        let (_, other) = pairs.find(|(one, _)| one == profile)?;
        self.moved = moved;
        self.profile = Some(other);
        self.text = self.at + FIXED_HEADER_BYTES + WORD_BYTES;
        Some(())
    }

    /// Writes the other "defined by profile", if Cryptex is used.
    pub(super) fn exchange_profile(&self, memory: &mut [u8]) {
        if let Some(profile) = self.profile {
            let to = self.at + FIXED_HEADER_BYTES + self.moved;
            memory[to..to + profile.len()].copy_from_slice(&profile);
        }
    }

    /// From the form on the wire to the intermediate one.
    pub(super) fn arrange(&self, memory: &mut [u8]) {
        if self.moved > 0 {
            let parts = self.moving_parts(memory);
            let Some(&word) = parts.last_chunk::<WORD_BYTES>() else { return };
            parts.copy_within(..self.moved, WORD_BYTES);
            parts[..WORD_BYTES].copy_from_slice(&word);
        }
    }

    /// Undoes [`Packet::arrange`].
    pub(super) fn restore(&self, memory: &mut [u8]) {
        if self.moved > 0 {
            let parts = self.moving_parts(memory);
            let Some(&word) = parts.first_chunk::<WORD_BYTES>() else { return };
            parts.copy_within(WORD_BYTES.., 0);
            parts[self.moved..].copy_from_slice(&word);
        }
    }

    fn moving_parts<'a>(&self, memory: &'a mut [u8]) -> &'a mut [u8] {
        let from = self.at + FIXED_HEADER_BYTES;
        &mut memory[from..from + self.moved + WORD_BYTES]
    }

    pub(super) fn text_bytes(&self) -> usize {
        self.end - self.text
    }

    /// Length without tag and index.
    #[expect(clippy::cast_possible_truncation, reason = "at most that of a datagram")]
    pub(super) fn length(&self) -> u32 {
        (self.end - self.at) as u32
    }

    /// Whether it is an RTCP packet that is not encrypted.
    pub(super) fn is_clear_control(&self) -> bool {
        self.control && self.word & ENCRYPTED == 0
    }

    /// SRTCP's index.
    pub(super) fn control_index(&self) -> Option<u32> {
        self.control.then_some(self.word & !ENCRYPTED)
    }

    /// Header, E flag and index of an RTCP packet.
    pub(super) fn control_aad(&self, memory: &[u8]) -> [u8; CONTROL_AAD_BYTES] {
        let mut aad = [0; CONTROL_AAD_BYTES];
        aad[..CONTROL_HEADER_BYTES].copy_from_slice(&memory[self.at..][..CONTROL_HEADER_BYTES]);
        aad[CONTROL_HEADER_BYTES..].copy_from_slice(&self.word.to_be_bytes());
        aad
    }
}
