//! What is known of one RTP packet (RFC 3550, RFC 8285) as one row of numbers. `src/rtp` has the same
//! columns and a parser that fills them in the same way.

/// Numbers per row.
pub const COLUMNS: usize = 31;

/// One packet.
pub type Row = [u32; COLUMNS];

/// Column: offset of the packet in its memory.
pub const AT: usize = 0;
/// Column: length of the packet, bytes.
pub const LENGTH: usize = 1;
/// Column: SRTP's rollover counter, or the index of an SRTCP packet.
pub const INDEX: usize = 2;
/// Column: [`REFUSED`], [`OK`] or [`MALFORMED`].
pub const STATUS: usize = 3;

/// Status: the authentication tag is wrong.
pub const REFUSED: u32 = 0;
/// Status: well.
pub const OK: u32 = 1;
/// Status: not what it claims to be, or outside of the memory.
pub const MALFORMED: u32 = 2;

// Further columns: the first two bytes of the header, its other fields, where the payload is and how
// long its padding, the header extension's profile and place, and how many elements that has.
const FLAGS: usize = 4;
const SEQUENCE: usize = 5;
const TIMESTAMP: usize = 6;
const SSRC: usize = 7;
const PAYLOAD_AT: usize = 8;
const PAYLOAD_LENGTH: usize = 9;
const PADDING_LENGTH: usize = 10;
const EXTENSION_PROFILE: usize = 11;
const EXTENSION_AT: usize = 12;
const EXTENSION_LENGTH: usize = 13;
const ELEMENT_COUNT: usize = 14;
/// Identifier (8 bits), length (8 bits) and offset from the beginning of the packet of each element.
const ELEMENTS: usize = 15;

/// RFC 3550 §5.1: the header without its list of contributing sources.
const FIXED_HEADER_BYTES: usize = 12;

/// RFC 3550 §5.3.1: profile and length of a header extension.
const EXTENSION_HEADER_BYTES: usize = 4;

/// RFC 8285 §4.2.
const ONE_BYTE_PROFILE: u16 = 0xbede;

/// Offsets of elements have 16 bits; no datagram is longer.
const MAX_PACKET_BYTES: usize = 0xffff;

/// Of a packet that passed the checks of RFC 3550 appendix A.1.
struct Header<'a> {
    /// Everything in front of the payload, bytes.
    length: usize,
    /// The header extension's profile and data.
    extension: Option<(u16, &'a [u8])>,
}

impl<'a> Header<'a> {
    fn new(packet: &'a [u8]) -> Option<Self> {
        let (&first, _) = packet.split_first()?;
        let sources = usize::from(first & 0x0f);
        let mut length = FIXED_HEADER_BYTES + 4 * sources;
        if first >> 6 != 2 {
            return None;
        }
        let rest = packet.get(length..)?;
        if first & 0x10 == 0 {
            return Some(Self { length, extension: None });
        }
        let (&[profile_1, profile_2, words_1, words_2], data) = rest.split_first_chunk()?;
        let bytes = 4 * usize::from(u16::from_be_bytes([words_1, words_2]));
        let data = data.get(..bytes)?;
        length += EXTENSION_HEADER_BYTES + bytes;
        Some(Self { length, extension: Some((u16::from_be_bytes([profile_1, profile_2]), data)) })
    }
}

/// Bytes in front of the payload of an RTP packet; `None` for what is no packet of version 2, or whose
/// sources or header extension leave it.
#[must_use]
pub fn header_length(packet: &[u8]) -> Option<usize> {
    Header::new(packet).map(|header| header.length)
}

/// Fills the columns behind [`STATUS`] for a packet that lies at `at`. `false`, with the row untouched,
/// for what RFC 3550 appendix A.1 refuses. Elements that a row has no room for are counted only; what
/// follows the listed ones in a row stays as it was.
#[must_use]
pub fn parse(packet: &[u8], at: usize, row: &mut Row) -> bool {
    let Some(header) = Header::new(packet) else { return false };
    if packet.len() > MAX_PACKET_BYTES {
        return false;
    }
    let payload = packet.len() - header.length;
    let mut padding = 0;
    if packet[0] & 0x20 != 0 {
        let last = packet.last().copied().unwrap_or(0);
        padding = usize::from(last);
        if padding == 0 || padding > payload {
            return false;
        }
    }
    let number = |at: usize| {
        let bytes = packet.get(at..).and_then(<[u8]>::first_chunk);
        u32::from_be_bytes(*bytes.unwrap_or(&[0; 4]))
    };
    row[FLAGS] = number(0) >> 16;
    row[SEQUENCE] = number(0) & 0xffff;
    row[TIMESTAMP] = number(4);
    row[SSRC] = number(8);
    row[PAYLOAD_AT] = column(at + header.length);
    row[PAYLOAD_LENGTH] = column(payload - padding);
    row[PADDING_LENGTH] = column(padding);
    if let Some((profile, data)) = header.extension {
        let data_from = header.length - data.len();
        row[EXTENSION_PROFILE] = u32::from(profile);
        row[EXTENSION_AT] = column(at + data_from);
        row[EXTENSION_LENGTH] = column(data.len());
        list_elements(profile, data, data_from, row);
    } else {
        row[EXTENSION_PROFILE..=ELEMENT_COUNT].fill(0);
    }
    true
}

/// Parses the packets that rows describe with [`AT`] and [`LENGTH`], and sets [`STATUS`].
pub fn parse_all(memory: &[u8], rows: &mut [Row]) {
    for row in rows {
        let at = row[AT] as usize;
        let packet = memory.get(at..).and_then(|rest| rest.get(..row[LENGTH] as usize));
        let good = packet.is_some_and(|packet| parse(packet, at, row));
        row[STATUS] = if good { OK } else { MALFORMED };
    }
}

/// Linear memory has 32-bit addresses, and so have the offsets in it.
#[expect(clippy::cast_possible_truncation)]
const fn column(offset: usize) -> u32 {
    offset as u32
}

/// Lists the elements of RFC 8285's one-byte form (§4.2) or two-byte form (§4.3). What does not fit
/// ends the list.
///
/// ```text
///  0 1 2 3 4 5 6 7            0                   1
/// +-+-+-+-+-+-+-+-+           0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
/// |  ID   |  len  |          +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// +-+-+-+-+-+-+-+-+          |       ID      |     length    |
///                            +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// len + 1 bytes follow       length bytes follow
/// ```
fn list_elements(profile: u16, data: &[u8], data_from: usize, row: &mut Row) {
    let one_byte = profile == ONE_BYTE_PROFILE;
    let mut count = 0;
    let mut at = 0;
    // The appbits of the two-byte form are in the profile's lower 4 bits.
    while (one_byte || profile >> 4 == 0x100) && at < data.len() {
        let head = data[at];
        at += 1;
        if head == 0 {
            continue;
        }
        let (id, length) = if one_byte {
            (head >> 4, (head & 0x0f) + 1)
        } else {
            let Some(length) = data.get(at) else { break };
            at += 1;
            (head, *length)
        };
        let end = at + usize::from(length);
        if end > data.len() || (one_byte && matches!(id, 0 | 15)) {
            break;
        }
        if let Some(element) = row.get_mut(ELEMENTS + count) {
            let place = column(data_from + at);
            *element = u32::from(id) << 24 | u32::from(length) << 16 | place;
        }
        count += 1;
        at = end;
    }
    row[ELEMENT_COUNT] = column(count);
}
