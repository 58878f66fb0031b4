/**
 * Coordination of video orientation (3GPP TS 26.114 §7.4.5): how a picture is to be turned for display.
 *
 * ```text
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |0 0 0 0 C F  R |
 * +-+-+-+-+-+-+-+-+
 * ```
 */
export interface VideoOrientation {
  /** C: whether the camera faces away from the user. */
  readonly backCamera: boolean;
  /** F: whether the picture is to be flipped horizontally, after it is turned. */
  readonly flip: boolean;
  /** R: degrees by which the receiver turns the picture clockwise. */
  readonly rotation: 0 | 90 | 180 | 270;
}

/** Length of the element's data, bytes. */
export const VIDEO_ORIENTATION_BYTES = 1;

const ROTATIONS = [0, 90, 180, 270] as const;

/** Reads an element's data of `length` bytes at `bytes[at]`; `undefined` when the length is wrong. */
export function readVideoOrientation(
  bytes: Uint8Array,
  at: number,
  length: number,
): VideoOrientation | undefined {
  if (length !== VIDEO_ORIENTATION_BYTES) return undefined;
  const value = bytes[at]!;
  return {
    backCamera: (value & 8) !== 0,
    flip: (value & 4) !== 0,
    rotation: ROTATIONS[value & 3]!,
  };
}

/** Writes an element's data at `out[at]` and returns the offset behind it. */
export function writeVideoOrientation(
  orientation: VideoOrientation,
  out: Uint8Array,
  at: number,
): number {
  const { backCamera, flip, rotation } = orientation;
  out[at] = (backCamera ? 8 : 0) | (flip ? 4 : 0) | (rotation / 90);
  return at + 1;
}
