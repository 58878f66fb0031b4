import { readU32 } from "../base/mod.ts";
import {
  RTCP_FEEDBACK,
  RTCP_FEEDBACK_HEADER_BYTES,
  RTCP_TYPE,
  writeFeedbackHeader,
} from "./rtcp_header.ts";

/**
 * Picture loss indication: a decoder has lost its reference (RFC 4585 §6.3.1). It is the header of
 * feedback and nothing else.
 */
export interface PictureLossIndication {
  /** Which packet this is. */
  readonly type: "pli";
  /** Who lost the picture. */
  readonly senderSsrc: number;
  /** The stream of the picture. */
  readonly mediaSsrc: number;
}

/** Reads the packet at `bytes[at … end)`; `undefined` when it has another length than its header. */
export function parsePictureLossIndication(
  bytes: Uint8Array,
  at: number,
  end: number,
): PictureLossIndication | undefined {
  if (end - at !== RTCP_FEEDBACK_HEADER_BYTES) return undefined;
  return { type: "pli", senderSsrc: readU32(bytes, at + 4), mediaSsrc: readU32(bytes, at + 8) };
}

/**
 * Writes the packet at `out[at]` and returns the offset behind it.
 *
 * @throws {RtpError} `buffer-too-small`
 */
export function writePictureLossIndication(
  pli: PictureLossIndication,
  out: Uint8Array,
  at: number,
): number {
  return writeFeedbackHeader(
    RTCP_FEEDBACK.pictureLossIndication,
    RTCP_TYPE.payloadFeedback,
    RTCP_FEEDBACK_HEADER_BYTES,
    pli.senderSsrc,
    pli.mediaSsrc,
    out,
    at,
  );
}
