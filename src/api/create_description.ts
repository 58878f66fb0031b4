import { type SessionDescription, writeSdp } from "../sdp/mod.ts";
import { type Connection, credentialKey, credentialKeys } from "./connection.ts";
import type { DataTransport } from "./data_transport.ts";
import { createAnswer } from "./jsep_answer.ts";
import type { LocalSide } from "./jsep_local.ts";
import { localDataIndex } from "./jsep_negotiate.ts";
import { createOffer, type Negotiated } from "./jsep_offer.ts";
import { isDataSection, transportOf } from "./jsep_transport.ts";
import { restarts } from "./jsep_validate.ts";

/** Where a closed connection leaves its operations: never settled (webrtc-pc §4.4.1.2). */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/**
 * "Create an offer" (webrtc-pc §4.4.2).
 *
 * @returns the SDP; it becomes [[LastCreatedOffer]]
 */
export async function createOfferSdp(connection: Connection, iceRestart: boolean): Promise<string> {
  const { signalingState } = connection;
  if (signalingState !== "stable" && signalingState !== "have-local-offer") {
    throw wrongState("an offer", signalingState);
  }
  await connection.tasks.turn();
  if (connection.isClosed) return await never();
  const { currentLocal } = connection.descriptions;
  const transport = connection.ensureTransport();
  const own = credentialKey(transport.localParameters);
  const current = credentialKeys(currentLocal?.model);
  const restart = iceRestart || connection.credentialsToReplace.size > 0;
  if (connection.credentialsToReplace.has(own) || iceRestart && current.has(own)) {
    transport.restartIce();
  }
  const offer = createOffer({
    local: localSide(connection, transport, restart ? undefined : currentLocal?.model),
    wantsData: connection.everCreatedChannel,
    negotiated: negotiated(connection),
  });
  return connection.lastCreatedOffer = writeSdp(offer);
}

/**
 * "Create an answer" (webrtc-pc §4.4.2).
 *
 * @returns the SDP; it becomes [[LastCreatedAnswer]]
 */
export async function createAnswerSdp(connection: Connection): Promise<string> {
  const { signalingState } = connection;
  if (signalingState !== "have-remote-offer" && signalingState !== "have-local-pranswer") {
    throw wrongState("an answer", signalingState);
  }
  await connection.tasks.turn();
  if (connection.isClosed) return await never();
  const { currentLocal, currentRemote, pendingRemote } = connection.descriptions;
  const offer = pendingRemote!.model;
  const transport = connection.ensureTransport();
  const restart = offerRestarts(offer, currentRemote?.model);
  const current = credentialKeys(currentLocal?.model);
  if (restart && current.has(credentialKey(transport.localParameters))) transport.restartIce();
  const answer = createAnswer({
    local: localSide(connection, transport, restart ? undefined : currentLocal?.model),
    offer,
    bundlePolicy: connection.configuration.bundlePolicy,
    dtlsRole: transport.dtlsRole,
  });
  return connection.lastCreatedAnswer = writeSdp(answer);
}

/** Whether an offer restarts ICE for data (RFC 8839 §4.4.1.1.1). */
function offerRestarts(offer: SessionDescription, before: SessionDescription | undefined): boolean {
  if (before === undefined) return false;
  return offer.media.some((section, index) => {
    const earlier = before.media[index];
    return isDataSection(section) && earlier !== undefined && isDataSection(earlier) &&
      transportOf(before, index).ice !== undefined &&
      restarts(transportOf(before, index), transportOf(offer, index));
  });
}

/** The last complete exchange. */
export function negotiated(connection: Connection): Negotiated | undefined {
  const { currentLocal, currentRemote } = connection.descriptions;
  return currentLocal === undefined || currentRemote === undefined
    ? undefined
    : { local: currentLocal.model, remote: currentRemote.model };
}

/**
 * What we say about ourselves now.
 *
 * @param current the description whose ICE generation goes on; `undefined` for that of the engine,
 *   which is ahead of it in a restart
 */
function localSide(
  connection: Connection,
  transport: DataTransport,
  current: SessionDescription | undefined,
): LocalSide {
  const index = current === undefined ? undefined : localDataIndex(current);
  const ice = index === undefined ? undefined : transportOf(current!, index).ice;
  return transport.localSide(connection.sessionVersion++, ice);
}

function wrongState(what: string, state: string): DOMException {
  return new DOMException(`${what} cannot be made in the state ${state}`, "InvalidStateError");
}
