import { type SessionDescription, writeSdp } from "../sdp/mod.ts";
import { type Connection, credentialKey, credentialKeys } from "./connection.ts";
import type { DataTransport } from "./data_transport.ts";
import { createAnswer } from "./jsep_answer.ts";
import type { LocalSide } from "./jsep_local.ts";
import { localDataIndex } from "./jsep_negotiate.ts";
import { createOffer, type Negotiated } from "./jsep_offer.ts";
import { type IceCredentials, isDataSection, transportOf } from "./jsep_transport.ts";
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
  const transport = connection.ensureTransport();
  const restart = iceRestart || connection.credentialsToReplace.size > 0;
  const offer = createOffer({
    local: localSide(connection, transport, restart),
    wantsData: connection.everCreatedChannel,
    negotiated: negotiated(connection),
    dtlsRole: transport.dtlsRole,
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
  const { currentRemote, pendingRemote } = connection.descriptions;
  const offer = pendingRemote!.model;
  const transport = connection.ensureTransport();
  const answer = createAnswer({
    local: localSide(connection, transport, offerRestarts(offer, currentRemote?.model)),
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

/** What we say about ourselves now. */
function localSide(
  connection: Connection,
  transport: DataTransport,
  restart: boolean,
): LocalSide {
  const ice = credentials(connection, transport, restart);
  const { sessionId } = connection;
  return transport.localSide({ sessionId, sessionVersion: connection.sessionVersion++ }, ice);
}

/**
 * Credentials stay as they were negotiated, unless ICE restarts (RFC 9429 §5.2.2, §5.3.2); in a restart
 * they are new, but the same in all descriptions of it. Nothing of the engine changes before one is
 * applied.
 */
function credentials(
  connection: Connection,
  transport: DataTransport,
  restart: boolean,
): IceCredentials {
  const current = connection.descriptions.currentLocal?.model;
  const index = current === undefined ? undefined : localDataIndex(current);
  const negotiated = index === undefined ? undefined : transportOf(current!, index).ice;
  const own = transport.local.parameters;
  if (!restart) return negotiated ?? own;
  const key = credentialKey(own);
  const isUsed = connection.credentialsToReplace.has(key) || credentialKeys(current).has(key);
  return isUsed ? transport.local.next : own;
}

function wrongState(what: string, state: string): DOMException {
  return new DOMException(`${what} cannot be made in the state ${state}`, "InvalidStateError");
}
