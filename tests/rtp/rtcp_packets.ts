/** RTCP packets of every kind that this layer can write, such that reading gives back the same. */
import fc from "fast-check";
import { utf8Encode } from "../../src/base/mod.ts";
import type { ReportBlock, RtcpPacket, SdesItem, TransportFeedback } from "../../src/rtp/mod.ts";
import { u32 } from "./packets.ts";

const u8 = fc.nat(255);
const plain = { noNullPrototype: true };

const report: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: u32,
  fractionLost: u8,
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSequenceNumber: u32,
  jitter: u32,
  lastSr: u32,
  delaySinceLastSr: u32,
}, plain);
const reports = fc.array(report, { maxLength: 31 });

/** Text that survives UTF-8: whole code points only. */
const text = fc.string({ unit: "binary", maxLength: 60 }).map((value) => value.toWellFormed())
  .filter((value) => utf8Encode(value).length <= 120);

const sdesItem: fc.Arbitrary<SdesItem> = fc.oneof(
  fc.record({ type: fc.integer({ min: 1, max: 255 }).filter((type) => type !== 8), text }, plain),
  fc.record({ type: fc.constant(8), text, prefix: text }, plain),
);
const sdesChunk = fc.record({ ssrc: u32, items: fc.array(sdesItem, { maxLength: 4 }) }, plain);

const words = fc.array(u32, { maxLength: 6 }).map((values) =>
  new Uint8Array(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]))
);

/** Steps forward, each at least one: what a stream of losses or arrivals looks like. */
const steps = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 30 })), {
  minLength: 1,
  maxLength: 60,
});

/** Feedback about some packets, in whose order deltas are what two bytes can say. */
export const transportFeedback: fc.Arbitrary<TransportFeedback> = fc.record({
  senderSsrc: u32,
  mediaSsrc: u32,
  baseSequenceNumber: fc.nat(0xffff),
  reference: fc.nat(0xff_ffff),
  feedbackCount: u8,
  before: fc.nat(20),
  behind: fc.oneof(fc.constant(0), fc.nat(9000)),
  arrivals: fc.array(
    fc.tuple(
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 })),
      fc.oneof(fc.nat(255), fc.integer({ min: -0x8000, max: 0x7fff })),
    ),
    { maxLength: 60 },
  ),
}).filter(({ arrivals, before, behind }) =>
  arrivals.reduce((sum, [step]) => sum + step, before + behind) < 0xffff &&
  before + behind + arrivals.length > 0
).map(({ reference, before, behind, arrivals, ...fields }) => {
  const referenceTicks = reference * 256;
  let index = before - 1, ticks = referenceTicks;
  const sequenceNumbers: number[] = [], arrivalTicks: number[] = [];
  for (const [step, delta] of arrivals) {
    index += step;
    ticks += delta;
    sequenceNumbers.push(fields.baseSequenceNumber + index);
    arrivalTicks.push(ticks);
  }
  return {
    type: "transport-feedback",
    ...fields,
    referenceTicks,
    statusCount: index + 1 + behind,
    sequenceNumbers: Uint16Array.from(sequenceNumbers),
    arrivalTicks: Uint32Array.from(arrivalTicks),
  };
});

/** Any of them. */
export const rtcpPacket: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({
    type: fc.constant("sender-report" as const),
    ssrc: u32,
    ntpTime: fc.record({ seconds: u32, fraction: u32 }, plain),
    rtpTimestamp: u32,
    packetCount: u32,
    octetCount: u32,
    reports,
  }, plain),
  fc.record({ type: fc.constant("receiver-report" as const), ssrc: u32, reports }, plain),
  fc.record({
    type: fc.constant("source-description" as const),
    chunks: fc.array(sdesChunk, { maxLength: 31 }),
  }, plain),
  fc.record({
    type: fc.constant("goodbye" as const),
    ssrcs: fc.array(u32, { maxLength: 31 }),
    reason: fc.option(text, { nil: undefined }),
  }, plain),
  fc.record({
    type: fc.constant("app" as const),
    subtype: fc.nat(31),
    ssrc: u32,
    name: fc.array(u8, { minLength: 4, maxLength: 4 }).map((codes) =>
      String.fromCharCode(...codes)
    ),
    data: words,
  }, plain),
  fc.record({
    type: fc.constant("nack" as const),
    senderSsrc: u32,
    mediaSsrc: u32,
    sequenceNumbers: fc.tuple(fc.nat(0xffff), steps).map(([first, gaps]) => {
      const numbers = [first];
      for (const gap of gaps) numbers.push((numbers.at(-1)! + gap) & 0xffff);
      return numbers;
    }),
  }, plain),
  transportFeedback,
  fc.record({ type: fc.constant("pli" as const), senderSsrc: u32, mediaSsrc: u32 }, plain),
  fc.record({
    type: fc.constant("fir" as const),
    senderSsrc: u32,
    entries: fc.array(fc.record({ ssrc: u32, commandSequence: u8 }, plain), {
      minLength: 1,
      maxLength: 9,
    }),
  }, plain),
  fc.record({
    type: fc.constant("remb" as const),
    senderSsrc: u32,
    bitrate: fc.tuple(fc.nat(0x3_ffff), fc.nat(63)).map(([value, power]) => value * 2 ** power),
    ssrcs: fc.array(u32, { maxLength: 20 }),
  }, plain),
  fc.record({
    type: fc.constant("unknown" as const),
    packetType: fc.integer({ min: 207, max: 223 }),
    count: fc.nat(31),
    body: words,
  }, plain),
);
