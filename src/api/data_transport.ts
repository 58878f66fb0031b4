import { hexEncode, randomBytes } from "../base/mod.ts";
import type { Certificate } from "../crypto/mod.ts";
import type { DtlsEvent } from "../dtls/mod.ts";
import {
  type Host,
  TransportDriver,
  type TransportListener,
  type UdpFailure,
  type UdpOptions,
} from "../host/mod.ts";
import {
  generateIceParameters,
  type IceCandidate,
  type IceEvent,
  type IceSelectedPair,
} from "../ice/mod.ts";
import type { DataChannel, DataChannelInit } from "../peer/mod.ts";
import { type Candidate, formatCandidate } from "../sdp/mod.ts";
import { certificateOf, createDefaultCertificate } from "./certificate.ts";
import type { FullConfiguration } from "./configuration.ts";
import type { ChannelControl, ChannelOwner } from "./channel_owner.ts";
import { createChannel } from "./data_channel.ts";
import {
  createDtlsTransport,
  type DtlsTransportSlots,
  type RTCDtlsTransport,
} from "./dtls_transport.ts";
import { createIceCandidate, type RTCIceCandidate } from "./ice_candidate.ts";
import { fromEngine, toEngine } from "./ice_conversion.ts";
import {
  createCandidatePair,
  createIceTransport,
  type IceTransportSlots,
  newIceTransportSlots,
  type RTCIceCandidatePair,
  type RTCIceTransport,
  type RTCIceTransportState,
} from "./ice_transport.ts";
import type { DtlsRole } from "./jsep_answer.ts";
import type { LocalSide } from "./jsep_local.ts";
import { type GatheringOwner, LocalGenerations } from "./local_generations.ts";
import type { NegotiatedData } from "./jsep_negotiate.ts";
import type { Fingerprint, IceCredentials } from "./jsep_transport.ts";
import { PairTraffic } from "./pair_traffic.ts";
import { RTCError, RTCErrorEvent } from "./rtc_error.ts";
import {
  createSctpTransport,
  type RTCSctpTransport,
  type SctpTransportSlots,
  updateMaxMessageSize,
} from "./sctp_transport.ts";

/** Where and how a connection runs. */
export interface TransportEnvironment {
  /** The machine; asked for when it is first needed. */
  readonly host: () => Host;
  readonly udp: UdpOptions | undefined;
  readonly iceLite: boolean;
}

/** What a transport asks of its connection, and tells it. */
export interface TransportOwner extends ChannelOwner, GatheringOwner {
  readonly isClosed: boolean;
  fireEvent(target: EventTarget, event: Event): void;
  iceChanged(pairChanged: boolean, stateChanged: boolean): void;
  dtlsChanged(): void;
  remoteChannel(control: ChannelControl): void;
  gatheringFailed(failure: UdpFailure): void;
}

/** RFC 8831 §5: the port that every browser uses. */
const SCTP_PORT = 5000;
/** What we take, bytes: as much as browsers announce, so that memory stays bounded. */
const MAX_MESSAGE_SIZE = 262_144;
/** webrtc-pc §6.1.1.2, canSendSize: what a channel buffers, bytes; libwebrtc's 16 MiB. */
const SEND_BUFFER_BYTES = 16 * 1024 * 1024;

/**
 * The transport of a connection: the W3C objects for ICE, DTLS and SCTP with their slots, and the
 * driver of the engine below them. Every event of the engine becomes a task of the connection.
 */
export class DataTransport implements TransportListener {
  readonly driver: TransportDriver;
  readonly certificate: Certificate;
  readonly iceSlots: IceTransportSlots = newIceTransportSlots();
  readonly iceTransport: RTCIceTransport = createIceTransport(this.iceSlots);
  readonly dtlsSlots: DtlsTransportSlots = {
    iceTransport: this.iceTransport,
    state: "new",
    remoteCertificates: [],
  };
  readonly dtlsTransport: RTCDtlsTransport = createDtlsTransport(this.dtlsSlots);
  readonly sctpSlots: SctpTransportSlots = {
    transport: this.dtlsTransport,
    state: "connecting",
    maxMessageSize: null,
    maxChannels: null,
    maxBufferSize: SEND_BUFFER_BYTES,
  };
  readonly sctpTransport: RTCSctpTransport = createSctpTransport(this.sctpSlots);
  /** Our credentials and candidates. */
  readonly local: LocalGenerations;
  /** What went over each candidate pair. */
  readonly traffic: PairTraffic = new PairTraffic();
  readonly #owner: TransportOwner;
  readonly #environment: TransportEnvironment;
  readonly #configuration: () => FullConfiguration;
  readonly #tlsId: string;
  #agreement: { role: DtlsRole; fingerprints: readonly Fingerprint[] } | undefined;
  #remoteFragment: string | undefined;
  /** Remote candidates of the generation that the engine has, by their text. */
  readonly #given = new Set<string>();
  #pendingIce: IceChange | undefined;

  constructor(
    owner: TransportOwner,
    environment: TransportEnvironment,
    configuration: () => FullConfiguration,
  ) {
    this.#owner = owner;
    this.#environment = environment;
    this.#configuration = configuration;
    const host = environment.host();
    const given = configuration().certificates[0];
    this.certificate = given === undefined
      ? createDefaultCertificate(host, host.wallClock())
      : certificateOf(given);
    this.#tlsId = hexEncode(randomBytes(host.entropy, 16));
    this.driver = new TransportDriver({
      host,
      certificate: this.certificate,
      controlling: true,
      lite: environment.iceLite,
      udp: environment.udp,
      listener: this,
    });
    this.local = new LocalGenerations(
      owner,
      this.driver,
      this.iceSlots,
      () => generateIceParameters(host.entropy, environment.iceLite),
      // RFC 9429 §3.5.3: under "relay" host candidates are not even gathered.
      () => configuration().iceTransportPolicy === "all",
    );
  }

  /** Our role in the DTLS association, once there was an answer. */
  get dtlsRole(): DtlsRole | undefined {
    return this.#agreement?.role;
  }

  /** What a later description has to agree with. */
  get dtlsAgreement(): { role: DtlsRole; fingerprints: readonly Fingerprint[] } | undefined {
    return this.#agreement;
  }

  /** What goes into a description with these credentials. */
  localSide(
    origin: Pick<LocalSide, "sessionId" | "sessionVersion">,
    ice: IceCredentials,
  ): LocalSide {
    const { candidates, complete } = this.local.of(ice);
    return {
      ...origin,
      ice: { usernameFragment: ice.usernameFragment, password: ice.password },
      lite: this.#environment.iceLite,
      fingerprints: [{ algorithm: "sha-256", value: this.certificate.fingerprint("sha-256") }],
      tlsId: this.#tlsId,
      sctpPort: SCTP_PORT,
      maxMessageSize: MAX_MESSAGE_SIZE,
      candidates,
      gatheringComplete: complete,
    };
  }

  /** RFC 8445 §6.1.1; once known, only a role conflict changes it (webrtc-pc §4.4.1.4). */
  chooseRole(controlling: boolean): void {
    if (this.iceSlots.role !== "unknown") return;
    this.iceSlots.role = controlling && !this.#environment.iceLite ? "controlling" : "controlled";
    this.driver.setControlling(this.iceSlots.role === "controlling");
  }

  /** Rollback to a state without transports: the next description starts from scratch. */
  startOver(): void {
    this.iceSlots.role = "unknown";
    this.iceSlots.remoteParameters = null;
    this.local.startOver();
  }

  /** A remote offer came. */
  remoteOffered(ice: IceCredentials): void {
    this.iceSlots.remoteParameters = { ...ice };
  }

  /** Offer and answer are known (RFC 9429 §5.11). */
  agree(data: NegotiatedData): void {
    const { ice, lite, fingerprints } = data.remote;
    const { usernameFragment, password } = ice!;
    this.#agreement ??= { role: data.dtlsRole, fingerprints };
    this.iceSlots.remoteParameters = { usernameFragment, password };
    if (this.#remoteFragment !== usernameFragment) {
      this.iceSlots.remoteCandidates = [];
      this.#given.clear();
    }
    this.#remoteFragment = usernameFragment;
    updateMaxMessageSize(this.sctpSlots, data.sctp.maxMessageSize, SEND_BUFFER_BYTES);
    this.driver.setRemote({
      ice: { usernameFragment, password, lite },
      fingerprints,
      dtlsRole: this.#agreement.role,
      sctp: {
        localPort: SCTP_PORT,
        remotePort: data.sctp.port,
        localMaxMessageSize: MAX_MESSAGE_SIZE,
        remoteMaxMessageSize: data.sctp.maxMessageSize,
      },
    });
    for (const candidate of data.candidates) this.addRemote(usernameFragment, candidate);
    if (data.candidatesComplete) this.addRemote(usernameFragment, undefined);
  }

  /** A candidate of the peer, or `undefined` for the end of them; held until the answer is known. */
  addRemote(usernameFragment: string, candidate: Candidate | undefined): void {
    if (usernameFragment !== this.#remoteFragment) return;
    const key = candidate === undefined ? "" : formatCandidate(candidate);
    if (this.#given.has(key)) return;
    this.#given.add(key);
    if (candidate === undefined) return this.driver.setRemoteEndOfCandidates();
    this.iceSlots.remoteCandidates.push(
      createIceCandidate({ candidate: key, usernameFragment }),
    );
    const usable = this.#mayUse(candidate) ? toEngine(candidate, usernameFragment) : undefined;
    if (usable !== undefined) this.driver.addRemoteCandidate(usable);
  }

  /** webrtc-pc §4.4.2: names are "administratively prohibited" under "relay"; RTCP is not for data. */
  #mayUse(candidate: Candidate): boolean {
    if (candidate.component !== 1) return false;
    const isName = candidate.address.endsWith(".local");
    return !isName || this.#configuration().iceTransportPolicy === "all";
  }

  /** Opens a channel; `undefined` when its identifier is taken, or none is free. */
  createChannel(init: DataChannelInit): ChannelControl | undefined {
    let control: ChannelControl | undefined;
    this.driver.createDataChannel(init, (handle) => control = createChannel(this.#owner, handle));
    return control;
  }

  /** The connection is closed; nothing is fired. */
  closeSilently(): void {
    this.driver.close();
    this.sctpSlots.state = "closed";
    this.dtlsSlots.state = "closed";
    this.iceSlots.state = "closed";
  }

  /** The last section that used the transport was rejected; its objects hear of it. */
  closeAloud(): void {
    this.closeSilently();
    for (const target of [this.sctpTransport, this.dtlsTransport, this.iceTransport]) {
      this.#owner.tasks.queue(() => this.#owner.fireEvent(target, new Event("statechange")));
    }
  }

  // What the driver tells (TransportListener).

  onIce(event: IceEvent): void {
    const { tasks } = this.#owner;
    switch (event.type) {
      case "candidate":
        return this.local.gotCandidate(event.candidate);
      case "gathering":
        if (event.state === "complete") this.local.gatheringDone();
        return;
      case "state":
        return this.#queueIceChange({ state: event.state });
      case "selected-pair":
        this.traffic.select(event.pair?.id, this.driver.transport.counters);
        return this.#queueIceChange({ pair: describePair(event.pair) });
      case "role":
        tasks.queue(() => this.iceSlots.role = event.controlling ? "controlling" : "controlled");
        return;
    }
  }

  onGatheringError(failure: UdpFailure): void {
    this.#owner.tasks.queue(() => this.#owner.gatheringFailed(failure));
  }

  onDtls(event: DtlsEvent): void {
    const { tasks } = this.#owner;
    if (event.type === "error") tasks.queue(() => this.#dtlsFailed(event));
    else if (event.state === "failed") tasks.queue(() => this.#dtlsFailed(undefined));
    else tasks.queue(() => this.#dtlsState(event.state));
  }

  onSctpState(state: "connected" | "closed"): void {
    const { sctp } = this.driver.transport;
    const streams = sctp === undefined ? 0 : Math.min(sctp.inboundStreams, sctp.outboundStreams);
    this.#owner.tasks.queue(() => {
      // webrtc-pc §6.1.1.3 and §6.1.2.
      this.sctpSlots.state = state;
      if (state === "connected") this.sctpSlots.maxChannels = streams;
      this.#owner.fireEvent(this.sctpTransport, new Event("statechange"));
    });
  }

  onDataChannel(handle: DataChannel): void {
    this.#owner.remoteChannel(createChannel(this.#owner, handle));
  }

  /** webrtc-pc §5.6: selected pair and state change in the same task. */
  #queueIceChange(change: IceChange): void {
    const pending = this.#pendingIce;
    const clashes = change.pair !== undefined && pending?.pair !== undefined ||
      change.state !== undefined && pending?.state !== undefined;
    if (pending !== undefined && !clashes) {
      Object.assign(pending, change);
      return;
    }
    const queued = this.#pendingIce = { ...change };
    this.#owner.tasks.queue(() => {
      if (this.#pendingIce === queued) this.#pendingIce = undefined;
      this.#changeIce(queued);
    });
  }

  #changeIce({ pair, state }: IceChange): void {
    if (pair !== undefined) this.iceSlots.selectedPair = pair;
    const stateChanged = state !== undefined && state !== this.iceSlots.state;
    if (stateChanged) this.iceSlots.state = state;
    this.#owner.iceChanged(pair !== undefined, stateChanged);
  }

  /** webrtc-pc §5.5: an error is fired before the state change it causes. */
  #dtlsFailed(event: Extract<DtlsEvent, { type: "error" }> | undefined): void {
    if (this.dtlsSlots.state === "failed") return;
    this.dtlsSlots.state = "failed";
    this.#owner.dtlsChanged();
    const error = new RTCError({
      errorDetail: event?.detail ?? "dtls-failure",
      receivedAlert: event?.receivedAlert,
      sentAlert: event?.sentAlert,
    }, event?.message);
    this.#owner.fireEvent(this.dtlsTransport, new RTCErrorEvent("error", { error }));
    this.#owner.fireEvent(this.dtlsTransport, new Event("statechange"));
  }

  #dtlsState(state: DtlsTransportSlots["state"]): void {
    this.dtlsSlots.state = state;
    if (state === "connected") {
      const chain = this.driver.transport.dtls?.remoteCertificates ?? [];
      this.dtlsSlots.remoteCertificates = chain.map((der) => der.slice());
    }
    this.#owner.dtlsChanged();
    this.#owner.fireEvent(this.dtlsTransport, new Event("statechange"));
  }
}

/**
 * The pair as the application sees it. Unlike a browser, which hides the addresses of peer-reflexive
 * candidates from web pages, this shows them: the program is the owner of the machine.
 */
function describePair(pair: IceSelectedPair | undefined): RTCIceCandidatePair | null {
  return pair === undefined
    ? null
    : createCandidatePair(describeCandidate(pair.local), describeCandidate(pair.remote));
}

function describeCandidate(candidate: IceCandidate): RTCIceCandidate {
  return createIceCandidate({
    candidate: formatCandidate(fromEngine(candidate)),
    usernameFragment: candidate.usernameFragment,
    url: candidate.url,
  });
}

interface IceChange {
  pair?: RTCIceCandidatePair | null;
  state?: RTCIceTransportState;
}
