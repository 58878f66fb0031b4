import { parseSdp, SdpError, type SessionDescription } from "../sdp/mod.ts";
import { type Connection, credentialKeys, type RTCSignalingState } from "./connection.ts";
import { never } from "./create_description.ts";
import { AppliedDescription } from "./descriptions.ts";
import { acceptedDataSection } from "./jsep_answer.ts";
import { localDataIndex, negotiateData } from "./jsep_negotiate.ts";
import {
  announcesTrickle,
  type IceCredentials,
  isDataSection,
  transportOf,
} from "./jsep_transport.ts";
import { validateRemote } from "./jsep_validate.ts";
import { RTCError } from "./rtc_error.ts";
import type { RTCSdpType } from "./session_description.ts";

/** RFC 9429 §5.5, §5.6: the states in which a description may be set. */
const OFFER_STATES = {
  local: ["stable", "have-local-offer"],
  remote: ["stable", "have-remote-offer"],
} as const;
const ANSWER_STATES = {
  local: ["have-remote-offer", "have-local-pranswer"],
  remote: ["have-local-offer", "have-remote-pranswer"],
} as const;

/** Whether a description of that type fits the signaling state. */
export function fitsState(type: RTCSdpType, isRemote: boolean, state: RTCSignalingState): boolean {
  const side = isRemote ? "remote" : "local";
  const states: readonly string[] = type === "rollback"
    ? ["have-local-offer", "have-remote-offer"]
    : type === "offer"
    ? OFFER_STATES[side]
    : ANSWER_STATES[side];
  return states.includes(state);
}

/** "Set a session description" (webrtc-pc §4.4.1.4). */
export async function setDescription(
  connection: Connection,
  type: RTCSdpType,
  sdp: string,
  isRemote: boolean,
): Promise<void> {
  await connection.tasks.turn();
  if (connection.isClosed) return await never();
  if (!fitsState(type, isRemote, connection.signalingState)) {
    throw new DOMException(
      `${type} cannot be set in the state ${connection.signalingState}`,
      "InvalidStateError",
    );
  }
  const stateBefore = connection.signalingState;
  const hadSctp = connection.hasSctp;
  if (type === "rollback") rollBack(connection);
  else {
    const model = parse(sdp);
    if (isRemote) validate(connection, type, model);
    apply(connection, new AppliedDescription(type, model), isRemote);
  }
  if (connection.signalingState === "stable") connection.clearNegotiationNeeded();
  if (connection.signalingState !== stateBefore) connection.fire("signalingstatechange");
  if (connection.hasSctp !== hadSctp && !connection.isClosed) connection.transportsChanged();
}

function parse(sdp: string): SessionDescription {
  try {
    return parseSdp(sdp);
  } catch (error) {
    if (!(error instanceof SdpError)) throw error;
    throw new RTCError(
      { errorDetail: "sdp-syntax-error", sdpLineNumber: error.line },
      error.message,
    );
  }
}

function validate(
  connection: Connection,
  type: "offer" | "answer" | "pranswer",
  model: SessionDescription,
): void {
  const { configuration, descriptions, transport } = connection;
  validateRemote(model, {
    type,
    bundlePolicy: configuration.bundlePolicy,
    rtcpMuxPolicy: configuration.rtcpMuxPolicy,
    offer: descriptions.pendingLocal?.model,
    currentLocal: descriptions.currentLocal?.model,
    currentRemote: descriptions.currentRemote?.model,
    dtls: transport?.dtlsAgreement,
  });
}

/** The steps after a description was found to be good, all before any event is fired. */
function apply(connection: Connection, description: AppliedDescription, isRemote: boolean): void {
  const { descriptions } = connection;
  const { type, model } = description;
  if (type === "offer" && connection.signalingState === "stable") {
    connection.hadSctpWhenStable = connection.hasSctp;
  }
  descriptions.apply(description, isRemote);
  connection.signalingState = nextState(type, isRemote);
  if (isRemote) connection.canTrickle = announcesTrickle(model);
  else adoptLocal(connection, model);
  if (type === "offer") beginSctp(connection, model, isRemote);
  else agree(connection, isRemote);
  if (type === "answer") {
    connection.lastCreatedOffer = "";
    connection.lastCreatedAnswer = "";
    settleRestart(connection);
  }
  if (!isRemote) gather(connection, model);
}

function nextState(type: RTCSdpType, isRemote: boolean): RTCSignalingState {
  if (type === "answer") return "stable";
  if (type === "offer") return isRemote ? "have-remote-offer" : "have-local-offer";
  return isRemote ? "have-remote-pranswer" : "have-local-pranswer";
}

/** An offer that describes SCTP brings [[SctpTransport]] to life (webrtc-pc §4.4.1.4). */
function beginSctp(connection: Connection, offer: SessionDescription, isRemote: boolean): void {
  const describes = isRemote
    ? acceptedDataSection(offer, connection.configuration.bundlePolicy) !== undefined
    : localDataIndex(offer) !== undefined;
  if (!describes) return;
  const transport = connection.ensureTransport();
  connection.hasSctp = true;
  // RFC 8445 §6.1.1: the offerer controls, unless the peer is lite and we are not.
  const index = offer.media.findIndex(isDataSection);
  const { lite, ice } = transportOf(offer, index);
  transport.chooseRole(!isRemote || lite);
  if (isRemote && ice !== undefined) transport.remoteOffered(ice);
}

/** Offer and answer are both known: configures the engine, or ends it (RFC 9429 §5.11). */
function agree(connection: Connection, answerIsRemote: boolean): void {
  const { descriptions } = connection;
  const local = descriptions.local!.model;
  const remote = descriptions.remote!.model;
  const data = negotiateData(local, remote, answerIsRemote);
  if (data !== undefined) {
    connection.hasSctp = true;
    connection.ensureTransport().agree(data);
  } else if (connection.signalingState === "stable") endSctp(connection);
}

/** The answer closes the association, or never let it come to be (RFC 8841 §10.3, §10.4). */
function endSctp(connection: Connection): void {
  if (!connection.hasSctp) return;
  connection.hasSctp = false;
  for (const control of connection.channels) control.closeAbruptly();
  connection.transport?.closeAloud();
  connection.transport = undefined;
}

/** webrtc-pc §4.4.1.4: a restart is over when none of the old credentials is in force. */
function settleRestart(connection: Connection): void {
  const { credentialsToReplace, descriptions } = connection;
  const now = credentialKeys(descriptions.currentLocal?.model);
  if ([...credentialsToReplace].every((key) => !now.has(key))) credentialsToReplace.clear();
}

/** RFC 9429 §5.9: changed credentials restart ICE. */
function adoptLocal(connection: Connection, local: SessionDescription): void {
  const ice = localCredentials(local);
  if (ice !== undefined) connection.transport?.local.adopt(ice);
}

/** RFC 9429 §5.9: gathering begins for a section that is new or restarts. */
function gather(connection: Connection, local: SessionDescription): void {
  const ice = localCredentials(local);
  if (ice === undefined || connection.transport === undefined) return;
  const { local: generations } = connection.transport;
  generations.gather(ice);
  connection.fillLocalCandidates(generations.of(ice));
}

function localCredentials(local: SessionDescription): IceCredentials | undefined {
  const index = localDataIndex(local);
  return index === undefined ? undefined : transportOf(local, index).ice;
}

/** Rollback (RFC 9429 §5.7, webrtc-pc §4.4.1.4). */
function rollBack(connection: Connection): void {
  connection.descriptions.discardPending();
  connection.signalingState = "stable";
  connection.hasSctp = connection.hadSctpWhenStable;
  if (!connection.hasSctp) {
    connection.transport?.startOver();
    return;
  }
  const current = connection.descriptions.currentLocal;
  const ice = current === undefined ? undefined : localCredentials(current.model);
  if (ice !== undefined) connection.transport?.local.returnTo(ice);
}
