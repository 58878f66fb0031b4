import type { IceCandidate } from "../ice/mod.ts";
import type { Candidate } from "../sdp/mod.ts";

/** A candidate of the engine as SDP writes it. */
export function fromEngine(candidate: IceCandidate): Candidate {
  const { relatedAddress, relatedPort, tcpType, usernameFragment } = candidate;
  return {
    foundation: candidate.foundation,
    component: candidate.component,
    transport: candidate.protocol,
    priority: candidate.priority,
    address: candidate.address,
    port: candidate.port,
    type: candidate.type,
    ...(relatedAddress === undefined ? {} : { relatedAddress }),
    ...(relatedPort === undefined ? {} : { relatedPort }),
    ...(tcpType === undefined ? {} : { tcpType }),
    extensions: usernameFragment === undefined ? [] : [{ name: "ufrag", value: usernameFragment }],
  };
}

/** A candidate of a description for the engine, or `undefined` when it is of an unknown kind. */
export function toEngine(
  candidate: Candidate,
  usernameFragment: string,
): IceCandidate | undefined {
  const { transport, type, relatedAddress, relatedPort, tcpType } = candidate;
  if (transport !== "udp" && transport !== "tcp") return undefined;
  if (type !== "host" && type !== "srflx" && type !== "prflx" && type !== "relay") return undefined;
  return {
    foundation: candidate.foundation,
    component: candidate.component,
    protocol: transport,
    priority: candidate.priority,
    address: candidate.address,
    port: candidate.port,
    type,
    usernameFragment,
    ...(relatedAddress === undefined ? {} : { relatedAddress }),
    ...(relatedPort === undefined ? {} : { relatedPort }),
    ...(tcpType === undefined ? {} : { tcpType }),
  };
}
