/** Results as Markdown. */
import type {
  AllocationResult,
  CryptoBenchResult,
  Direction,
  PacketResult,
  StartResult,
} from "./results.ts";

/** One column of times: who, and how many packets a call. */
interface Column {
  readonly title: string;
  readonly subject: string;
  readonly batch: number;
}

const RIVALS = ["node:crypto", "werift", "noble", "libsrtp", "openssl"];
const OWN = ["wasm", "hybrid", "native", "ts"];
const DIRECTIONS: readonly Direction[] = ["protect", "unprotect"];

/** All tables: two per runtime, then memory and start. */
export function allTables(results: readonly CryptoBenchResult[]): string {
  const runtimes = new Set(results.map(({ runtime }) => runtime));
  runtimes.delete("native");
  const parts: string[] = [];
  for (const runtime of runtimes) {
    const packets = results.filter((one): one is PacketResult =>
      one.kind === "packet" && (one.runtime === runtime || one.beside === runtime)
    );
    const version = packets.find((one) => one.runtime === runtime)?.version;
    if (version === undefined) continue;
    parts.push(
      `### ${runtimeTitle(runtime)} ${version}: ns per packet, protect / unprotect`,
      `sterna with 1, 8 and 64 packets a call${
        nativeTitle(packets)
      }; the last columns say by how ` +
        "much 64 packets a call are quicker than the others.",
      comparison(packets),
      `What each provider takes in ${runtimeTitle(runtime)}, if it is forced:`,
      providersTable(packets),
    );
  }
  const allocations = results.filter((one) => one.kind === "allocation");
  if (allocations.length > 0) {
    parts.push("### Garbage: bytes for a packet that is protected and unprotected");
    parts.push(allocationTable(allocations));
    parts.push("\\* The packets lie in WebAssembly's memory, and nobody copies them.");
  }
  const starts = results.filter((one) => one.kind === "start");
  if (starts.length > 0) {
    parts.push("### From the first import to the first protected packet");
    parts.push(startTable(starts));
  }
  const notes = new Set(results.filter((one) => one.kind === "note").map(({ text }) => text));
  if (notes.size > 0) parts.push([...notes].map((text) => `- ${text}`).join("\n"));
  return parts.join("\n\n");
}

function runtimeTitle(runtime: string): string {
  if (runtime === "workerd") return runtime;
  return (runtime[0]!.toUpperCase() + runtime.slice(1)).replace(/-\d+$/, "");
}

/** The libraries of the programs in C, with their versions. */
function nativeTitle(packets: readonly PacketResult[]): string {
  const native = packets.filter(({ runtime }) => runtime === "native");
  const names = new Set(native.map(({ subject, version }) => `${subject} ${version}`));
  return names.size === 0 ? "" : `, ${[...names].join(" and ")} in C`;
}

function comparison(packets: readonly PacketResult[]): string {
  const has = (subject: string): boolean => packets.some((one) => one.subject === subject);
  const rivals = RIVALS.filter(has);
  const batches = [...new Set(packets.map(({ batch }) => batch))].sort((a, b) => a - b);
  const best = batches.at(-1)!;
  const columns: Column[] = [
    ...batches.map((batch) => ({ title: `sterna ${batch}`, subject: "sterna", batch })),
    ...rivals.map((subject) => ({ title: subject, subject, batch: 1 })),
  ];
  const head = [
    ...["profile", "payload"],
    ...columns.map(({ title }) => title),
    ...rivals.map((rival) => `than ${rival}`),
  ];
  const rows = cases(packets).map((row) => {
    const of = (subject: string, batch: number, direction: Direction): number | undefined =>
      row.find((one) =>
        one.subject === subject && one.batch === batch && one.direction === direction
      )?.ns;
    return [
      ...caseCells(row),
      ...columns.map(({ subject, batch }) => pair((way) => time(of(subject, batch, way)))),
      ...rivals.map((rival) => pair((way) => times(of(rival, 1, way), of("sterna", best, way)))),
    ];
  });
  return table(head, rows);
}

function providersTable(packets: readonly PacketResult[]): string {
  const own = OWN.filter((name) => packets.some(({ subject }) => subject === name));
  const batchesOf = (name: string): number[] => {
    const of = packets.filter(({ subject }) => subject === name).map(({ batch }) => batch);
    return [...new Set(of)].sort((a, b) => a - b);
  };
  const head = ["profile", "payload"];
  for (const name of own) for (const batch of batchesOf(name)) head.push(`${name} ${batch}`);
  const rows = cases(packets).map((row) => {
    const cells = caseCells(row);
    for (const name of own) {
      for (const batch of batchesOf(name)) {
        const of = (way: Direction): number | undefined =>
          row.find((one) => one.subject === name && one.batch === batch && one.direction === way)
            ?.ns;
        cells.push(pair((way) => time(of(way))));
      }
    }
    return cells;
  });
  return table(head, rows);
}

/** A row per runtime and profile, a column per subject and size of batch. */
function allocationTable(results: readonly AllocationResult[]): string {
  const columnOf = ({ subject, batch }: AllocationResult): string =>
    RIVALS.includes(subject) ? subject : `${subject} ${batch}`;
  const titles = new Set(results.map(columnOf));
  const columns = [...titles].filter((title) => !RIVALS.includes(title));
  columns.push(...RIVALS.filter((title) => titles.has(title)));
  const rows = new Map<string, AllocationResult[]>();
  for (const result of results) {
    const key = `${result.runtime} ${result.profile}`;
    rows.set(key, [...rows.get(key) ?? [], result]);
  }
  return table(
    ["runtime", "profile", "payload", ...columns],
    [...rows.values()].map((row) => [
      row[0]!.runtime,
      shortProfile(row[0]!.profile),
      `${row[0]!.payloadBytes} B`,
      ...columns.map((title) => {
        const found = row.find((one) => columnOf(one) === title);
        if (found === undefined) return "–";
        const digits = found.bytesPerPacket > 0 && found.bytesPerPacket < 10 ? 1 : 0;
        return found.bytesPerPacket.toFixed(digits) + (found.inWasmMemory ? " *" : "");
      }),
    ]),
  );
}

function startTable(results: readonly StartResult[]): string {
  const head = ["runtime", "import, ms", "first packet, ms", "together, ms", "tenth packet, µs"];
  return table(
    head,
    results.map((one) => [
      `${one.runtime} ${one.version}`,
      one.importMs.toFixed(1),
      one.firstPacketMs.toFixed(1),
      (one.importMs + one.firstPacketMs).toFixed(1),
      one.tenthPacketUs.toFixed(0),
    ]),
  );
}

/** The results of each profile and length, in the order of their coming. */
function cases(packets: readonly PacketResult[]): PacketResult[][] {
  const byCase = new Map<string, PacketResult[]>();
  for (const own of [true, false]) {
    for (const packet of packets) {
      if ((packet.runtime !== "native") !== own) continue;
      const key = `${packet.profile} ${packet.payloadBytes}`;
      const row = byCase.get(key);
      if (row === undefined) byCase.set(key, [packet]);
      else row.push(packet);
    }
  }
  return [...byCase.values()];
}

function caseCells([first]: readonly PacketResult[]): string[] {
  return [shortProfile(first!.profile), `${first!.payloadBytes} B`];
}

function shortProfile(profile: string): string {
  return profile.replace(/^SRTP_(AES128_)?(AEAD_)?/, "").replace("AES_", "");
}

function pair(cell: (direction: Direction) => string): string {
  const [protect, unprotect] = DIRECTIONS.map(cell);
  return protect === "–" && unprotect === "–" ? "–" : `${protect} / ${unprotect}`;
}

function time(ns: number | undefined): string {
  return ns === undefined ? "–" : ns.toFixed(0);
}

/** How many times `ours` goes into `theirs`. */
function times(theirs: number | undefined, ours: number | undefined): string {
  if (theirs === undefined || ours === undefined) return "–";
  const ratio = theirs / ours;
  return `${ratio.toFixed(ratio < 10 ? 1 : 0)}×`;
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length))
  );
  const line = (cells: readonly string[]): string =>
    `| ${
      cells.map((cell, i) => numeric(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)).join(
        " | ",
      )
    } |`;
  const numeric = (column: number): boolean => rows.every((row) => /^[–\d]/.test(row[column]!));
  const rule = widths.map((width, i) =>
    numeric(i) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
