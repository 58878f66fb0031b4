import { RTP_AT, RTP_COLUMNS, RTP_INDEX, RTP_LENGTH, RTP_STATUS } from "../rtp/mod.ts";
import type { SrtpBatch } from "./cipher.ts";
import { SRTP_REFUSED } from "./status.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

/** One packet in memory of the caller's: kept and pointed anew, so that a packet makes no garbage. */
export class OneRowBatch implements SrtpBatch {
  bytes: Uint8Array = NOTHING;
  readonly rows: Uint32Array = new Uint32Array(RTP_COLUMNS);
  count = 1;

  /** Points at the packet `bytes[at … at + length)`. */
  aim(bytes: Uint8Array, at: number, length: number): void {
    this.bytes = bytes;
    this.count = 0;
    this.push(at, length);
  }

  push(at: number, length: number): void {
    this.count = 1;
    this.rows[RTP_AT] = at;
    this.rows[RTP_LENGTH] = length;
    this.rows[RTP_INDEX] = 0;
    this.rows[RTP_STATUS] = SRTP_REFUSED;
  }

  release(): void {
    this.bytes = NOTHING;
  }
}
