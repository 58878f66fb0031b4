import { hexEncode, randomBytes } from "../base/mod.ts";
import { fingerprintBytes, formatFingerprint } from "../crypto/mod.ts";
import type { Host } from "../host/mod.ts";
import type {
  IceCandidatePairStats,
  IceCandidateStats,
  IceSelectedPair,
  IceStats,
} from "../ice/mod.ts";
import type { Connection } from "./connection.ts";
import type { DataTransport } from "./data_transport.ts";
import { type RTCStats, RTCStatsReport } from "./stats_report.ts";

/** Members of a statistics object; those that are `undefined` do not exist (webrtc-pc §8.4). */
type Members = Record<string, unknown>;

/**
 * Identifiers that stay the same and cannot be guessed (webrtc-pc §8.4): drawn when an object is first
 * reported.
 */
export class StatsIds {
  readonly #ids = new Map<string, string>();

  /** The identifier of the object that is known inside as `key`. */
  of(key: string, entropy: (out: Uint8Array) => void): string {
    let id = this.#ids.get(key);
    if (id === undefined) this.#ids.set(key, id = hexEncode(randomBytes(entropy, 8)));
    return id;
  }
}

/** Collects the statistics of one moment. */
class Collector {
  readonly objects: RTCStats[] = [];
  readonly connection: Connection;
  readonly #timestamp: number;

  constructor(connection: Connection) {
    this.connection = connection;
    this.#timestamp = connection.environment.host().wallClock();
  }

  id(key: string): string {
    return this.connection.statsIds.of(key, this.connection.environment.host().entropy);
  }

  /** Adds an object and returns its identifier. */
  add(type: string, key: string, members: Members): string {
    const id = this.id(key);
    const object: RTCStats & Members = { id, type, timestamp: this.#timestamp };
    for (const [name, value] of Object.entries(members)) {
      if (value !== undefined) object[name] = value;
    }
    this.objects.push(object);
    return id;
  }
}

/** Statistics of a whole connection (webrtc-pc §8.2, W3C webrtc-stats). */
export function collectStats(connection: Connection): RTCStatsReport {
  const collector = new Collector(connection);
  collector.add("peer-connection", "peer-connection", {
    dataChannelsOpened: connection.channelsOpened,
    dataChannelsClosed: connection.channelsClosed,
  });
  addChannels(collector);
  if (connection.hasSctp && connection.transport !== undefined) {
    addTransport(collector, connection.transport);
  }
  return new RTCStatsReport(collector.objects);
}

function addChannels(collector: Collector): void {
  for (const { channel, handle, key } of collector.connection.channels) {
    collector.add("data-channel", key, {
      label: channel.label,
      protocol: channel.protocol,
      dataChannelIdentifier: channel.id ?? undefined,
      state: channel.readyState,
      ...handle.stats,
    });
  }
}

function addTransport(collector: Collector, transport: DataTransport): void {
  const { ice, dtls, counters } = transport.driver.transport;
  const iceStats = ice.stats();
  const dtlsStats = dtls?.stats();
  addIce(collector, iceStats, transport);
  addSelectedCandidates(collector, iceStats, ice.selectedPair);
  const selected = iceStats.selectedCandidatePairId;
  collector.add("transport", "transport", {
    packetsSent: counters.packetsSent,
    packetsReceived: counters.packetsReceived,
    bytesSent: counters.bytesSent,
    bytesReceived: counters.bytesReceived,
    iceRole: transport.iceSlots.role,
    iceLocalUsernameFragment: iceStats.localUsernameFragment,
    iceState: transport.iceSlots.state,
    selectedCandidatePairId: selected === undefined ? undefined : collector.id(`pair ${selected}`),
    selectedCandidatePairChanges: iceStats.selectedCandidatePairChanges,
    dtlsState: transport.dtlsSlots.state,
    dtlsRole: transport.dtlsRole ?? "unknown",
    tlsVersion: dtlsStats?.tlsVersion,
    dtlsCipher: dtlsStats?.dtlsCipher,
    srtpCipher: dtlsStats?.srtpCipher,
    ...cryptoMembers(collector.connection.environment.host()),
    localCertificateId: addCertificates(collector, "local", [transport.certificate.der]),
    remoteCertificateId: addCertificates(
      collector,
      "remote",
      transport.dtlsSlots.remoteCertificates,
    ),
  });
}

/**
 * Members of our own: where cryptography comes from in this runtime, and why not from where it is
 * fastest, when that is so.
 */
function cryptoMembers({ crypto, srtp, cryptoFallback }: Host): Members {
  return {
    sternaCrypto: crypto.name,
    sternaSrtpCrypto: srtp.name,
    sternaCryptoFallback: cryptoFallback,
  };
}

function addIce(collector: Collector, stats: IceStats, transport: DataTransport): void {
  for (const local of stats.localCandidates) addCandidate(collector, "local-candidate", local);
  for (const remote of stats.remoteCandidates) addCandidate(collector, "remote-candidate", remote);
  for (const pair of stats.pairs) addPair(collector, pair, transport);
}

/** In an ICE restart data goes over a pair of the generation before, whose candidates are no more. */
function addSelectedCandidates(
  collector: Collector,
  stats: IceStats,
  selected: IceSelectedPair | undefined,
): void {
  const pair = stats.pairs.find(({ id }) => id === selected?.id);
  if (pair === undefined || selected === undefined) return;
  const { local, remote } = selected;
  const isNew = (id: string, list: readonly IceCandidateStats[]): boolean =>
    !list.some((known) => known.id === id);
  if (isNew(pair.localCandidateId, stats.localCandidates)) {
    addCandidate(collector, "local-candidate", { id: pair.localCandidateId, candidate: local });
  }
  if (isNew(pair.remoteCandidateId, stats.remoteCandidates)) {
    addCandidate(collector, "remote-candidate", { id: pair.remoteCandidateId, candidate: remote });
  }
}

/** W3C webrtc-stats, RTCIceCandidateStats. */
function addCandidate(
  collector: Collector,
  type: "local-candidate" | "remote-candidate",
  { id, candidate }: IceCandidateStats,
): void {
  collector.add(type, `${type} ${id}`, {
    transportId: collector.id("transport"),
    address: candidate.address,
    port: candidate.port,
    protocol: candidate.protocol,
    candidateType: candidate.type,
    priority: candidate.priority,
    foundation: candidate.foundation,
    url: candidate.url,
    relatedAddress: candidate.relatedAddress,
    relatedPort: candidate.relatedPort,
    usernameFragment: candidate.usernameFragment,
    tcpType: candidate.tcpType,
  });
}

/** W3C webrtc-stats, RTCIceCandidatePairStats. Round trips are in seconds there. */
function addPair(
  collector: Collector,
  pair: IceCandidatePairStats,
  transport: DataTransport,
): void {
  const { counters } = transport.driver.transport;
  collector.add("candidate-pair", `pair ${pair.id}`, {
    transportId: collector.id("transport"),
    localCandidateId: collector.id(`local-candidate ${pair.localCandidateId}`),
    remoteCandidateId: collector.id(`remote-candidate ${pair.remoteCandidateId}`),
    state: pair.state,
    nominated: pair.nominated,
    ...transport.traffic.of(pair.id, counters),
    totalRoundTripTime: pair.totalRoundTripTimeMs / 1000,
    currentRoundTripTime: pair.currentRoundTripTimeMs === undefined
      ? undefined
      : pair.currentRoundTripTimeMs / 1000,
    requestsReceived: pair.requestsReceived,
    requestsSent: pair.requestsSent,
    responsesReceived: pair.responsesReceived,
    responsesSent: pair.responsesSent,
    consentRequestsSent: pair.consentRequestsSent,
  });
}

/** A chain of certificates, each naming its issuer; the identifier of the first one. */
function addCertificates(
  collector: Collector,
  side: "local" | "remote",
  chain: readonly Uint8Array[],
): string | undefined {
  let issuerCertificateId: string | undefined;
  for (let i = chain.length - 1; i >= 0; i--) {
    const der = chain[i]!;
    issuerCertificateId = collector.add("certificate", `${side} certificate ${i}`, {
      fingerprint: formatFingerprint(fingerprintBytes("sha-256", der)),
      fingerprintAlgorithm: "sha-256",
      base64Certificate: btoa(String.fromCharCode(...der)),
      issuerCertificateId,
    });
  }
  return issuerCertificateId;
}
