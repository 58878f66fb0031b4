import { type Entropy, randomU32 } from "../base/mod.ts";
import type { UdpFailure } from "../host/mod.ts";
import type { SessionDescription } from "../sdp/mod.ts";
import type { FullConfiguration } from "./configuration.ts";
import type { ChannelControl, ChannelOwner } from "./channel_owner.ts";
import type { RTCDataChannel } from "./data_channel.ts";
import type { Generation } from "./local_generations.ts";
import { DataTransport, type TransportEnvironment, type TransportOwner } from "./data_transport.ts";
import { Descriptions } from "./descriptions.ts";
import { createIceCandidate, type RTCIceCandidate } from "./ice_candidate.ts";
import { RTCPeerConnectionIceErrorEvent, RTCPeerConnectionIceEvent } from "./ice_event.ts";
import type {
  RTCIceGathererState,
  RTCIceParameters,
  RTCIceTransportState,
} from "./ice_transport.ts";
import { fillLocalCandidates, sectionsOfGeneration } from "./jsep_candidates.ts";
import { isDataSection, midAt, transportOf } from "./jsep_transport.ts";
import { OperationsChain } from "./operations_chain.ts";
import { StatsIds } from "./stats.ts";
import { TaskQueue } from "./task_queue.ts";

/** State of the SDP negotiation (webrtc-pc §4.3.1). */
export type RTCSignalingState =
  | "stable"
  | "have-local-offer"
  | "have-remote-offer"
  | "have-local-pranswer"
  | "have-remote-pranswer"
  | "closed";
/** State of gathering over all transports (webrtc-pc §4.3.2). */
export type RTCIceGatheringState = RTCIceGathererState;
/** State of ICE and DTLS over all transports (webrtc-pc §4.3.3). */
export type RTCPeerConnectionState =
  | "new"
  | "connecting"
  | "connected"
  | "disconnected"
  | "failed"
  | "closed";
/** State of ICE over all transports (webrtc-pc §4.3.4). */
export type RTCIceConnectionState = RTCIceTransportState;

/** webrtc-pc §4.8.3: the code beyond those of STUN, for what could not be reached at all. */
const NOT_REACHED = 701;

/** How a connection announces that a channel came from the peer. */
export type ChannelAnnouncer = (channel: RTCDataChannel) => void;

/**
 * The internal slots of one peer connection (webrtc-pc §4.4.1) and the steps that other parts of it
 * share. The public object is a face over this.
 */
export class Connection implements ChannelOwner, TransportOwner {
  /** Where events are fired. */
  readonly target: EventTarget;
  readonly environment: TransportEnvironment;
  readonly tasks: TaskQueue = new TaskQueue();
  readonly chain: OperationsChain = new OperationsChain(this);
  readonly descriptions: Descriptions = new Descriptions();
  readonly channels: Set<ChannelControl> = new Set();
  configuration: FullConfiguration;
  isClosed = false;
  signalingState: RTCSignalingState = "stable";
  iceGatheringState: RTCIceGatheringState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  connectionState: RTCPeerConnectionState = "new";
  canTrickle: boolean | null = null;
  /** ICE, DTLS, SCTP and their engine, from the first need on. */
  transport: DataTransport | undefined;
  /** Whether [[SctpTransport]] is not null, now and in the last stable state. */
  hasSctp = false;
  hadSctpWhenStable = false;
  everCreatedChannel = false;
  /** Channels that entered, and that left, "open" (RTCPeerConnectionStats). */
  channelsOpened = 0;
  channelsClosed = 0;
  lastCreatedOffer = "";
  lastCreatedAnswer = "";
  /** [[LocalIceCredentialsToReplace]], as {@linkcode credentialKey}s. */
  readonly credentialsToReplace: Set<string> = new Set();
  /** RFC 9429 §5.2.2: of the next description. */
  sessionVersion = 1;
  #sessionId: string | undefined;
  readonly statsIds: StatsIds = new StatsIds();
  #negotiationNeeded = false;
  readonly #announceChannel: ChannelAnnouncer;

  constructor(
    target: EventTarget,
    environment: TransportEnvironment,
    configuration: FullConfiguration,
    announceChannel: ChannelAnnouncer,
  ) {
    this.target = target;
    this.environment = environment;
    this.configuration = configuration;
    this.#announceChannel = announceChannel;
  }

  /** The engine, made when it is first needed. */
  ensureTransport(): DataTransport {
    return this.transport ??= new DataTransport(
      this,
      this.environment,
      () => this.configuration,
    );
  }

  /** RFC 9429 §5.2.1: 63 random bits, decimal. */
  get sessionId(): string {
    return this.#sessionId ??= randomSessionId(this.environment.host().entropy);
  }

  /** Fires a plain event at the connection. */
  fire(type: string): void {
    this.fireEvent(this.target, new Event(type));
  }

  /** Fires an event, unless a listener closed the connection meanwhile. */
  fireEvent(target: EventTarget, event: Event): void {
    if (!this.isClosed) target.dispatchEvent(event);
  }

  /** "Update the negotiation-needed flag" (webrtc-pc §4.7.3). */
  updateNegotiationNeeded(): void {
    if (!this.chain.isEmpty) {
      this.chain.updateWhenEmpty = true;
      return;
    }
    this.tasks.queue(() => {
      if (this.isClosed) return;
      if (!this.chain.isEmpty) {
        this.chain.updateWhenEmpty = true;
        return;
      }
      if (this.signalingState !== "stable") return;
      const before = this.#negotiationNeeded;
      this.#negotiationNeeded = this.#checkNegotiationNeeded();
      if (this.#negotiationNeeded && !before) this.fire("negotiationneeded");
    });
  }

  /** The answer settled everything there was to negotiate, as far as it is known by then. */
  clearNegotiationNeeded(): void {
    this.#negotiationNeeded = false;
    this.updateNegotiationNeeded();
  }

  /** "Check if negotiation is needed" (webrtc-pc §4.7.3), for a connection without transceivers. */
  #checkNegotiationNeeded(): boolean {
    if (this.credentialsToReplace.size > 0) return true;
    const { currentLocal } = this.descriptions;
    return this.everCreatedChannel &&
      !currentLocal?.model.media.some((section) => section.media.media === "application");
  }

  // What the channels ask (ChannelOwner).

  get maxMessageSize(): number {
    return this.transport?.sctpSlots.maxMessageSize ?? Infinity;
  }

  get maxBufferSize(): number {
    return this.transport?.sctpSlots.maxBufferSize ?? Infinity;
  }

  channelOpened(): void {
    this.channelsOpened++;
  }

  channelLeftOpen(): void {
    this.channelsClosed++;
  }

  channelClosed(channel: RTCDataChannel): void {
    for (const control of this.channels) {
      if (control.channel === channel) this.channels.delete(control);
    }
  }

  // What the transport tells (TransportOwner).

  /** "Announce a data channel instance" (webrtc-pc §6.2.3). */
  remoteChannel(control: ChannelControl): void {
    this.channels.add(control);
    this.tasks.queue(() => {
      if (this.isClosed) return;
      control.openSilently();
      this.#announceChannel(control.channel);
    });
  }

  /** "Surface the candidate" (webrtc-pc §5.6); the candidate is among the generation's already. */
  surfaceCandidate(generation: Generation, text: string, url: string | undefined): void {
    const { usernameFragment } = generation;
    const place = this.#placeOf(usernameFragment);
    if (place === undefined) return;
    this.fillLocalCandidates(generation);
    const surfaced = createIceCandidate({ candidate: text, usernameFragment, url, ...place });
    this.transport?.iceSlots.localCandidates.push(surfaced);
    this.#fireCandidate(surfaced);
  }

  /** The end of a generation, as an empty candidate (webrtc-pc §5.6). */
  endGeneration(generation: Generation): void {
    const { usernameFragment } = generation;
    const place = this.#placeOf(usernameFragment);
    if (place === undefined) return;
    this.fillLocalCandidates(generation);
    this.#fireCandidate(createIceCandidate({ candidate: "", usernameFragment, ...place }));
  }

  /** Brings local descriptions up to date with what was gathered. */
  fillLocalCandidates({ usernameFragment, candidates, complete }: Generation): void {
    this.descriptions.update(
      false,
      (model) => fillLocalCandidates(model, usernameFragment, candidates, complete),
    );
  }

  /** The transport's gathering state changed: derive ours, then fire at both (webrtc-pc §5.6). */
  gatheringStateChanged(): void {
    const transport = this.transport;
    if (transport === undefined) return;
    const changed = this.#deriveGathering();
    const complete = transport.iceSlots.gatheringState === "complete";
    this.fireEvent(transport.iceTransport, new Event("gatheringstatechange"));
    if (changed) this.fire("icegatheringstatechange");
    if (complete) this.#fireCandidate(null);
  }

  /** A local address gave no candidate: like a server that cannot be reached (webrtc-pc §4.8.3). */
  gatheringFailed({ ip, port, error }: UdpFailure): void {
    this.fireEvent(
      this.target,
      new RTCPeerConnectionIceErrorEvent("icecandidateerror", {
        address: ip,
        port: ip === undefined || port === 0 ? null : port,
        errorCode: NOT_REACHED,
        errorText: error.message,
      }),
    );
  }

  #fireCandidate(candidate: RTCIceCandidate | null): void {
    this.fireEvent(
      this.target,
      new RTCPeerConnectionIceEvent("icecandidate", {
        candidate,
        url: candidate?.url,
      }),
    );
  }

  /** The selected pair, the ICE state or both changed; the slots are set (webrtc-pc §5.6). */
  iceChanged(pairChanged: boolean, stateChanged: boolean): void {
    const transport = this.transport;
    if (transport === undefined) return;
    const iceChanged = stateChanged && this.#deriveIce();
    const connectionChanged = stateChanged && this.#deriveConnection();
    const { iceTransport } = transport;
    if (pairChanged) this.fireEvent(iceTransport, new Event("selectedcandidatepairchange"));
    if (stateChanged) this.fireEvent(iceTransport, new Event("statechange"));
    if (iceChanged) this.fire("iceconnectionstatechange");
    if (connectionChanged) this.fire("connectionstatechange");
  }

  /** "Update the connection state" (webrtc-pc §4.4.1.3). */
  dtlsChanged(): void {
    this.tasks.queue(() => {
      if (!this.isClosed && this.#deriveConnection()) this.fire("connectionstatechange");
    });
  }

  /** Derives all aggregated states anew, after transports came or went, and fires what changed. */
  transportsChanged(): void {
    const gathering = this.#deriveGathering();
    const ice = this.#deriveIce();
    const connection = this.#deriveConnection();
    if (gathering) this.fire("icegatheringstatechange");
    if (ice) this.fire("iceconnectionstatechange");
    if (connection) this.fire("connectionstatechange");
  }

  /** webrtc-pc §4.3.2. */
  #deriveGathering(): boolean {
    const before = this.iceGatheringState;
    this.iceGatheringState = this.#slots()?.iceSlots.gatheringState ?? "new";
    return this.iceGatheringState !== before;
  }

  /** webrtc-pc §4.3.4: with one transport, its state; a closed one counts as new. */
  #deriveIce(): boolean {
    const before = this.iceConnectionState;
    const state = this.#slots()?.iceSlots.state ?? "new";
    this.iceConnectionState = state === "closed" ? "new" : state;
    return this.iceConnectionState !== before;
  }

  /** webrtc-pc §4.3.3. */
  #deriveConnection(): boolean {
    const before = this.connectionState;
    this.connectionState = this.#connectionStateNow();
    return this.connectionState !== before;
  }

  #connectionStateNow(): RTCPeerConnectionState {
    const transport = this.#slots();
    if (transport === undefined) return "new";
    const dtls = transport.dtlsSlots.state;
    const ice = this.iceConnectionState;
    if (ice === "failed" || dtls === "failed") return "failed";
    if (ice === "disconnected") return "disconnected";
    const dtlsIdle = dtls === "new" || dtls === "closed";
    if (ice === "new" && dtlsIdle) return "new";
    const iceUp = ice === "connected" || ice === "completed";
    return iceUp && (dtls === "connected" || dtls === "closed") ? "connected" : "connecting";
  }

  /** The transports that count: those that [[SctpTransport]] refers to. */
  #slots(): DataTransport | undefined {
    return this.hasSctp ? this.transport : undefined;
  }

  /** Tag and index of the section in a local description that stands for an ICE generation. */
  #placeOf(usernameFragment: string): { sdpMid: string; sdpMLineIndex: number } | undefined {
    const { pendingLocal, currentLocal } = this.descriptions;
    for (const applied of [pendingLocal, currentLocal]) {
      if (applied === undefined) continue;
      const [index] = sectionsOfGeneration(applied.model, usernameFragment);
      if (index !== undefined) return { sdpMid: midAt(applied.model, index), sdpMLineIndex: index };
    }
    return undefined;
  }

  /**
   * "Close the connection" (webrtc-pc §4.4.3), in its order. Nothing is fired, now or later.
   */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.signalingState = "closed";
    for (const control of this.channels) control.closeSilently();
    this.transport?.closeSilently();
    this.iceConnectionState = "closed";
    this.connectionState = "closed";
    this.tasks.clear();
  }
}

/** The ICE credentials of all data sections of a description, as keys. */
export function credentialKeys(description: SessionDescription | undefined): Set<string> {
  const keys = new Set<string>();
  description?.media.forEach((section, index) => {
    const { ice } = transportOf(description, index);
    if (isDataSection(section) && ice !== undefined) keys.add(credentialKey(ice));
  });
  return keys;
}

/** A key for one pair of ICE credentials; neither contains a space. */
export function credentialKey(ice: RTCIceParameters): string {
  return `${ice.usernameFragment} ${ice.password}`;
}

function randomSessionId(entropy: Entropy): string {
  const high = randomU32(entropy) >>> 1;
  return ((BigInt(high) << 32n) | BigInt(randomU32(entropy))).toString();
}
