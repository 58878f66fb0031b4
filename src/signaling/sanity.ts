/** Whether what members say to each other can be what it claims: SDP and candidates. */
import { parseCandidate, SdpError, tryParseSdp } from "../sdp/mod.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { CandidateJson, DescriptionJson } from "./messages.ts";

const OCTET = "(?:[1-9]?\\d|1\\d\\d|2[0-4]\\d|25[0-5])";
const ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`;
const PORT = "(?:[1-9]\\d{0,3}|[1-5]\\d{4})";

/**
 * What browsers write, and nothing that the grammar refuses: it is recognized many times faster than
 * it is parsed. Numbers stop short of their bounds; whatever does not match is parsed.
 */
export const USUAL_CANDIDATE: RegExp = new RegExp(
  "^candidate:[A-Za-z0-9+/]{1,32} [12] udp (?:[1-9]\\d{0,8}|1\\d{9}|2(?:0\\d|1[0-3])\\d{7}) " +
    `${ADDRESS} ${PORT} typ (?:host|srflx|prflx|relay)(?: raddr ${ADDRESS} rport ${PORT})?` +
    "(?: (?:generation|ufrag|network-id|network-cost) [A-Za-z0-9+/]+)*$",
);

/** Why a message is refused. */
export interface Refusal {
  /** For programs. */
  readonly code: SignalingErrorCode;
  /** For people. */
  readonly message: string;
}

/** Every line of the description keeps its grammar (RFC 8866); a rollback has no lines. */
export function checkDescription(description: DescriptionJson): Refusal | undefined {
  if (description.type === "rollback") return undefined;
  const result = tryParseSdp(description.sdp);
  return result.ok ? undefined : { code: "bad-sdp", message: result.error.message };
}

/** The candidate keeps its grammar (RFC 8839 §5.1); `null` and empty end the candidates. */
export function checkCandidate(candidate: CandidateJson | null): Refusal | undefined {
  if (candidate === null || candidate.candidate === "") return undefined;
  if (USUAL_CANDIDATE.test(candidate.candidate)) return undefined;
  try {
    parseCandidate(candidate.candidate);
    return undefined;
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    return { code: "bad-candidate", message: error.message };
  }
}
