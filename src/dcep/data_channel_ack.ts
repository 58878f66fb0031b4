/**
 * DATA_CHANNEL_ACK (RFC 8832 §5.2).
 *
 * ```text
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * | Message Type  |   0x02
 * +-+-+-+-+-+-+-+-+
 * ```
 */
export interface DataChannelAck {
  /** Which message this is. */
  readonly type: "ack";
}

/** RFC 8832 §8.2.1: DATA_CHANNEL_ACK. */
export const MESSAGE_TYPE_ACK = 0x02;

/** Writes the message at `out[at]` and returns the offset behind it. */
export function writeDataChannelAck(out: Uint8Array, at: number): number {
  out[at] = MESSAGE_TYPE_ACK;
  return at + 1;
}
