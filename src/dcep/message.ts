import { type DataChannelAck, MESSAGE_TYPE_ACK } from "./data_channel_ack.ts";
import {
  type DataChannelOpen,
  MESSAGE_TYPE_OPEN,
  parseDataChannelOpen,
} from "./data_channel_open.ts";

/** A message of the Data Channel Establishment Protocol (RFC 8832 §5). */
export type DcepMessage = DataChannelOpen | DataChannelAck;

/** Reads one message of PPID 50, or `undefined` when it makes no sense. The bytes are not kept. */
export function parseDcepMessage(message: Uint8Array): DcepMessage | undefined {
  switch (message[0]) {
    case MESSAGE_TYPE_OPEN:
      return parseDataChannelOpen(message);
    case MESSAGE_TYPE_ACK:
      // RFC 8832 §5.2 defines one byte; bytes behind it are ignored, so that it can be extended.
      return { type: "ack" };
    default:
      return undefined;
  }
}
