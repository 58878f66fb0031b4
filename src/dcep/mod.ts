/**
 * Floor 2: the Data Channel Establishment Protocol (RFC 8832) and the payload protocol identifiers of
 * data channels (RFC 8831 §8). Pure functions over bytes.
 *
 * @module
 */
export { SternaError } from "../base/mod.ts";
export { type DataChannelAck, writeDataChannelAck } from "./data_channel_ack.ts";
export {
  type DataChannelOpen,
  OPEN_HEADER_BYTES,
  parseDataChannelOpen,
  writeDataChannelOpen,
} from "./data_channel_open.ts";
export { DcepError, type DcepErrorCode } from "./errors.ts";
export { type DcepMessage, parseDcepMessage } from "./message.ts";
export { PPID } from "./ppid.ts";
