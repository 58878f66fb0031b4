import type { Candidate, SdpAttribute, SessionDescription } from "../sdp/mod.ts";
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

/** The local description with one more gathered candidate (webrtc-pc §5.6, "surface a candidate"). */
export function addLocalCandidate(
  description: SessionDescription,
  usernameFragment: string,
  candidate: Candidate,
): SessionDescription {
  const [index] = sectionsOfGeneration(description, usernameFragment);
  if (index === undefined) return description;
  return replaceSection(description, index, [candidate], false);
}

/** The local description with `a=end-of-candidates` for one generation. */
export function endLocalCandidates(
  description: SessionDescription,
  usernameFragment: string,
): SessionDescription {
  const [index] = sectionsOfGeneration(description, usernameFragment);
  return index === undefined ? description : replaceSection(description, index, [], true);
}

function replaceSection(
  description: SessionDescription,
  index: number,
  candidates: readonly Candidate[],
  complete: boolean,
): SessionDescription {
  const media = [...description.media];
  media[index] = withCandidates(media[index]!, candidates, complete);
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
