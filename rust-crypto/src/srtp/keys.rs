//! Session keys of RTP or of RTCP, and what is done with them to one packet or to some side by side.

use alloc::boxed::Box;

use super::packet::Packet;
use crate::block::{BLOCK_BYTES, Block, xor_all};
use crate::ctr::{CtrKey, Keystream, Workspace, counter_block};
use crate::ghash::{self, GhashKey};
use crate::memory::{try_box, wipe};
use crate::sha1::{self, HmacKey, SIDE_BY_SIDE, Scratch};

/// Packets that are authenticated together.
pub(super) const LANES: usize = ghash::LANES;

/// What makes tags.
enum Auth {
    Hmac(HmacKey),
    Ghash(Box<GhashKey>),
}

pub(super) struct Keys {
    ctr: CtrKey,
    /// With zeros behind it.
    salt: Block,
    auth: Auth,
    tag_bytes: usize,
    /// An index that keeps the bytes of a tag and zeroes those that are cut off.
    truncation: Block,
    /// What is behind a packet: the tag, and the index of SRTCP.
    pub(super) trailer_bytes: u32,
    /// Whether these are the keys of SRTCP.
    pub(super) control: bool,
}

impl Drop for Keys {
    fn drop(&mut self) {
        wipe(core::slice::from_mut(&mut self.salt));
    }
}

impl Keys {
    /// Keys that have not been set.
    pub(super) const ZERO: Self = Self {
        ctr: CtrKey::ZERO,
        salt: Block::ZERO,
        auth: Auth::Hmac(HmacKey::ZERO),
        tag_bytes: 0,
        truncation: Block::ZERO,
        trailer_bytes: 0,
        control: false,
    };

    /// Sets key, salt, and what is left of the bytes, the key of HMAC; GCM has none. `None` for want
    /// of memory.
    pub(super) fn set(
        &mut self,
        bytes: &[u8],
        key_bytes: usize,
        salt_bytes: usize,
        tag_bytes: usize,
        control: bool,
    ) -> Option<()> {
        let (key, rest) = bytes.split_at_checked(key_bytes)?;
        let (salt, auth_key) = rest.split_at_checked(salt_bytes)?;
        self.ctr.set(key);
        self.salt = Block::load_padded(salt, 0);
        if auth_key.is_empty() {
            let mut hash_key = self.ctr.encrypt(Block::ZERO);
            let mut ghash = try_box(GhashKey::ZERO)?;
            ghash.set(hash_key);
            wipe(core::slice::from_mut(&mut hash_key));
            self.auth = Auth::Ghash(ghash);
        } else if let Auth::Hmac(hmac) = &mut self.auth {
            hmac.set(auth_key);
        }
        let mut kept = [0x80; BLOCK_BYTES];
        for (at, index) in (0..).zip(&mut kept[..tag_bytes]) {
            *index = at;
        }
        self.truncation = Block::load(&kept);
        self.tag_bytes = tag_bytes;
        self.trailer_bytes = u32::try_from(tag_bytes).ok()? + if control { 4 } else { 0 };
        self.control = control;
        Some(())
    }

    /// Whether tags are made with GHASH, over what is encrypted.
    #[inline(always)]
    pub(super) fn is_aead(&self) -> bool {
        matches!(self.auth, Auth::Ghash(_))
    }

    /// Where E flag and index of SRTCP are in the trailer: in front of a tag of HMAC (RFC 3711 §3.4),
    /// and behind one of GCM (RFC 7714 §9).
    pub(super) fn word_at(&self) -> usize {
        if self.is_aead() { self.tag_bytes } else { 0 }
    }

    fn tag_at(&self, packet: &Packet) -> usize {
        packet.end + if self.control && !self.is_aead() { 4 } else { 0 }
    }

    /// The counter block whose counter is zero (RFC 3711 §4.1.1, RFC 7714 §8.1 and §9.1): the salt, and
    /// XORed to it, in front of the 16 or 32 bits that count, SSRC and index.
    #[inline(always)]
    fn initial(&self, packet: &Packet) -> Block {
        let (ssrc, index) = (u128::from(packet.ssrc), u128::from(packet.index));
        let together = ssrc << 48 | index;
        self.salt ^ Block::from_number(if self.is_aead() { together << 32 } else { together << 16 })
    }

    /// Blocks of keystream that a packet needs. In GCM, the first one, whose counter is 1, masks the tag
    /// (NIST SP 800-38D §7.1).
    pub(super) fn blocks(&self, packet: &Packet) -> usize {
        packet.text_bytes().div_ceil(BLOCK_BYTES) + usize::from(self.is_aead())
    }

    /// Writes the counter blocks of a packet.
    pub(super) fn write_counters(&self, packet: &Packet, blocks: &mut [[u8; BLOCK_BYTES]]) {
        let initial = self.initial(packet);
        for (counter, block) in (u32::from(self.is_aead())..).zip(blocks) {
            counter_block(initial, counter).store(block);
        }
    }

    /// XORs keystream into the text of a packet and returns the mask of its tag, which is zero in counter
    /// mode; or returns `None` and does not, when `expected` is not the mask, as far as tags go.
    #[inline(never)]
    pub(super) fn crypt(
        &self,
        packet: &Packet,
        memory: &mut [u8],
        work: &mut Workspace,
        given: Option<&[[u8; BLOCK_BYTES]]>,
        expected: Option<Block>,
    ) -> Option<Block> {
        let text = &mut memory[packet.text..packet.end];
        // One comparison of all bits: time does not tell how many of them agree.
        let wrong = |mask: Block| {
            expected.is_some_and(|expected| !(mask ^ expected).lookup(self.truncation).is_zero())
        };
        let aead = self.is_aead();
        if let Some(blocks) = given {
            let (mask, rest) = if aead { blocks.split_first()? } else { (&[0; 16], blocks) };
            let mask = Block::load(mask);
            if wrong(mask) {
                return None;
            }
            xor_all(text, rest.iter().map(Block::load));
            return Some(mask);
        }
        let wanted = self.blocks(packet);
        if !aead && wrong(Block::ZERO) {
            return None;
        }
        if wanted == 0 {
            return Some(Block::ZERO);
        }
        let first = u32::from(aead);
        let mut stream = Keystream::new(&self.ctr, work, self.initial(packet), first, wanted);
        let mask = if aead { stream.block() } else { Block::ZERO };
        if aead && wrong(mask) {
            return None;
        }
        stream.apply(text);
        Some(mask)
    }

    /// The tags of up to [`LANES`] packets, those of GCM without their masks.
    pub(super) fn tags(
        &mut self,
        scratch: &mut Scratch,
        memory: &[u8],
        packets: &[Option<Packet>],
        tags: &mut [Block],
    ) {
        match &mut self.auth {
            Auth::Hmac(key) => hmac_tags(key, scratch, memory, packets, tags),
            Auth::Ghash(key) if self.control => ghash_control_tags(key, memory, packets, tags),
            Auth::Ghash(key) => ghash_tags(key, memory, packets, tags),
        }
    }

    /// The tag that a packet came with.
    pub(super) fn received_tag(&self, packet: &Packet, memory: &[u8]) -> Block {
        Block::load_padded(memory, self.tag_at(packet))
    }

    /// Writes the tag, and in SRTCP E flag and index.
    pub(super) fn write_trailer(&self, packet: &Packet, memory: &mut [u8], tag: Block) {
        let tag = tag.to_bytes();
        let to = &mut memory[self.tag_at(packet)..];
        // Copies of lengths that the compiler knows.
        match self.tag_bytes {
            4 => copy::<4>(to, &tag),
            10 => copy::<10>(to, &tag),
            _ => copy::<16>(to, &tag),
        }
    }

    /// Writes E flag and index of SRTCP.
    pub(super) fn write_word(&self, packet: &Packet, memory: &mut [u8]) {
        if self.control
            && let Some(to) = memory[packet.end + self.word_at()..].first_chunk_mut()
        {
            *to = packet.word.to_be_bytes();
        }
    }
}

fn copy<const BYTES: usize>(to: &mut [u8], tag: &[u8; BLOCK_BYTES]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<BYTES>(), tag.first_chunk()) {
        *to = *from;
    }
}

/// RFC 3711 §4.2: over the packet and ROC, or the packet with E flag and index.
fn hmac_tags(
    key: &HmacKey,
    scratch: &mut Scratch,
    memory: &[u8],
    packets: &[Option<Packet>],
    tags: &mut [Block],
) {
    for (packets, tags) in packets.chunks(SIDE_BY_SIDE).zip(tags.chunks_mut(SIDE_BY_SIDE)) {
        let mut messages = [sha1::Message::default(); SIDE_BY_SIDE];
        for (message, packet) in messages.iter_mut().zip(packets) {
            if let Some(packet) = packet {
                message.body = &memory[packet.at..packet.end];
                message.suffix = Some(packet.word.to_be_bytes());
            }
        }
        key.sign_all(scratch, &messages[..packets.len()], tags);
    }
}

/// RFC 7714 §8.2: over the header and the encrypted text.
fn ghash_tags(key: &mut GhashKey, memory: &[u8], packets: &[Option<Packet>], tags: &mut [Block]) {
    let mut messages = [ghash::Message::default(); LANES];
    for (message, packet) in messages.iter_mut().zip(packets) {
        if let Some(packet) = packet {
            message.aad = &memory[packet.at..packet.text];
            message.text = &memory[packet.text..packet.end];
        }
    }
    key.hash_all(&messages[..packets.len()], tags);
}

/// RFC 7714 §9.2 and §9.3: over the header with E flag and index, and the encrypted text.
fn ghash_control_tags(
    key: &GhashKey,
    memory: &[u8],
    packets: &[Option<Packet>],
    tags: &mut [Block],
) {
    for (packet, tag) in packets.iter().zip(tags) {
        let Some(packet) = packet else { continue };
        let aad = packet.control_aad(memory);
        let aad = if packet.is_clear_control() { &memory[packet.at..packet.end + 4] } else { &aad };
        *tag = key.hash(&ghash::Message { aad, text: &memory[packet.text..packet.end] });
    }
}
