/** What SRTP of ours and of a foreign stack must do together, for each of our providers. */
import assert from "node:assert/strict";
import { readU32, seededEntropy } from "../../src/base/mod.ts";
import {
  SRTP_MALFORMED,
  SRTP_REFUSED,
  SRTP_REPLAYED,
  type SrtpCipherProvider,
  type SrtpProfile,
  SrtpReceiver,
  SrtpSender,
} from "../../src/srtp/mod.ts";
import { test } from "../harness.ts";
import type { ForeignSession, SrtpProgram, Verb } from "./peers/srtp_program.ts";
import {
  type Kind,
  mustBePackets,
  type Outcome,
  protectAll,
  providers,
  unprotectAll,
} from "./srtp_ends.ts";
import {
  cryptexTraffic,
  disturb,
  type MasterKeys,
  PROFILES,
  randomKeys,
  rolloversOf,
  rtcpTraffic,
  rtpTraffic,
  shortTraffic,
  withEmptyExtension,
} from "./srtp_traffic.ts";

/** A foreign stack. */
export interface ForeignSrtp {
  /** What the tests are called after. */
  readonly name: string;
  /** Why it cannot be used here, or `undefined`. */
  readonly missing: string | undefined;
  /** Starts it. */
  start(): Promise<SrtpProgram>;
  /** Whether it has RFC 9335. */
  readonly cryptex: boolean;
}

/** What one test works with. */
interface Setting extends MasterKeys {
  readonly ciphers: SrtpCipherProvider;
  readonly profile: SrtpProfile;
  readonly clearRtcp?: boolean;
  readonly cryptex?: boolean;
}

type Body = (program: SrtpProgram, setting: Setting) => Promise<void>;

const PROTECT: Readonly<Record<Kind, Verb>> = { rtp: "protect", rtcp: "protect_rtcp" };
const UNPROTECT: Readonly<Record<Kind, Verb>> = { rtp: "unprotect", rtcp: "unprotect_rtcp" };

/** Packets of ours, opened by the other in another order and with losses. */
async function sendAcross(
  program: SrtpProgram,
  setting: Setting,
  packets: readonly Uint8Array[],
  kind: Kind,
  expected: readonly Uint8Array[] = packets,
): Promise<void> {
  const sender = new SrtpSender(setting);
  const theirs = await program.open({ way: "receive", ...setting });
  const pairs = mustBePackets(protectAll(sender, packets, kind))
    .map((sealed, index) => ({ sealed, plain: expected[index]! }));
  const arriving = disturb(pairs, 1);
  const opened = await theirs.mustApply(UNPROTECT[kind], arriving.map(({ sealed }) => sealed));
  assert.deepEqual(opened, arriving.map(({ plain }) => plain));
  sender.dispose();
}

/** Packets of the other, opened by us in another order and with losses. */
async function receiveAcross(
  program: SrtpProgram,
  setting: Setting,
  packets: readonly Uint8Array[],
  kind: Kind,
  expected: readonly Uint8Array[] = packets,
): Promise<void> {
  const theirs = await program.open({ way: "send", ...setting });
  const receiver = new SrtpReceiver(setting);
  const sealed = await theirs.mustApply(PROTECT[kind], packets);
  const arriving = disturb(sealed.map((bytes, index) => ({ bytes, plain: expected[index]! })), 2);
  const opened = unprotectAll(receiver, arriving.map(({ bytes }) => bytes), kind);
  assert.deepEqual(mustBePackets(opened), arriving.map(({ plain }) => plain));
  receiver.dispose();
}

/** The same packets, protected by both with the same keys, have the same bytes. */
async function compareSealed(
  program: SrtpProgram,
  setting: Setting,
  packets: readonly Uint8Array[],
): Promise<void> {
  const theirs = await program.open({ way: "send", ...setting });
  const sender = new SrtpSender(setting);
  assert.deepEqual(
    protectAll(sender, packets, "rtp"),
    await theirs.mustApply("protect", packets),
  );
  sender.dispose();
}

/** The packet with one bit of each byte wrong, and all of its beginnings. */
function damaged(packet: Uint8Array): Uint8Array[] {
  const flipped = Array.from(packet, (byte, index) => packet.with(index, byte ^ 1 << index % 8));
  const cut = Array.from(packet, (_, length) => packet.slice(0, length));
  return [...flipped, ...cut.slice(1)];
}

function assertRefused(outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    assert.ok(outcome === SRTP_REFUSED || outcome === SRTP_MALFORMED, String(outcome));
  }
}

/** Both ends of one direction each, and the same packet protected by both. */
interface Ends {
  readonly theirReceiver: ForeignSession;
  readonly receiver: SrtpReceiver;
  readonly ours: Uint8Array[];
  readonly theirs: Uint8Array[];
}

async function openEnds(
  program: SrtpProgram,
  setting: Setting,
  packets: readonly Uint8Array[],
  kind: Kind,
): Promise<Ends> {
  const theirSender = await program.open({ way: "send", ...setting });
  const sender = new SrtpSender(setting);
  const ends = {
    theirReceiver: await program.open({ way: "receive", ...setting }),
    receiver: new SrtpReceiver(setting),
    ours: mustBePackets(protectAll(sender, packets, kind)),
    theirs: await theirSender.mustApply(PROTECT[kind], packets),
  };
  sender.dispose();
  return ends;
}

/** Neither opens anything damaged, nor is it disturbed by it. */
async function refuseDamaged(
  program: SrtpProgram,
  setting: Setting,
  plain: Uint8Array,
  kind: Kind,
): Promise<void> {
  const { theirReceiver, receiver, ours, theirs } = await openEnds(
    program,
    setting,
    [plain],
    kind,
  );
  for (const verdict of await theirReceiver.apply(UNPROTECT[kind], damaged(ours[0]!))) {
    assert.equal(typeof verdict, "string");
  }
  assertRefused(unprotectAll(receiver, damaged(theirs[0]!), kind));
  assert.deepEqual(await theirReceiver.apply(UNPROTECT[kind], ours), [plain]);
  assert.deepEqual(unprotectAll(receiver, theirs, kind), [plain]);
  receiver.dispose();
}

async function refuseReplays(program: SrtpProgram, setting: Setting, kind: Kind): Promise<void> {
  const plain = kind === "rtp" ? shortTraffic(19, 30) : rtcpTraffic(19);
  const { theirReceiver, receiver, ours, theirs } = await openEnds(program, setting, plain, kind);
  await theirReceiver.mustApply(UNPROTECT[kind], ours);
  for (const verdict of await theirReceiver.apply(UNPROTECT[kind], ours)) {
    assert.equal(verdict, "replay");
  }
  mustBePackets(unprotectAll(receiver, theirs, kind));
  for (const outcome of unprotectAll(receiver, theirs, kind)) assert.equal(outcome, SRTP_REPLAYED);
  receiver.dispose();
}

async function refuseOtherKeys(program: SrtpProgram, setting: Setting): Promise<void> {
  const other = { ...setting, masterKey: setting.masterKey.map((byte) => byte ^ 1) };
  const { ours, theirs, ...ends } = await openEnds(program, other, shortTraffic(20, 20), "rtp");
  ends.receiver.dispose();
  const theirReceiver = await program.open({ way: "receive", ...setting });
  const receiver = new SrtpReceiver(setting);
  for (const verdict of await theirReceiver.apply("unprotect", ours)) {
    assert.equal(verdict, "authentication");
  }
  for (const outcome of unprotectAll(receiver, theirs, "rtp")) {
    assert.equal(outcome, SRTP_REFUSED);
  }
  receiver.dispose();
}

/** Who joins late must be told the rollover counter of each source. */
async function joinLate(program: SrtpProgram, setting: Setting): Promise<void> {
  const packets = rtpTraffic(26);
  const theirs = await program.open({ way: "send", ...setting });
  const sealed = await theirs.mustApply("protect", packets);
  const rollovers = rolloversOf(packets);
  const from = Math.floor(packets.length / 2);
  assert.ok(rollovers[from]! >= 1);
  const receiver = new SrtpReceiver(setting);
  for (const outcome of unprotectAll(receiver, sealed.slice(from, from + 20), "rtp")) {
    assert.equal(outcome, SRTP_REFUSED);
  }
  for (let index = from; index < from + 3; index++) {
    receiver.setRolloverCounter(readU32(packets[index]!, 8), rollovers[index]!);
  }
  assert.deepEqual(unprotectAll(receiver, sealed.slice(from), "rtp"), packets.slice(from));
  receiver.dispose();
}

/** Names and bodies; `{}` stands for the foreign stack. */
const CASES: readonly (readonly [name: string, body: Body])[] = [
  [
    "{} opens RTP of SrtpSender across rollovers (RFC 3711 §3.3)",
    (program, setting) => sendAcross(program, setting, rtpTraffic(11), "rtp"),
  ],
  [
    "SrtpReceiver opens RTP of {} across rollovers (RFC 3711 §3.3)",
    (program, setting) => receiveAcross(program, setting, rtpTraffic(12), "rtp"),
  ],
  [
    "{} opens RTCP of SrtpSender (RFC 3711 §3.4)",
    (program, setting) => sendAcross(program, setting, rtcpTraffic(13), "rtcp"),
  ],
  [
    "SrtpReceiver opens RTCP of {} (RFC 3711 §3.4)",
    (program, setting) => receiveAcross(program, setting, rtcpTraffic(14), "rtcp"),
  ],
  [
    "SrtpReceiver opens RTCP that {} only authenticated: the E flag is 0 (RFC 3711 §3.4)",
    (program, setting) =>
      receiveAcross(program, { ...setting, clearRtcp: true }, rtcpTraffic(15), "rtcp"),
  ],
  [
    "SrtpSender and {} write the same SRTP packets (RFC 3711 §3.3)",
    (program, setting) => compareSealed(program, setting, rtpTraffic(16)),
  ],
  [
    "SrtpReceiver and {} refuse every damaged packet of the other, and open the whole one " +
    "afterwards (RFC 3711 §3.3)",
    (program, setting) => refuseDamaged(program, setting, shortTraffic(17, 1)[0]!, "rtp"),
  ],
  [
    "SrtpReceiver and {} refuse damaged RTCP of the other (RFC 3711 §3.4)",
    (program, setting) => refuseDamaged(program, setting, rtcpTraffic(18)[1]!, "rtcp"),
  ],
  [
    "SrtpReceiver and {} accept each packet of the other once (RFC 3711 §3.3.2)",
    async (program, setting) => {
      await refuseReplays(program, setting, "rtp");
      await refuseReplays(program, setting, "rtcp");
    },
  ],
  [
    "SrtpReceiver that joins RTP of {} late opens it once told the rollover counters " +
    "(RFC 3711 §3.3.1)",
    joinLate,
  ],
  ["SrtpReceiver and {} refuse packets under another key (RFC 3711 §3.3)", refuseOtherKeys],
];

/** For stacks that have RFC 9335. */
const CRYPTEX_CASES: readonly (readonly [name: string, body: Body])[] = [
  [
    "{} opens RTP of SrtpSender with encrypted CSRCs and header extensions (RFC 9335 §5.1)",
    (program, setting) => {
      const packets = cryptexTraffic(21);
      return sendAcross(program, setting, packets, "rtp", packets.map(withEmptyExtension));
    },
  ],
  [
    "SrtpReceiver opens RTP of {} with encrypted CSRCs and header extensions (RFC 9335 §5.2)",
    (program, setting) => {
      const packets = cryptexTraffic(22);
      return receiveAcross(program, setting, packets, "rtp", packets.map(withEmptyExtension));
    },
  ],
  [
    "SrtpSender and {} encrypt CSRCs and header extensions to the same bytes (RFC 9335 §6.2)",
    (program, setting) => compareSealed(program, setting, cryptexTraffic(23)),
  ],
  [
    "SrtpReceiver and {} refuse damaged packets with encrypted headers (RFC 9335 §5.2)",
    (program, setting) => refuseDamaged(program, setting, shortTraffic(24, 1)[0]!, "rtp"),
  ],
  [
    "SrtpReceiver with Cryptex opens RTP of {} without it (RFC 9335 §5.2)",
    async (program, setting) => {
      const theirs = await program.open({ way: "send", ...setting, cryptex: false });
      const receiver = new SrtpReceiver(setting);
      const packets = rtpTraffic(25);
      const sealed = await theirs.mustApply("protect", packets);
      assert.deepEqual(unprotectAll(receiver, sealed, "rtp"), packets);
      receiver.dispose();
    },
  ],
];

/** Registers the tests of a stack: each for each provider and profile, with a process of its own. */
export function srtpInterop({ name, missing, start, cryptex }: ForeignSrtp): void {
  const register = (title: string, body: Body, withCryptex: boolean): void => {
    for (const ciphers of providers) {
      for (const profile of PROFILES) {
        test(`${title.replace("{}", name)} [${profile}, ${ciphers.name}]`, async () => {
          const program = await start();
          try {
            const keys = randomKeys(profile, seededEntropy(profile.length));
            await body(program, { ciphers, profile, ...keys, cryptex: withCryptex });
          } finally {
            await program.close();
          }
        }, { skip: missing });
      }
    }
  };
  for (const [title, body] of CASES) register(title, body, false);
  for (const [title, body] of cryptex ? CRYPTEX_CASES : []) register(title, body, true);
}
