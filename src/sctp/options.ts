import type { Entropy } from "../base/mod.ts";
import { SctpError } from "./errors.ts";

/** How an association is set up. */
export interface SctpOptions {
  /** Source of tags and initial numbers. */
  readonly entropy: Entropy;
  /** Our `a=sctp-port`. */
  readonly localPort: number;
  /** The peer's `a=sctp-port`. */
  readonly remotePort: number;
  /** Our `a=max-message-size`: larger messages end the association. 0: as large as memory allows. */
  readonly maxMessageSize: number;
  /** The peer's `a=max-message-size` (RFC 8841 §6). 0: no limit. */
  readonly remoteMaxMessageSize: number;
  /** Bytes of an SCTP packet that passes on every path; a multiple of four is used. */
  readonly maxPacketSize: number;
  /** Accept, and when the peer does, send packets without checksum: DTLS is below (default false). */
  readonly zeroChecksum?: boolean | undefined;
  /**
   * CRC32c of `bytes[at…end]`, as an unsigned number, for long packets that are sent with a checksum;
   * by default it is computed here.
   */
  readonly crc32c?: ((bytes: Uint8Array, at: number, end: number) => number) | undefined;
  /** Use I-DATA when the peer knows it, too (default true). */
  readonly interleaving?: boolean | undefined;
  /** Offer PAD, and when the peer does, probe for larger packets than `maxPacketSize` (default true). */
  readonly padding?: boolean | undefined;
  /** Memory for received data that is not delivered yet, bytes (default 5 MiB). */
  readonly receiveBufferBytes?: number | undefined;
  /** Memory for messages that are not sent yet, bytes (default 16 MiB). */
  readonly sendBufferBytes?: number | undefined;
  /** Timeouts in a row after which the association ends (default: never). */
  readonly maxRetransmissions?: number | undefined;
  /** Idle time after which a HEARTBEAT is sent, milliseconds (default 30 s). */
  readonly heartbeatIntervalMs?: number | undefined;
  /** Numbers to begin with, for tests of their wrap. Both sides must begin messages alike. */
  readonly initialNumbers?: InitialNumbers | undefined;
}

/** Where sequence numbers begin. */
export interface InitialNumbers {
  /** First TSN, and first RE-CONFIG request number (default: random). */
  readonly tsn?: number | undefined;
  /** First stream sequence number or message identifier of every stream (default: 0). */
  readonly message?: number | undefined;
}

/** Chromium's receive buffer: a large message, and the window of a fast path. */
export const RECEIVE_BUFFER_BYTES: number = 5 * 1024 * 1024;

/** Chromium's limit of a data channel's send queue, beyond which `send()` throws. */
export const SEND_BUFFER_BYTES: number = 16 * 1024 * 1024;

/** RFC 9260 §8.3, §16: HB.interval. */
export const HEARTBEAT_INTERVAL_MS = 30_000;

/** Chromium's T1-init and T1-cookie, milliseconds; doubled each time, like T3-rtx. */
export const HANDSHAKE_TIMEOUT_MS = 1000;

/** Chromium's T2-shutdown, milliseconds. */
export const SHUTDOWN_TIMEOUT_MS = 1000;

/** RFC 8831 §6.2 asks for 65535: every identifier of a data channel. */
export const STREAMS = 0xffff;

/** Smallest packet that holds every control chunk of ours. */
const MIN_PACKET_BYTES = 512;

/** What the largest message needs beside its bytes at most, while it is put together: see FragmentRun. */
const ASSEMBLY_BYTES = 32 * 1024;

/** RFC 9260 §3.3.2: a receive window may not be smaller. */
export const MIN_WINDOW_BYTES = 1500;

/**
 * Checks what cannot work.
 *
 * @throws {SctpError} `invalid-option`
 */
export function checkOptions(options: SctpOptions): void {
  const { maxPacketSize, maxMessageSize, localPort, remotePort } = options;
  const window = options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES;
  const fault = maxPacketSize < MIN_PACKET_BYTES
    ? `maxPacketSize ${maxPacketSize} is below ${MIN_PACKET_BYTES}`
    : window < 2 * MIN_WINDOW_BYTES ||
        window < maxMessageSize + Math.min(maxMessageSize, ASSEMBLY_BYTES)
    ? `receiveBufferBytes ${window} does not hold a message of ${maxMessageSize} bytes`
    : !isPort(localPort) || !isPort(remotePort)
    ? `ports ${localPort}, ${remotePort} must be 1 … 65535`
    : undefined;
  if (fault !== undefined) throw new SctpError("invalid-option", fault);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 0xffff;
}
