/**
 * What is known of one RTP packet of a batch, as one row of numbers: the Rust core fills the same
 * columns in the call that decrypts the packet.
 */

/** Column: offset of the packet in the memory of its batch. */
export const RTP_AT = 0;
/** Column: length of the packet, bytes. */
export const RTP_LENGTH = 1;
/** Column: SRTP's rollover counter, or the index of an SRTCP packet without its flag. */
export const RTP_INDEX = 2;
/** Column: outcome of SRTP, one of its statuses. */
export const RTP_STATUS = 3;
/** Column: the first two bytes of the header: version, padding, extension, CSRC count, marker, type. */
export const RTP_FLAGS = 4;
/** Column: sequence number. */
export const RTP_SEQUENCE = 5;
/** Column: timestamp. */
export const RTP_TIMESTAMP = 6;
/** Column: synchronization source. */
export const RTP_SSRC = 7;
/** Column: offset of the payload in the memory of the batch. */
export const RTP_PAYLOAD_AT = 8;
/** Column: length of the payload without its padding, bytes. */
export const RTP_PAYLOAD_LENGTH = 9;
/** Column: length of the padding, bytes. */
export const RTP_PADDING_LENGTH = 10;
/** Column: the 16 bits "defined by profile" before a header extension; 0 when there is none. */
export const RTP_EXTENSION_PROFILE = 11;
/** Column: offset of the header extension's data in the memory of the batch; 0 when there is none. */
export const RTP_EXTENSION_AT = 12;
/** Column: length of the header extension's data, bytes. */
export const RTP_EXTENSION_LENGTH = 13;
/** Column: how many well-formed elements the extension has (RFC 8285), listed here or not. */
export const RTP_ELEMENT_COUNT = 14;
/**
 * Column: the first element, followed by the others: its identifier in the upper 8 bits, the length of
 * its data in the next 8, and the offset of its data from the beginning of the packet in the lower 16.
 */
export const RTP_ELEMENTS = 15;
/** Elements that a row has room for: all of the one-byte identifiers, and some. */
export const RTP_MAX_ELEMENTS = 16;
/** Columns per row. */
export const RTP_COLUMNS = 31;
