import { isRejected, midOf, type SessionDescription } from "../sdp/mod.ts";
import type { Connection } from "./connection.ts";
import { never } from "./create_description.ts";
import { type RTCIceCandidateInit, tryParseCandidate } from "./ice_candidate.ts";
import { addRemoteCandidate } from "./jsep_candidates.ts";
import { acceptedDataSection } from "./jsep_answer.ts";
import { usernameFragmentAt } from "./jsep_transport.ts";
import { dictionary, nullableString, nullableUnsignedShort } from "./webidl.ts";

/** A candidate argument after WebIDL conversion. */
export interface CandidateArgument {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

/** WebIDL conversion; `null` and nothing mean the end of candidates (webrtc-pc §4.4.2). */
export function readCandidateArgument(
  value: RTCIceCandidateInit | null | undefined,
): CandidateArgument {
  const given = dictionary(value, "candidate");
  return {
    candidate: given.candidate === undefined ? "" : String(given.candidate),
    sdpMid: nullableString(given.sdpMid),
    sdpMLineIndex: nullableUnsignedShort(given.sdpMLineIndex),
    usernameFragment: nullableString(given.usernameFragment),
  };
}

/** The chained steps of `addIceCandidate` (webrtc-pc §4.4.2). */
export async function addIceCandidate(
  connection: Connection,
  argument: CandidateArgument,
): Promise<void> {
  const remote = connection.descriptions.remote;
  if (remote === undefined) {
    throw new DOMException("there is no remote description", "InvalidStateError");
  }
  const { sdpMid, sdpMLineIndex } = argument;
  const sections = sdpMid === null && sdpMLineIndex === null
    ? remote.model.media.map((_, index) => index)
    : [sectionOf(remote.model, sdpMid, sdpMLineIndex)];
  const targets = sections.filter((index) => concerns(connection, remote.model, index));
  if (argument.usernameFragment !== null) {
    checkGeneration(connection, sections, argument.usernameFragment);
  }
  await connection.tasks.turn();
  if (connection.isClosed) return await never();
  for (const index of targets) addTo(connection, index, argument);
}

function sectionOf(
  description: SessionDescription,
  sdpMid: string | null,
  sdpMLineIndex: number | null,
): number {
  if (sdpMid !== null) {
    const index = description.media.findIndex((section) => midOf(section) === sdpMid);
    if (index >= 0) return index;
    throw new DOMException(`no m= section has the tag ${JSON.stringify(sdpMid)}`, "OperationError");
  }
  if (sdpMLineIndex! < description.media.length) return sdpMLineIndex!;
  throw new DOMException(
    `there are ${description.media.length} m= sections, sdpMLineIndex is ${sdpMLineIndex}`,
    "OperationError",
  );
}

/**
 * Whether a candidate for the section means our transport. A section that we rejected is like a
 * stopped transceiver, except where it shares the credentials of the one that we took.
 */
function concerns(connection: Connection, remote: SessionDescription, index: number): boolean {
  if (isRejected(remote.media[index]!)) return false;
  const data = acceptedDataSection(remote, connection.configuration.bundlePolicy);
  if (data === undefined) return false;
  return data === index || usernameFragmentAt(remote, data) === usernameFragmentAt(remote, index);
}

/** The generation is one of an applied remote description. */
function checkGeneration(
  connection: Connection,
  sections: readonly number[],
  usernameFragment: string,
): void {
  const { pendingRemote, currentRemote } = connection.descriptions;
  const known = [pendingRemote, currentRemote].some((applied) =>
    applied !== undefined && sections.some((index) =>
      applied.model.media[index] !== undefined &&
      usernameFragmentAt(applied.model, index) === usernameFragment
    )
  );
  if (known) return;
  throw new DOMException(
    `no remote description has the username fragment ${JSON.stringify(usernameFragment)}`,
    "OperationError",
  );
}

function addTo(connection: Connection, index: number, argument: CandidateArgument): void {
  const remote = connection.descriptions.remote!.model;
  const generation = argument.usernameFragment ?? usernameFragmentAt(remote, index);
  const candidate = argument.candidate === "" ? undefined : tryParseCandidate(argument.candidate);
  if (argument.candidate !== "" && candidate === undefined) {
    throw new DOMException(
      `the candidate cannot be understood: ${JSON.stringify(argument.candidate.slice(0, 200))}`,
      "OperationError",
    );
  }
  connection.descriptions.update(true, (description) => {
    if (description.media[index] === undefined) return description;
    if (usernameFragmentAt(description, index) !== generation) return description;
    return addRemoteCandidate(description, index, candidate);
  });
  if (generation !== undefined) connection.transport?.addRemote(generation, candidate);
}
