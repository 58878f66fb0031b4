import { SternaError } from "../base/mod.ts";

/** What a caller of the RTP codecs did wrong, for programs. Bytes of a peer never cause one. */
export type RtpErrorCode =
  /** The lent buffer cannot hold the packet. */
  | "buffer-too-small"
  /** A value has a length or a range that its field does not allow. */
  | "invalid-value";

/** A fault of the caller of the RTP codecs. */
export class RtpError extends SternaError<RtpErrorCode> {}

/** Makes sure that `length` bytes fit in at `out[at]`, as writes behind the end would be lost. */
export function requireRoom(out: Uint8Array, at: number, length: number): void {
  if (at + length <= out.length) return;
  throw new RtpError(
    "buffer-too-small",
    `${length} bytes are to be written, the buffer has room for ${Math.max(0, out.length - at)}`,
  );
}

/** Makes sure that `value` is a whole number of `0 … max`. */
export function requireRange(value: number, max: number, name: string): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RtpError("invalid-value", `${name} is ${value}, the limits are 0 and ${max}`);
}
