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

interface Counted extends StatsEntry {
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
    ...traffic(all, transport),
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

/**
 * Bytes of all pairs that ever carried some, of the transport, or of the channels: not every browser
 * counts in each of these places, so what is largest is taken.
 */
function traffic(
  all: StatsEntry[],
  transport: Transport | undefined,
): { bytesSent: number; bytesReceived: number } {
  const sum = (type: string, key: "bytesSent" | "bytesReceived"): number =>
    all.reduce((total, entry) => {
      return entry.type === type ? total + ((entry as Counted)[key] ?? 0) : total;
    }, 0);
  const most = (key: "bytesSent" | "bytesReceived"): number =>
    Math.max(sum("data-channel", key), sum("candidate-pair", key), transport?.[key] ?? 0);
  return { bytesSent: most("bytesSent"), bytesReceived: most("bytesReceived") };
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
