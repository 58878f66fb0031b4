import { detectHost } from "../host/mod.ts";
import { addIceCandidate, readCandidateArgument } from "./add_ice_candidate.ts";
import {
  generateCertificate,
  type RTCCertificate,
  type RTCCertificateAlgorithm,
} from "./certificate.ts";
import {
  checkCertificates,
  checkModification,
  copyConfiguration,
  readConfiguration,
  type RTCConfiguration,
  type RTCFullConfiguration,
} from "./configuration.ts";
import {
  Connection,
  credentialKeys,
  type RTCIceConnectionState,
  type RTCIceGatheringState,
  type RTCPeerConnectionState,
  type RTCSignalingState,
} from "./connection.ts";
import { createAnswerSdp, createOfferSdp } from "./create_description.ts";
import type { RTCDataChannel } from "./data_channel.ts";
import { RTCDataChannelEvent } from "./data_channel_event.ts";
import { readDataChannelInit, type RTCDataChannelInit } from "./data_channel_init.ts";
import type { RTCIceCandidateInit } from "./ice_candidate.ts";
import type { RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent } from "./ice_event.ts";
import type {
  PeerConnectionOptions,
  RTCAnswerOptions,
  RTCOfferOptions,
  RTCPeerConnectionEventMap,
} from "./peer_connection_types.ts";
import type { RTCSctpTransport } from "./sctp_transport.ts";
import {
  readDescription,
  readLocalDescription,
  type RTCLocalSessionDescriptionInit,
  type RTCSessionDescription,
  type RTCSessionDescriptionInit,
} from "./session_description.ts";
import { fitsState, setDescription } from "./set_description.ts";
import { setLocal } from "./set_local.ts";
import { collectStats } from "./stats.ts";
import type { RTCStatsReport } from "./stats_report.ts";
import { TaskQueue } from "./task_queue.ts";
import { type EventHandler, TypedEventTarget } from "./typed_event_target.ts";
import { classString, dictionary, optionalInteger } from "./webidl.ts";

/**
 * A connection to a peer (W3C webrtc-pc §4.4), for data channels.
 *
 * @example Two peers in one process
 * ```ts
 * import { RTCPeerConnection } from "@sterna/webrtc";
 *
 * const a = new RTCPeerConnection();
 * const b = new RTCPeerConnection();
 * a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
 * b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
 * const channel = a.createDataChannel("greetings");
 * channel.onopen = () => channel.send("hello");
 * const greeting = new Promise((resolve) => {
 *   b.ondatachannel = ({ channel }) => {
 *     channel.onmessage = ({ data }) => resolve(data);
 *   };
 * });
 * await a.setLocalDescription();
 * await b.setRemoteDescription(a.localDescription!);
 * await b.setLocalDescription();
 * await a.setRemoteDescription(b.localDescription!);
 * console.log(await greeting); // hello
 * a.close();
 * b.close();
 * ```
 */
export class RTCPeerConnection extends TypedEventTarget<RTCPeerConnectionEventMap> {
  static {
    classString(this, "RTCPeerConnection");
  }

  readonly #connection: Connection;

  /**
   * Makes a connection; nothing is opened before the first local description is set.
   *
   * @param configuration as in a browser
   * @param options what Sterna adds; browsers ignore it
   * @throws {TypeError} for values of the wrong type
   * @throws {DOMException} `SyntaxError` for a malformed server URL, `InvalidAccessError` for a TURN
   *   server without credentials or a certificate that has expired
   */
  constructor(configuration?: RTCConfiguration, options?: PeerConnectionOptions) {
    super();
    const { host, udp, iceLite } = dictionary(options, "options");
    optionalInteger(udp?.port, 65535, "udp.port");
    const full = readConfiguration(configuration);
    checkCertificates(full, Date.now());
    this.#connection = new Connection(
      this,
      { host: () => host ?? detectHost(), udp, iceLite: iceLite ?? false },
      full,
      (channel) => this.dispatchEvent(new RTCDataChannelEvent("datachannel", { channel })),
    );
  }

  /**
   * Makes a certificate that connections of the same identity can share (webrtc-pc §4.9.1).
   *
   * @param keygenAlgorithm `{ name: "ECDSA", namedCurve: "P-256" }` or RSASSA-PKCS1-v1_5 with 2048
   *   bits, 65537 and SHA-256; `expires` in milliseconds from now
   */
  static async generateCertificate(
    keygenAlgorithm: RTCCertificateAlgorithm,
  ): Promise<RTCCertificate> {
    await Promise.resolve();
    return generateCertificate(detectHost(), keygenAlgorithm, Date.now());
  }

  /** The local description in force: pending, or else current. */
  get localDescription(): RTCSessionDescription | null {
    return this.#connection.descriptions.local?.exposed ?? null;
  }

  /** The local description of the last complete exchange, with the candidates since. */
  get currentLocalDescription(): RTCSessionDescription | null {
    return this.#connection.descriptions.currentLocal?.exposed ?? null;
  }

  /** The local description that is being negotiated, with the candidates since. */
  get pendingLocalDescription(): RTCSessionDescription | null {
    return this.#connection.descriptions.pendingLocal?.exposed ?? null;
  }

  /** The remote description in force: pending, or else current. */
  get remoteDescription(): RTCSessionDescription | null {
    return this.#connection.descriptions.remote?.exposed ?? null;
  }

  /** The remote description of the last complete exchange, with the candidates since. */
  get currentRemoteDescription(): RTCSessionDescription | null {
    return this.#connection.descriptions.currentRemote?.exposed ?? null;
  }

  /** The remote description that is being negotiated, with the candidates since. */
  get pendingRemoteDescription(): RTCSessionDescription | null {
    return this.#connection.descriptions.pendingRemote?.exposed ?? null;
  }

  /** State of the SDP negotiation. */
  get signalingState(): RTCSignalingState {
    return this.#connection.signalingState;
  }

  /** State of gathering. */
  get iceGatheringState(): RTCIceGatheringState {
    return this.#connection.iceGatheringState;
  }

  /** State of ICE. */
  get iceConnectionState(): RTCIceConnectionState {
    return this.#connection.iceConnectionState;
  }

  /** State of ICE and DTLS. */
  get connectionState(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  /** Whether the peer takes candidates after its description; null until there is one. */
  get canTrickleIceCandidates(): boolean | null {
    return this.#connection.canTrickle;
  }

  /** The SCTP transport, or null when data was not negotiated. */
  get sctp(): RTCSctpTransport | null {
    const { hasSctp, transport } = this.#connection;
    return hasSctp ? transport?.sctpTransport ?? null : null;
  }

  /** Makes an offer (webrtc-pc §4.4.2, RFC 9429 §5.2). */
  async createOffer(options?: RTCOfferOptions): Promise<{ type: "offer"; sdp: string }> {
    const { iceRestart } = dictionary(options, "options");
    const connection = this.#connection;
    const sdp = await connection.chain.chain(() => createOfferSdp(connection, Boolean(iceRestart)));
    return { type: "offer", sdp };
  }

  /** Makes an answer to the remote offer (webrtc-pc §4.4.2, RFC 9429 §5.3). */
  async createAnswer(_options?: RTCAnswerOptions): Promise<{ type: "answer"; sdp: string }> {
    const connection = this.#connection;
    const sdp = await connection.chain.chain(() => createAnswerSdp(connection));
    return { type: "answer", sdp };
  }

  /**
   * Applies a local description (webrtc-pc §4.4.2) and begins to gather candidates. Without an argument
   * it makes the offer or answer that the state asks for.
   */
  async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    const { type, sdp } = readLocalDescription(description);
    const connection = this.#connection;
    await connection.chain.chain(() => setLocal(connection, type, sdp));
  }

  /**
   * Applies a remote description (webrtc-pc §4.4.2). An offer that collides with one of ours rolls ours
   * back.
   */
  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const { type, sdp } = readDescription(description);
    const connection = this.#connection;
    await connection.chain.chain(async () => {
      if (type === "offer" && !fitsState("offer", true, connection.signalingState)) {
        await setDescription(connection, "rollback", "", false);
      }
      await setDescription(connection, type, sdp, true);
    });
  }

  /** Adds a candidate of the peer; nothing, or an empty one, says that there will be no more. */
  async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    const argument = readCandidateArgument(candidate);
    if (argument.candidate !== "" && argument.sdpMid === null && argument.sdpMLineIndex === null) {
      throw new TypeError("a candidate needs sdpMid or sdpMLineIndex");
    }
    const connection = this.#connection;
    await connection.chain.chain(() => addIceCandidate(connection, argument));
  }

  /** Asks for an ICE restart with the next offer. */
  restartIce(): void {
    const { credentialsToReplace, descriptions } = this.#connection;
    credentialsToReplace.clear();
    for (const description of [descriptions.currentLocal, descriptions.pendingLocal]) {
      for (const key of credentialKeys(description?.model)) credentialsToReplace.add(key);
    }
    this.#connection.updateNegotiationNeeded();
  }

  /** The configuration in force, with all defaults. */
  getConfiguration(): RTCFullConfiguration {
    return copyConfiguration(this.#connection.configuration);
  }

  /**
   * Changes the configuration; servers and policy take effect with the next gathering.
   *
   * @throws {DOMException} `InvalidStateError` when closed, `InvalidModificationError` for what cannot
   *   change
   */
  setConfiguration(configuration?: RTCConfiguration): void {
    const connection = this.#connection;
    const full = readConfiguration(configuration);
    if (connection.isClosed) throw closedError();
    const mayChangePool = connection.descriptions.local === undefined;
    checkModification(connection.configuration, full, mayChangePool);
    connection.configuration = full;
  }

  /**
   * Makes a data channel (webrtc-pc §6.1).
   *
   * @throws {DOMException} `InvalidStateError` when closed, `OperationError` when the identifier is
   *   taken or too large
   * @throws {TypeError} for arguments that are out of range or contradict each other
   */
  createDataChannel(label: string, dataChannelDict?: RTCDataChannelInit): RTCDataChannel {
    const connection = this.#connection;
    if (arguments.length === 0) throw new TypeError("a label must be given");
    const init = readDataChannelInit(label, dataChannelDict);
    if (connection.isClosed) throw closedError();
    const maxChannels = this.sctp?.maxChannels ?? Infinity;
    if (init.id !== undefined && init.id >= maxChannels) {
      throw new DOMException(`id must be below ${maxChannels}`, "OperationError");
    }
    const control = connection.ensureTransport().createChannel(init);
    if (control === undefined) {
      const what = init.id === undefined ? "no identifier is free" : `id ${init.id} is in use`;
      throw new DOMException(what, "OperationError");
    }
    connection.channels.add(control);
    const isFirst = !connection.everCreatedChannel;
    connection.everCreatedChannel = true;
    if (isFirst) connection.updateNegotiationNeeded();
    return control.channel;
  }

  /**
   * Statistics (webrtc-pc §8.2) of the connection and its transport, channels and certificates.
   *
   * @param selector null; there are no tracks to select
   */
  async getStats(selector: null | undefined = null): Promise<RTCStatsReport> {
    if (selector !== null) {
      throw new DOMException("no sender or receiver has this track", "InvalidAccessError");
    }
    // A task that close() does not take away: unlike chained operations, this always settles.
    await new TaskQueue().turn();
    return collectStats(this.#connection);
  }

  /** Ends the connection at once; nothing is fired from here on (webrtc-pc §4.4.3). */
  close(): void {
    this.#connection.close();
  }

  /** EventHandler<RTCPeerConnection> of "negotiationneeded". */
  get onnegotiationneeded(): EventHandler<RTCPeerConnection> {
    return this.getHandler("negotiationneeded");
  }

  set onnegotiationneeded(handler: EventHandler<RTCPeerConnection>) {
    this.setHandler("negotiationneeded", handler);
  }

  /** EventHandler<RTCPeerConnection> of "icecandidate". */
  get onicecandidate(): EventHandler<RTCPeerConnection, RTCPeerConnectionIceEvent> {
    return this.getHandler("icecandidate");
  }

  set onicecandidate(handler: EventHandler<RTCPeerConnection, RTCPeerConnectionIceEvent>) {
    this.setHandler("icecandidate", handler);
  }

  /** EventHandler<RTCPeerConnection> of "icecandidateerror". */
  get onicecandidateerror(): EventHandler<RTCPeerConnection, RTCPeerConnectionIceErrorEvent> {
    return this.getHandler("icecandidateerror");
  }

  set onicecandidateerror(
    handler: EventHandler<RTCPeerConnection, RTCPeerConnectionIceErrorEvent>,
  ) {
    this.setHandler("icecandidateerror", handler);
  }

  /** EventHandler<RTCPeerConnection> of "signalingstatechange". */
  get onsignalingstatechange(): EventHandler<RTCPeerConnection> {
    return this.getHandler("signalingstatechange");
  }

  set onsignalingstatechange(handler: EventHandler<RTCPeerConnection>) {
    this.setHandler("signalingstatechange", handler);
  }

  /** EventHandler<RTCPeerConnection> of "iceconnectionstatechange". */
  get oniceconnectionstatechange(): EventHandler<RTCPeerConnection> {
    return this.getHandler("iceconnectionstatechange");
  }

  set oniceconnectionstatechange(handler: EventHandler<RTCPeerConnection>) {
    this.setHandler("iceconnectionstatechange", handler);
  }

  /** EventHandler<RTCPeerConnection> of "icegatheringstatechange". */
  get onicegatheringstatechange(): EventHandler<RTCPeerConnection> {
    return this.getHandler("icegatheringstatechange");
  }

  set onicegatheringstatechange(handler: EventHandler<RTCPeerConnection>) {
    this.setHandler("icegatheringstatechange", handler);
  }

  /** EventHandler<RTCPeerConnection> of "connectionstatechange". */
  get onconnectionstatechange(): EventHandler<RTCPeerConnection> {
    return this.getHandler("connectionstatechange");
  }

  set onconnectionstatechange(handler: EventHandler<RTCPeerConnection>) {
    this.setHandler("connectionstatechange", handler);
  }

  /** EventHandler<RTCPeerConnection> of "datachannel". */
  get ondatachannel(): EventHandler<RTCPeerConnection, RTCDataChannelEvent> {
    return this.getHandler("datachannel");
  }

  set ondatachannel(handler: EventHandler<RTCPeerConnection, RTCDataChannelEvent>) {
    this.setHandler("datachannel", handler);
  }
}

function closedError(): DOMException {
  return new DOMException("the connection is closed", "InvalidStateError");
}
