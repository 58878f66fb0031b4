/**
 * What runs in each runtime: gets its orders as JSON in the first argument and prints one result a
 * line; `{"progress": …}` in between.
 *
 * @module
 */
import process from "node:process";
import { hexEncode } from "../../src/base/mod.ts";
import { deriveSessionKeys, type SrtpProfile } from "../../src/srtp/mod.ts";
import { measureAllocations } from "./allocation.ts";
import { type Effort, measure, type Timing } from "./measure.ts";
import { masterKey, masterSalt, type PacketSpec, TAG_BYTES } from "./packet_set.ts";
import { providers } from "./providers.ts";
import type { CryptoBenchResult } from "./results.ts";
import { type Subject, WrongAnswer } from "./subject.ts";
import { nobleSubject } from "./subjects/noble.ts";
import { nodeCryptoSubject } from "./subjects/node_crypto.ts";
import { SessionSubject } from "./subjects/session.ts";
import { type WeriftSrtp, weriftSubject } from "./subjects/werift.ts";

/** The orders. */
export interface WorkerOrders {
  /** What to measure. */
  readonly mode: "time" | "allocation";
  /** What the results call this runtime. */
  readonly runtime: string;
  readonly profiles: readonly SrtpProfile[];
  readonly sizes: readonly number[];
  readonly effort: Effort;
}

const orders = JSON.parse(process.argv[2]!) as WorkerOrders;
const { runtime } = orders;
const { bun, deno, node } = process.versions as Record<string, string | undefined>;
const version = bun ?? deno ?? node!;

const werift = await loadWerift();
for (const profile of orders.profiles) {
  for (const payloadBytes of orders.sizes) {
    const spec = { profile, payloadBytes };
    if (orders.mode === "allocation") allocations(spec);
    else times(spec);
  }
}
process.exit(0);

async function loadWerift(): Promise<WeriftSrtp | undefined> {
  try {
    const name = "werift";
    const module = await import(name) as WeriftSrtp & { default?: WeriftSrtp };
    return module.SrtpSession === undefined ? module.default : module;
  } catch (error) {
    note(`werift does not load: ${(error as Error).message}`);
    return undefined;
  }
}

function print(line: CryptoBenchResult | { progress: string }): void {
  process.stdout.write(JSON.stringify(line) + "\n");
}

function note(text: string): void {
  print({ kind: "note", runtime, text });
}

/** The packets of every subject must be the same. */
function checkOf(subject: Subject, tagBytes: number): string {
  subject.advance();
  subject.protect();
  const packet = subject.firstProtected();
  subject.unprotect();
  if (subject.firstUnprotected()[13] !== 1) throw new WrongAnswer(`${subject.name} opens wrongly`);
  return hexEncode(packet.subarray(packet.length - tagBytes));
}

/** Makes a subject and looks whether it works. */
function accept(
  accepted: Subject[],
  spec: PacketSpec,
  check: string | undefined,
  make: () => Subject | undefined,
): string | undefined {
  try {
    const subject = make();
    if (subject === undefined) return check;
    const made = checkOf(subject, TAG_BYTES[spec.profile]);
    if (check !== undefined && made !== check) {
      throw new WrongAnswer(`${subject.name} makes another packet: ${made} instead of ${check}`);
    }
    accepted.push(subject);
    return made;
  } catch (error) {
    note(`${spec.profile}, ${spec.payloadBytes} B: ${(error as Error).message}`);
    return check;
  }
}

function competitors(spec: PacketSpec): (() => Subject | undefined)[] {
  const { profile } = spec;
  const keys = deriveSessionKeys(profile, masterKey(profile), masterSalt(profile)).rtp;
  return [
    () => nodeCryptoSubject(spec, keys, "Buffer"),
    () => nodeCryptoSubject(spec, keys, "KeyObject"),
    () => werift === undefined ? undefined : weriftSubject(spec, werift),
    () => nobleSubject(spec, keys),
  ];
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function times(spec: PacketSpec): void {
  const subjects: Subject[] = [];
  let check: string | undefined;
  const makers = competitors(spec);
  for (const { name, ciphers, batches } of providers()) {
    for (const batch of batches) {
      makers.push(() => new SessionSubject(name, ciphers, spec, batch));
    }
  }
  for (const make of makers) check = accept(subjects, spec, check, make);
  const timings = measure(subjects, orders.effort, (subject, done, of) => {
    const share = Math.round(100 * done / of);
    print({ progress: `${spec.profile} ${spec.payloadBytes} B ${share} % ${subject.name}` });
  }, processorMs);
  report(spec, subjects, timings, check!);
  for (const subject of subjects) subject.dispose();
}

/** One line per subject and direction; of the two kinds of keys of node:crypto the quicker one. */
function report(
  spec: PacketSpec,
  subjects: readonly Subject[],
  timings: readonly Timing[],
  check: string,
): void {
  const best = new Map<string, CryptoBenchResult & { kind: "packet" }>();
  subjects.forEach(({ name, batch }, i) => {
    const [subject, detail] = name.split(" ") as [string, string | undefined];
    for (const direction of ["protect", "unprotect"] as const) {
      const ns = Number(timings[i]![`${direction}Ns`].toFixed(1));
      const key = `${subject} ${batch} ${direction}`;
      if ((best.get(key)?.ns ?? Infinity) <= ns) continue;
      best.set(key, {
        ...{ kind: "packet", runtime, version, ...spec, subject, batch, direction, ns, check },
        ...(detail !== undefined && { detail }),
      });
    }
  });
  for (const line of best.values()) print(line);
}

function allocations(spec: PacketSpec): void {
  const subjects: Subject[] = [];
  const makers = competitors(spec).slice(1, 3);
  for (const { name, ciphers, batches } of providers()) {
    for (const batch of batches.filter((packets) => packets !== 8)) {
      makers.push(() => new SessionSubject(name, ciphers, spec, batch));
    }
  }
  for (const make of makers) accept(subjects, spec, undefined, make);
  for (const subject of subjects) {
    print({ progress: `${spec.profile} ${spec.payloadBytes} B allocations of ${subject.name}` });
    const name = subject.name.split(" ")[0]!;
    const measured = measureAllocations(subject, orders.effort);
    print({
      ...{ kind: "allocation", runtime, version, ...spec, subject: name, batch: subject.batch },
      ...measured,
    });
  }
}
