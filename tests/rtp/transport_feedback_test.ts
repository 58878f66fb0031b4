import assert from "node:assert/strict";
import fc from "fast-check";
import { hexEncode } from "../../src/base/mod.ts";
import {
  parseRtcpPacket,
  RtcpReader,
  RtpError,
  type TransportFeedback,
  TransportFeedbackBuilder,
  writeTransportFeedback,
} from "../../src/rtp/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { hex } from "./packets.ts";
import { transportFeedback } from "./rtcp_packets.ts";

const u16 = fc.nat(0xffff);

const DRAFT = "draft-holmer-rmcat-transport-wide-cc-extensions-01";

/** Feedback in a packet of its own, or `undefined` when it is malformed. */
function read(bytes: Uint8Array): TransportFeedback | undefined {
  const reader = new RtcpReader();
  assert.equal(reader.read(bytes) && reader.next(), true);
  const packet = reader.decode();
  assert.ok(packet === undefined || packet.type === "transport-feedback");
  return packet;
}

/** Feedback about `count` packets from 10 on, with reference time 1, chunks and deltas. */
function feedback(count: number, rest: string): TransportFeedback | undefined {
  const body = "0000000100000002" + "000a" + count.toString(16).padStart(4, "0") + "00000100" +
    rest;
  const padded = body.padEnd(Math.ceil(body.length / 8) * 8, "0");
  return read(hex("8fcd" + (padded.length / 8).toString(16).padStart(4, "0") + padded));
}

test("Feedback from captures is read (pion/rtcp transport_layer_cc_test.go)", () => {
  const first = read(hex("afcd0005fa17fa1743032fa0009900013de8021720019401"))!;
  assert.deepEqual(first, {
    type: "transport-feedback",
    senderSsrc: 4195875351,
    mediaSsrc: 1124282272,
    baseSequenceNumber: 153,
    statusCount: 1,
    referenceTicks: 4057090 * 256,
    feedbackCount: 23,
    sequenceNumbers: new Uint16Array([153]),
    arrivalTicks: new Uint32Array([4057090 * 256 + 37000 / 250]),
  });
  const sixth = read(hex("afcd00079b74f61f9371dcbc853c000963f916b3d55200309baa6aaa7b010901"))!;
  assert.equal(sixth.statusCount, 9);
  assert.deepEqual([...sixth.sequenceNumbers].map((n) => n - 34108), [0, 1, 2, 3, 4, 6]);
  let ticks = 6551830 * 256;
  const deltas = [...sixth.arrivalTicks].map((arrival) => {
    const delta = 250 * (arrival - ticks);
    ticks = arrival;
    return delta;
  });
  assert.deepEqual(deltas, [38750, 42500, 26500, 42500, 30750, 66250]);
});

test(`Each kind of chunk says which packets arrived (${DRAFT} §3.1)`, () => {
  const arrived = (count: number, rest: string) => {
    const { sequenceNumbers, arrivalTicks } = feedback(count, rest)!;
    return [...sequenceNumbers].map((number, i) => [number - 10, arrivalTicks[i]! - 256]);
  };
  assert.deepEqual(arrived(3, "2003" + "010203"), [[0, 1], [1, 3], [2, 6]], "a run of small");
  assert.deepEqual(arrived(2, "4002" + "fffe0100"), [[0, -2], [1, 254]], "a run of large");
  assert.deepEqual(arrived(9, "0009"), [], "a run of losses");
  assert.deepEqual(arrived(14, "a001" + "0102"), [[0, 1], [13, 3]], "one bit");
  assert.deepEqual(arrived(7, "d002" + "01ffff"), [[0, 1], [6, 0]], "two bits");
  assert.deepEqual(
    arrived(3, "0000" + "2003" + "010101"),
    [[0, 1], [1, 2], [2, 3]],
    "an empty run",
  );
  assert.deepEqual(arrived(1, "bfff" + "05"), [[0, 5]], "symbols behind the count are ignored");
});

test(`Malformed feedback is refused (${DRAFT} §3.1)`, () => {
  assert.equal(feedback(0, "0000"), undefined, "about no packet");
  assert.equal(feedback(1, "6001" + "01"), undefined, "a run of the reserved status");
  assert.equal(feedback(7, "c003"), undefined, "the reserved status in a vector");
  assert.equal(feedback(3, "2003"), undefined, "deltas that are not there");
  assert.equal(feedback(4, "4004" + "0001" + "0001"), undefined, "half of them");
  assert.equal(feedback(9000, "1fff"), undefined, "chunks that end early");
  assert.equal(read(hex("8fcd0003" + "0000000100000002" + "000a0001")), undefined, "no chunks");
});

test(`Feedback is written in the fewest words of its chunks (${DRAFT} §3.1)`, () => {
  const chunks = (arrived: readonly number[], count: number, large: readonly number[] = []) => {
    const builder = new TransportFeedbackBuilder(1200);
    builder.begin(0, 0);
    let ticks = 0;
    for (const number of arrived) {
      assert.equal(builder.add(number, ticks += large.includes(number) ? 300 : 1), true);
    }
    assert.equal(builder.cover(count), true);
    const out = new Uint8Array(1200);
    const text = hexEncode(out.subarray(20, builder.write(1, 2, 3, out, 0)));
    const deltas = arrived.map((n) => large.includes(n) ? "012c" : "01").join("");
    return text.slice(0, text.lastIndexOf(deltas));
  };
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
  assert.equal(chunks(upTo(5), 5), "2005");
  assert.equal(chunks(upTo(100), 100), "2064");
  assert.equal(chunks([0], 3), "a000");
  assert.equal(chunks([0, 2, 13], 14), "a801");
  assert.equal(chunks([0, 2], 3, [2]), "d200");
  assert.equal(chunks([0], 9000), "a000" + "1fff" + "031b");
  assert.equal(chunks(upTo(7), 8, upTo(7)), "4007" + "0001");
});

test(`What was written is read again (${DRAFT} §3.1)`, () => {
  fc.assert(
    fc.property(transportFeedback, (value) => {
      const out = new Uint8Array(20_000).fill(0xff);
      const end = writeTransportFeedback(value, out, 0);
      assert.equal(end % 4, 0);
      assert.deepEqual(read(out.subarray(0, end)), value);
    }),
    fuzz(300, 205),
  );
});

test(`A builder fills a packet to its limit and refuses the rest (${DRAFT} §3.1)`, () => {
  const arrivals = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: -300, max: 600 })),
    { minLength: 1, maxLength: 300, size: "max" },
  );
  fc.assert(
    fc.property(arrivals, fc.integer({ min: 28, max: 300 }), u16, (steps, limit, first) => {
      const builder = new TransportFeedbackBuilder(limit);
      const out = new Uint8Array(limit);
      const seen: number[] = [], expected: number[] = [];
      const flush = () => {
        const { sequenceNumbers, arrivalTicks } = read(
          out.subarray(0, builder.write(1, 2, 0, out, 0)),
        )!;
        sequenceNumbers.forEach((number, i) => seen.push(number, arrivalTicks[i]!));
      };
      let number = first, ticks = 0x7fff_fff0;
      builder.begin(number, ticks);
      for (const [step, delta] of steps) {
        expected.push(number, ticks);
        if (!builder.add(number, ticks)) {
          flush();
          builder.begin(number, ticks);
          assert.equal(builder.add(number, ticks), true);
        }
        number = (number + step) & 0xffff;
        ticks = (ticks + delta) >>> 0;
      }
      flush();
      assert.deepEqual(seen, expected);
    }),
    fuzz(150, 206),
  );
});

test(`A builder refuses what feedback cannot say (${DRAFT} §3.1)`, () => {
  const builder = new TransportFeedbackBuilder(1200);
  const out = new Uint8Array(1200);
  builder.begin(65535, 1000);
  assert.equal(builder.write(1, 2, 0, out, 5), 5, "nothing to say");
  assert.equal(builder.add(65535, 1000), true);
  assert.equal(builder.add(65535, 1001), false, "the same again");
  assert.equal(builder.add(65534, 1001), false, "one before");
  assert.equal(builder.add(0, 1000 + 0x8000), false, "8 s later");
  assert.equal(builder.add(0, 1000 - 0x8001), false, "8 s earlier");
  assert.equal(builder.add(0, 1000 + 0x7fff), true);
  assert.equal(builder.cover(1), false, "less than it says");
  assert.equal(builder.cover(65536), false, "more than it can count");
  assert.deepEqual([builder.statusCount, builder.receivedCount], [2, 2]);
  assert.throws(() => builder.write(1, 2, 0, out.subarray(0, 24), 0), RtpError);
  assert.throws(
    () =>
      writeTransportFeedback(
        { ...feedback(2, "2002" + "0101")!, sequenceNumbers: new Uint16Array([11, 10]) },
        out,
        0,
      ),
    (error) => error instanceof RtpError && error.code === "invalid-value",
  );
  assert.throws(
    () => writeTransportFeedback({ ...feedback(2, "2002" + "0101")!, statusCount: 1 }, out, 0),
    (error) => error instanceof RtpError && error.code === "invalid-value",
  );
});

test("Chunks of random bytes neither throw nor take more than their length (RFC 4585 §6)", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 200 }),
      fc.nat(0xffff),
      (bytes, count) => {
        bytes.set([0x8f, 205]);
        bytes[14] = count >>> 8;
        bytes[15] = count & 0xff;
        const packet = parseRtcpPacket(bytes, 0, bytes.length);
        if (packet?.type !== "transport-feedback") return;
        assert.ok(packet.sequenceNumbers.length <= bytes.length);
        assert.equal(packet.sequenceNumbers.length, packet.arrivalTicks.length);
        assert.equal(packet.statusCount, count);
      },
    ),
    fuzz(1500, 207),
  );
});
