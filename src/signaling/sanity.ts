/** Whether what members say to each other can be what it claims: SDP and candidates. */
import { parseCandidate, SdpError, tryParseSdp } from "../sdp/mod.ts";
import type { SignalingErrorCode } from "./errors.ts";
import type { CandidateJson, DescriptionJson } from "./messages.ts";

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
  try {
    parseCandidate(candidate.candidate);
    return undefined;
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    return { code: "bad-candidate", message: error.message };
  }
}
