import {
  attributes,
  type Candidate,
  formatCandidate,
  type SdpAttribute,
  type SessionDescription,
} from "../sdp/mod.ts";
import { withCandidates } from "./jsep_local.ts";
import { usernameFragmentAt } from "./jsep_transport.ts";

/** The sections whose ICE generation has that username fragment. */
export function sectionsOfGeneration(
  description: SessionDescription,
  usernameFragment: string,
): number[] {
  return description.media.flatMap((section, index) =>
    section.media.port !== 0 && usernameFragmentAt(description, index) === usernameFragment
      ? [index]
      : []
  );
}

/**
 * The local description with the gathered candidates that it lacks (webrtc-pc §5.6, "surface a
 * candidate"), and with `a=end-of-candidates` when there will be no more.
 */
export function fillLocalCandidates(
  description: SessionDescription,
  usernameFragment: string,
  gathered: readonly Candidate[],
  complete: boolean,
): SessionDescription {
  const [index] = sectionsOfGeneration(description, usernameFragment);
  if (index === undefined) return description;
  const section = description.media[index]!;
  const known = new Set(
    attributes(section, "candidate").map((line) => formatCandidate(line.candidate)),
  );
  const missing = gathered.filter((candidate) => !known.has(formatCandidate(candidate)));
  if (missing.length === 0 && !complete) return description;
  const media = [...description.media];
  media[index] = withCandidates(section, missing, complete);
  return { ...description, media };
}

/**
 * A remote description with what `addIceCandidate` brought. Port and address stay as the peer sent
 * them.
 *
 * @param candidate `undefined` for an end-of-candidates indication
 */
export function addRemoteCandidate(
  description: SessionDescription,
  index: number,
  candidate: Candidate | undefined,
): SessionDescription {
  const section = description.media[index]!;
  const line: SdpAttribute = candidate === undefined
    ? { name: "end-of-candidates" }
    : { name: "candidate", candidate };
  if (candidate === undefined && section.attributes.some(({ name }) => name === line.name)) {
    return description;
  }
  const media = [...description.media];
  media[index] = { ...section, attributes: [...section.attributes, line] };
  return { ...description, media };
}
