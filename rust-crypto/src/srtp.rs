//! SRTP and SRTCP (RFC 3711) with AES in counter mode and HMAC-SHA1, or with AES-GCM (RFC 7714), in
//! batches over one stretch of memory: `src/srtp/cipher.ts` says what is asked of a cipher, and
//! [`rtp_row`] what a row is.
//!
//! A packet is worked on where it lies. When sending, its tag is written behind it, and never more than
//! [`TAILROOM_BYTES`] are written there. What a row names outside of the memory is malformed.

use alloc::boxed::Box;

use crate::block::Block;
use crate::ctr::Workspace;
use crate::memory::try_box;
use crate::rtp_row::{self, INDEX, LENGTH, MALFORMED, OK, REFUSED, Row, STATUS};
use crate::sha1::Scratch;

mod keys;
mod packet;

use keys::{Keys, LANES};
use packet::Packet;

/// What may be written behind a packet: the longest tag, and the index of SRTCP.
pub const TAILROOM_BYTES: usize = 20;

/// Memory to work with: lent, because to begin with zeros costs as much as a small packet does.
pub struct Work {
    /// Masks of tags to send, or tags that were received.
    blocks: [Block; LANES],
    tags: [Block; LANES],
    keystream: Workspace,
    sha1: Scratch,
}

impl core::fmt::Debug for Work {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Work { .. }")
    }
}

impl Work {
    /// Unused memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            blocks: [Block::ZERO; LANES],
            tags: [Block::ZERO; LANES],
            keystream: Workspace::ZERO,
            sha1: Scratch::ZERO,
        }
    }
}

impl Default for Work {
    fn default() -> Self {
        Self::new()
    }
}

/// Which way packets go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// To be protected.
    Out,
    /// To be unprotected.
    In,
}

/// What sets a protection profile apart.
struct Profile {
    key_bytes: usize,
    salt_bytes: usize,
    auth_key_bytes: usize,
    rtp_tag_bytes: usize,
    rtcp_tag_bytes: usize,
}

impl Profile {
    /// The profile of a number that DTLS gives it (RFC 5764 §4.1.2, RFC 7714 §14.2).
    fn new(number: u32) -> Option<Self> {
        let counter_mode = |rtp_tag_bytes| Self {
            key_bytes: 16,
            salt_bytes: 14,
            auth_key_bytes: 20,
            rtp_tag_bytes,
            // RFC 3711 §5.2: whatever the profile says of RTP.
            rtcp_tag_bytes: 10,
        };
        let gcm = |key_bytes| Self {
            key_bytes,
            salt_bytes: 12,
            auth_key_bytes: 0,
            rtp_tag_bytes: 16,
            rtcp_tag_bytes: 16,
        };
        match number {
            1 => Some(counter_mode(10)),
            2 => Some(counter_mode(4)),
            7 => Some(gcm(16)),
            8 => Some(gcm(32)),
            _ => None,
        }
    }
}

/// How many bytes of session keys a profile has, or `None` for an unknown number.
#[must_use]
pub fn session_key_bytes(profile: u32) -> Option<usize> {
    let profile = Profile::new(profile)?;
    Some(2 * (profile.key_bytes + profile.salt_bytes + profile.auth_key_bytes))
}

/// Session keys of one direction, for RTP and RTCP. They are wiped when they are dropped.
pub struct Srtp {
    rtp: Keys,
    rtcp: Keys,
    /// Whether CSRCs and header extensions are encrypted, too (RFC 9335).
    cryptex: bool,
}

impl core::fmt::Debug for Srtp {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Srtp { .. }")
    }
}

impl Srtp {
    /// Prepares the session keys of a profile (its number in DTLS): key, salt and authentication key
    /// of RTP, then those of RTCP. `None` for another profile or length, and for want of memory.
    #[must_use]
    pub fn new(profile: u32, keys: &[u8], cryptex: bool) -> Option<Box<Self>> {
        let parameters = Profile::new(profile)?;
        if keys.len() != session_key_bytes(profile)? {
            return None;
        }
        let mut prepared = try_box(Self { rtp: Keys::ZERO, rtcp: Keys::ZERO, cryptex })?;
        let Profile { key_bytes, salt_bytes, rtp_tag_bytes, rtcp_tag_bytes, .. } = parameters;
        let (rtp, rtcp) = keys.split_at(keys.len() / 2);
        prepared.rtp.set(rtp, key_bytes, salt_bytes, rtp_tag_bytes, false)?;
        prepared.rtcp.set(rtcp, key_bytes, salt_bytes, rtcp_tag_bytes, true)?;
        Some(prepared)
    }

    /// Encrypts RTP packets and writes their tags.
    pub fn protect(&mut self, work: &mut Work, memory: &mut [u8], rows: &mut [Row]) {
        protect(&mut self.rtp, self.cryptex, work, memory, rows, &mut None);
    }

    /// Checks the tags of RTP packets and decrypts them.
    pub fn unprotect(&mut self, work: &mut Work, memory: &mut [u8], rows: &mut [Row]) {
        unprotect(&mut self.rtp, self.cryptex, work, memory, rows, &mut None);
    }

    /// Encrypts RTCP packets and writes their indices and tags.
    pub fn protect_control(&mut self, work: &mut Work, memory: &mut [u8], rows: &mut [Row]) {
        protect(&mut self.rtcp, false, work, memory, rows, &mut None);
    }

    /// Checks the tags of RTCP packets and decrypts those that are encrypted.
    pub fn unprotect_control(&mut self, work: &mut Work, memory: &mut [u8], rows: &mut [Row]) {
        unprotect(&mut self.rtcp, false, work, memory, rows, &mut None);
    }

    /// Writes the counter blocks of RTP packets one behind another: for each packet that is not
    /// malformed, with GCM the block that masks its tag, then those of what is encrypted of it.
    /// Returns how many bytes they take, or `None` when there are more than `out` has room for.
    pub fn counters(
        &self,
        direction: Direction,
        memory: &[u8],
        rows: &[Row],
        out: &mut [u8],
    ) -> Option<usize> {
        let (mut blocks, _) = out.as_chunks_mut();
        let room = blocks.len();
        for row in rows {
            if let Some(packet) = self.find(direction, memory, row) {
                let (now, later) = blocks.split_at_mut_checked(self.rtp.blocks(&packet))?;
                self.rtp.write_counters(&packet, now);
                blocks = later;
            }
        }
        Some(size_of::<Block>() * (room - blocks.len()))
    }

    /// [`Srtp::protect`] with the encrypted blocks of [`Srtp::counters`]. A packet for which they do
    /// not suffice stays as it is, with the status [`REFUSED`].
    pub fn protect_with(
        &mut self,
        keystream: &[u8],
        work: &mut Work,
        memory: &mut [u8],
        rows: &mut [Row],
    ) {
        let mut blocks = Some(keystream.as_chunks().0);
        protect(&mut self.rtp, self.cryptex, work, memory, rows, &mut blocks);
    }

    /// [`Srtp::unprotect`] with the encrypted blocks of [`Srtp::counters`].
    pub fn unprotect_with(
        &mut self,
        keystream: &[u8],
        work: &mut Work,
        memory: &mut [u8],
        rows: &mut [Row],
    ) {
        let mut blocks = Some(keystream.as_chunks().0);
        unprotect(&mut self.rtp, self.cryptex, work, memory, rows, &mut blocks);
    }

    fn find(&self, direction: Direction, memory: &[u8], row: &Row) -> Option<Packet> {
        match direction {
            Direction::Out => Packet::to_protect(&self.rtp, self.cryptex, memory, row),
            Direction::In => Packet::to_unprotect(&self.rtp, self.cryptex, memory, row),
        }
    }
}

/// Keystream that somebody else has made, if so.
type Given<'a> = Option<&'a [[u8; 16]]>;

/// The blocks of one packet of what is given, or `None` when there are not enough of them.
fn take<'a>(given: &mut Given<'a>, blocks: usize) -> Option<Given<'a>> {
    let Some(left) = given else { return Some(None) };
    let (now, later) = left.split_at_checked(blocks)?;
    *left = later;
    Some(Some(now))
}

fn protect(
    keys: &mut Keys,
    cryptex: bool,
    work: &mut Work,
    memory: &mut [u8],
    rows: &mut [Row],
    given: &mut Given<'_>,
) {
    let Work { blocks: masks, tags, keystream, sha1 } = work;
    let mut packets = [None; LANES];
    for rows in rows.chunks_mut(LANES) {
        let packets = &mut packets[..rows.len()];
        for ((row, packet), mask) in rows.iter_mut().zip(&mut *packets).zip(&mut *masks) {
            *packet = Packet::to_protect(keys, cryptex, memory, row);
            row[STATUS] = MALFORMED;
            let Some(found) = packet else { continue };
            row[STATUS] = REFUSED;
            let Some(blocks) = take(given, keys.blocks(found)) else {
                *packet = None;
                continue;
            };
            found.exchange_profile(memory);
            found.arrange(memory);
            *mask = keys.crypt(found, memory, keystream, blocks, None).unwrap_or(Block::ZERO);
            // GHASH is over what is encrypted, HMAC over what is sent.
            if !keys.is_aead() {
                found.restore(memory);
            }
        }
        keys.tags(sha1, memory, packets, tags);
        for (((row, packet), mask), tag) in rows.iter_mut().zip(&*packets).zip(&*masks).zip(&*tags)
        {
            let Some(packet) = packet else { continue };
            if keys.is_aead() {
                packet.restore(memory);
            }
            keys.write_trailer(packet, memory, *tag ^ *mask);
            keys.write_word(packet, memory);
            row[LENGTH] += keys.trailer_bytes;
            row[STATUS] = OK;
        }
    }
}

fn unprotect(
    keys: &mut Keys,
    cryptex: bool,
    work: &mut Work,
    memory: &mut [u8],
    rows: &mut [Row],
    given: &mut Given<'_>,
) {
    let Work { blocks: received, tags, keystream, sha1 } = work;
    let mut packets = [None; LANES];
    for rows in rows.chunks_mut(LANES) {
        let packets = &mut packets[..rows.len()];
        for ((row, packet), received) in rows.iter_mut().zip(&mut *packets).zip(&mut *received) {
            *packet = Packet::to_unprotect(keys, cryptex, memory, row);
            row[STATUS] = MALFORMED;
            let Some(found) = packet else { continue };
            row[STATUS] = REFUSED;
            *received = keys.received_tag(found, memory);
            if keys.is_aead() {
                found.arrange(memory);
                found.cover_tag(memory);
            }
        }
        // Of all packets before any is decrypted.
        keys.tags(sha1, memory, packets, tags);
        for (((row, packet), received), tag) in
            rows.iter_mut().zip(&*packets).zip(&*received).zip(&*tags)
        {
            let Some(packet) = packet else { continue };
            let blocks = take(given, keys.blocks(packet));
            if keys.is_aead() {
                packet.uncover_tag(memory, *received);
            } else {
                packet.arrange(memory);
            }
            let mask = *tag ^ *received;
            let done =
                blocks.and_then(|blocks| keys.crypt(packet, memory, keystream, blocks, Some(mask)));
            packet.restore(memory);
            if done.is_some() {
                packet.exchange_profile(memory);
                row[STATUS] = accept(packet, memory, row);
            }
        }
    }
}

/// Says in its row what an authentic packet is.
fn accept(packet: &Packet, memory: &mut [u8], row: &mut Row) -> u32 {
    if let Some(index) = packet.control_index() {
        row[INDEX] = index;
    } else if !rtp_row::parse(&memory[packet.at..packet.end], packet.at, row) {
        // Its padding leaves it: nobody is to work with the plaintext.
        memory[packet.at..packet.end].fill(0);
        return MALFORMED;
    }
    row[LENGTH] = packet.length();
    OK
}
