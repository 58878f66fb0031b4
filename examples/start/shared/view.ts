/** A statistics report boiled down to what a person wants to see. */
import type { Connection, ConnectionView, StatsEntry } from "./types.ts";

interface Pair extends StatsEntry {
  readonly localCandidateId: string;
  readonly remoteCandidateId: string;
  readonly state?: string;
  readonly nominated?: boolean;
  /** Firefox marks the pair in use this way. */
  readonly selected?: boolean;
  readonly currentRoundTripTime?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
}

interface Candidate extends StatsEntry {
  readonly address?: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly candidateType?: string;
}

interface Transport extends StatsEntry {
  readonly selectedCandidatePairId?: string;
  readonly dtlsState?: string;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
}

interface ChannelStats extends StatsEntry {
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
}

/** How `connection` stands, by its states and its statistics (W3C webrtc-stats §8). */
export async function viewOf(connection: Connection): Promise<ConnectionView> {
  const entries = new Map<string, StatsEntry>();
  (await connection.getStats()).forEach((entry) => entries.set(entry.id, entry));
  const all = [...entries.values()];
  const transport = all.find(({ type }) => type === "transport") as Transport | undefined;
  const pair = selectedPair(all, entries, transport);
  const local = pair && describe(entries.get(pair.localCandidateId) as Candidate | undefined);
  const remote = pair && describe(entries.get(pair.remoteCandidateId) as Candidate | undefined);
  const rtt = pair?.currentRoundTripTime;
  return {
    connection: connection.connectionState,
    ice: connection.iceConnectionState,
    dtls: transport?.dtlsState ?? connection.sctp?.transport.state ?? "new",
    sctp: connection.sctp?.state ?? "new",
    ...(local !== undefined && { local }),
    ...(remote !== undefined && { remote }),
    ...(rtt !== undefined && { iceRttMs: rtt * 1000 }),
    ...traffic(all, transport, pair),
  };
}

function selectedPair(
  all: StatsEntry[],
  entries: Map<string, StatsEntry>,
  transport: Transport | undefined,
): Pair | undefined {
  const selected = transport?.selectedCandidatePairId;
  if (selected !== undefined) return entries.get(selected) as Pair | undefined;
  const pairs = all.filter(({ type }) => type === "candidate-pair") as Pair[];
  return pairs.find((pair) => pair.selected) ??
    pairs.find((pair) => pair.nominated && pair.state === "succeeded");
}

/** Chromium counts nothing on the transport before the first RTP packet: take what is largest. */
function traffic(
  all: StatsEntry[],
  transport: Transport | undefined,
  pair: Pair | undefined,
): { bytesSent: number; bytesReceived: number } {
  let sent = 0, received = 0;
  for (const entry of all) {
    if (entry.type !== "data-channel") continue;
    sent += (entry as ChannelStats).bytesSent ?? 0;
    received += (entry as ChannelStats).bytesReceived ?? 0;
  }
  return {
    bytesSent: Math.max(sent, pair?.bytesSent ?? 0, transport?.bytesSent ?? 0),
    bytesReceived: Math.max(received, pair?.bytesReceived ?? 0, transport?.bytesReceived ?? 0),
  };
}

function describe(candidate: Candidate | undefined): string | undefined {
  if (candidate === undefined) return undefined;
  const { address, port, protocol = "udp", candidateType = "host" } = candidate;
  // Browsers hide the address of a peer-reflexive or mDNS candidate from the page.
  const place = !address
    ? `hidden by the browser${port === undefined ? "" : `, port ${port}`}`
    : address.includes(":")
    ? `[${address}]:${port}`
    : `${address}:${port}`;
  return `${candidateType} · ${protocol} · ${place}`;
}
