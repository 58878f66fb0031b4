import assert from "node:assert/strict";
import fc from "fast-check";
import { hexEncode } from "../../src/base/mod.ts";
import {
  expandNack,
  isRtcp,
  packNack,
  parseRtcpPacket,
  type RtcpPacket,
  rtcpProblem,
  RtcpReader,
  RtpError,
  writeNack,
  writeRtcpPacket,
} from "../../src/rtp/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { damaged, hex } from "./packets.ts";
import { rtcpPacket } from "./rtcp_packets.ts";

/** The packets of a compound packet; malformed ones are `undefined`. */
function decodeAll(bytes: Uint8Array, reducedSize = true): (RtcpPacket | undefined)[] {
  const reader = new RtcpReader();
  assert.equal(reader.read(bytes, 0, bytes.length, reducedSize), true, reader.problem);
  const packets: (RtcpPacket | undefined)[] = [];
  while (reader.next()) packets.push(reader.decode());
  return packets;
}

function bytesOf(...packets: readonly RtcpPacket[]): Uint8Array {
  const out = new Uint8Array(300_000);
  let end = 0;
  for (const packet of packets) end = writeRtcpPacket(packet, out, end);
  return out.slice(0, end);
}

/** What a single packet says; its frame must be right. */
const decode = (text: string): RtcpPacket | undefined => decodeAll(hex(text))[0];

/** pion/rtcp packet_test.go: "An RTCP packet from a packet dump." */
const CAPTURE = {
  receiverReport: "81c90007902f9e2ebc5e9a4000000000000046e10000011109f3643200024a79",
  description: "81ca000c902f9e2e01267b39633030656239322d316166622d396434392d613437642d3931663634" +
    "656565363966357d00000000",
  goodbye: "81cb0001902f9e2e",
  pli: "81ce0002902f9e2e902f9e2e",
  rapidResynchronization: "85cd0002902f9e2e902f9e2e",
  app: "80cc00034baae1ab4e414d4541424344",
};

const REPORT = {
  ssrc: 0xbc5e9a40,
  fractionLost: 0,
  cumulativeLost: 0,
  highestSequenceNumber: 0x46e1,
  jitter: 273,
  lastSr: 0x9f36432,
  delaySinceLastSr: 150137,
};

test("A compound packet from a capture is read packet by packet (pion/rtcp packet_test.go)", () => {
  const packets = decodeAll(hex(Object.values(CAPTURE).join("")), false);
  const ssrc = 0x902f9e2e;
  assert.deepEqual(packets, [
    { type: "receiver-report", ssrc, reports: [REPORT] },
    {
      type: "source-description",
      chunks: [{ ssrc, items: [{ type: 1, text: "{9c00eb92-1afb-9d49-a47d-91f64eee69f5}" }] }],
    },
    { type: "goodbye", ssrcs: [ssrc], reason: undefined },
    { type: "pli", senderSsrc: ssrc, mediaSsrc: ssrc },
    { type: "unknown", packetType: 205, count: 5, body: hex("902f9e2e902f9e2e") },
    { type: "app", subtype: 0, ssrc: 0x4baae1ab, name: "NAME", data: hex("41424344") },
  ]);
  assert.equal(
    hexEncode(bytesOf(...packets.map((packet) => packet!))),
    Object.values(CAPTURE).join(""),
  );
});

test("A sender report from a capture is read and written (pion/rtcp sender_report_test.go)", () => {
  const text = "81c8000c902f9e2eda8bd1fcdddda05aaaf4edd50000000100000002" +
    "bc5e9a4000000000000046e10000011109f3643200024a79";
  const packet = decode(text)!;
  assert.deepEqual(packet, {
    type: "sender-report",
    ssrc: 0x902f9e2e,
    ntpTime: { seconds: 0xda8bd1fc, fraction: 0xdddda05a },
    rtpTimestamp: 0xaaf4edd5,
    packetCount: 1,
    octetCount: 2,
    reports: [REPORT],
  });
  assert.equal(hexEncode(bytesOf(packet)), text);
});

test("A REMB from Chrome is read and written (pion/rtcp, its estimate of a stream of 6 Mb/s)", () => {
  const text = "8fce0005000000010000000052454d42011a20df4874ed16";
  const packet = decode(text)!;
  const expected = { type: "remb", senderSsrc: 1, bitrate: 8927168, ssrcs: [1215622422] };
  assert.deepEqual(packet, expected);
  assert.equal(hexEncode(bytesOf(packet)), text);
});

test("What was written is read again (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4.3)", () => {
  fc.assert(
    fc.property(fc.array(rtcpPacket, { minLength: 1, maxLength: 5 }), (packets) => {
      assert.deepEqual(decodeAll(bytesOf(...packets)), packets);
    }),
    fuzz(600, 4585),
  );
});

test("Every writer refuses a buffer that is too small (RFC 3550 §6)", () => {
  fc.assert(
    fc.property(rtcpPacket, fc.nat(), (packet, cut) => {
      const size = bytesOf(packet).length;
      const out = new Uint8Array(size + 4);
      assert.equal(writeRtcpPacket(packet, out, 4), size + 4);
      assert.throws(
        () => writeRtcpPacket(packet, out.subarray(0, 4 + cut % size), 4),
        (error) => error instanceof RtpError && error.code === "buffer-too-small",
      );
    }),
    fuzz(200, 4586),
  );
});

test("A compound packet begins with a report, unless reduced size is allowed (RFC 5506 §3.4.2)", () => {
  const problem = (text: string, reducedSize: boolean) => {
    const bytes = hex(text);
    return rtcpProblem(bytes, 0, bytes.length, reducedSize);
  };
  assert.equal(problem(CAPTURE.receiverReport + CAPTURE.pli, false), undefined);
  assert.equal(problem(CAPTURE.pli, true), undefined);
  assert.equal(problem(CAPTURE.pli, false), "first-packet");
  assert.equal(problem(CAPTURE.description + CAPTURE.receiverReport, false), "first-packet");
  assert.equal(problem("80600000", true), "first-packet", "RTP");
});

test("Lengths must add up to the datagram's (RFC 3550 appendix A.2)", () => {
  const whole = hex(CAPTURE.receiverReport + CAPTURE.pli);
  const frames = [CAPTURE.receiverReport.length / 2, whole.length];
  for (let length = 0; length <= whole.length; length++) {
    const expected = frames.includes(length) ? undefined : "length";
    assert.equal(rtcpProblem(whole, 0, length, false), expected, `${length} bytes`);
  }
  // RFC 7714 §17: the packet of the vectors claims one word more than it has.
  const vector = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61" +
    "deadbeef".repeat(5);
  assert.equal(rtcpProblem(hex(vector), 0, vector.length / 2, false), "length");
  const fixed = decode(vector.replace("81c8000d", "81c8000c"));
  assert.equal(fixed?.type === "sender-report" && fixed.reports[0]?.jitter, 0xdeadbeef);
});

test("Every packet has version 2 (RFC 3550 appendix A.2)", () => {
  const bytes = hex(CAPTURE.receiverReport + CAPTURE.pli);
  for (const at of [0, 32]) {
    for (const version of [0, 1, 3]) {
      const other = bytes.slice();
      other[at] = (other[at]! & 0x3f) | (version << 6);
      const reader = new RtcpReader();
      assert.equal(reader.read(other), false);
      assert.equal(reader.problem, "version");
      assert.equal(reader.next(), false);
    }
  }
});

test("Only the last packet is padded, and by no more than its body (RFC 3550 §6.4.1)", () => {
  const problem = (text: string) => rtcpProblem(hex(text), 0, text.length / 2, true);
  const padded = "a0c900020000000100000004";
  assert.equal(problem(padded), undefined);
  assert.deepEqual(decode(padded), { type: "receiver-report", ssrc: 1, reports: [] });
  assert.equal(problem(CAPTURE.pli + padded), undefined);
  assert.equal(problem(padded + CAPTURE.pli), "padding");
  assert.equal(problem("a0c90001" + "00000000"), "padding", "a count of 0");
  assert.equal(problem("a0c90001" + "00000005"), "padding", "more than the body");
  assert.equal(problem("a0cb0001" + "00000004"), undefined, "the whole body");
  assert.equal(problem("a0cb0000"), "padding", "no body");
  assert.equal(problem(padded.replace("00000004", "00000008") + padded), "padding");
  const feedback = "afcd0005fa17fa1743032fa0009900013de8021720019401";
  assert.equal(problem(feedback + padded), undefined, "as libwebrtc pads transport feedback");
});

test("Malformed packets are told from unknown ones and skipped alone (RFC 3550 §6)", () => {
  const malformed = {
    "a sender report without its blocks": "81c8000600000001" + "00".repeat(20),
    "a sender report too short": "80c8000500000001" + "00".repeat(16),
    "a receiver report without its blocks": "81c9000100000001",
    "a receiver report without an SSRC": "80c90000",
    "a chunk that is not there": "82ca0002" + "0000000101000000",
    "an item that leaves the packet": "81ca0002" + "0000000101050000",
    "items without an end": "81ca0002" + "0000000101026161",
    "a PRIV item whose prefix leaves it": "81ca0003" + "00000001" + "0802056100000000",
    "a PRIV item without a prefix": "81ca0002" + "0000000108000000",
    "goodbyes that are not there": "82cb0001" + "00000001",
    "a reason that leaves the packet": "80cb0001" + "04616161",
    "an APP packet without a name": "80cc0001" + "00000001",
    "a NACK of nothing": "81cd0002" + "0000000100000002",
    "a NACK without media": "81cd0001" + "00000001",
    "a PLI with something behind": "81ce0003" + "000000010000000200000000",
    "a PLI without media": "81ce0001" + "00000001",
    "a FIR of nothing": "84ce0002" + "0000000100000000",
    "a FIR of half an entry": "84ce0003" + "000000010000000000000002",
    "a REMB without its streams": "8fce0004" + "000000010000000052454d42011a20df",
    "a REMB with more than its streams": "8fce0005" + "000000010000000052454d42001a20df00000001",
  };
  for (const [what, text] of Object.entries(malformed)) {
    assert.deepEqual(
      decodeAll(hex(text + CAPTURE.pli)),
      [undefined, { type: "pli", senderSsrc: 0x902f9e2e, mediaSsrc: 0x902f9e2e }],
      what,
    );
  }
});

test("Kinds that nobody here knows are kept as they are (RFC 4585 §6.3.2, RFC 3611 §2)", () => {
  for (
    const text of [
      "82ce0003000000010000000212345678", // SLI
      "83ce0003000000010000000208601234", // RPSI
      "8fce00030000000100000002494e464f", // application-layer feedback that is no REMB
      "8fce00020000000100000002", // and none at all
      "80cf000100000001", // XR
      "80df0000",
    ]
  ) {
    const packet = decode(text)!;
    assert.equal(packet.type, "unknown");
    assert.equal(hexEncode(bytesOf(packet)), text);
  }
});

test("A reader shows SSRCs without decoding (RFC 4585 §6.1)", () => {
  const reader = new RtcpReader();
  reader.read(hex(CAPTURE.pli + CAPTURE.goodbye + "80cb0000"));
  const seen: number[][] = [];
  while (reader.next()) seen.push([reader.packetType, reader.count, reader.ssrc, reader.mediaSsrc]);
  assert.deepEqual(seen, [
    [206, 1, 0x902f9e2e, 0x902f9e2e],
    [203, 1, 0x902f9e2e, -1],
    [203, 0, -1, -1],
  ]);
});

test("RTCP is told from RTP by its second byte (RFC 5761 §4)", () => {
  const types = Array.from({ length: 256 }, (_, type) => type);
  const rtcp = types.filter((type) => isRtcp(new Uint8Array([0x80, type])));
  assert.deepEqual([rtcp[0], rtcp.at(-1), rtcp.length], [192, 223, 32]);
});

test("A NACK packs 17 packets into an entry, over the wrap, too (RFC 4585 §6.2.1)", () => {
  const pack = (numbers: number[]) => {
    const out = new Uint8Array(1000);
    return hexEncode(out.subarray(0, packNack(numbers, out, 0)));
  };
  const run = Array.from({ length: 17 }, (_, i) => (65530 + i) & 0xffff);
  assert.equal(pack(run), "fffaffff");
  assert.equal(pack([...run, 12]), "fffaffff" + "000c0000");
  assert.equal(pack([5, 5, 6]), "00050001", "twice the same");
  assert.equal(pack([6, 5]), "00060000" + "00050000", "out of order");
  assert.equal(pack([]), "");
});

test("NACKs name what they were made of (RFC 4585 §6.2.1)", () => {
  const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.nat(2000)), { minLength: 1 });
  fc.assert(
    fc.property(fc.nat(0xffff), gaps, (first, steps) => {
      const numbers = [first];
      for (const step of steps) if (step > 0) numbers.push((numbers.at(-1)! + step) & 0xffff);
      const out = new Uint8Array(4 * numbers.length);
      const expanded: number[] = [];
      expandNack(out, 0, packNack(numbers, out, 0), expanded);
      assert.deepEqual(expanded, numbers);
    }),
    fuzz(300, 4587),
  );
});

test("A bitrate is rounded down to 18 bits (draft-alvestrand-rmcat-remb-03 §2.2)", () => {
  const written = (bitrate: number) => {
    const packet = decodeAll(bytesOf({ type: "remb", senderSsrc: 1, bitrate, ssrcs: [] }))[0];
    return packet?.type === "remb" ? packet.bitrate : undefined;
  };
  assert.equal(written(0), 0);
  assert.equal(written(262_143), 262_143);
  assert.equal(written(8_927_167), 8_927_104);
  assert.equal(written(1.5), 1);
  assert.equal(written(262_143 * 2 ** 63), 262_143 * 2 ** 63);
});

test("Values that a packet cannot hold are refused (RFC 3550 §6)", () => {
  const invalid: readonly RtcpPacket[] = [
    { type: "remb", senderSsrc: 1, bitrate: 2 ** 82, ssrcs: [] },
    { type: "remb", senderSsrc: 1, bitrate: -1, ssrcs: [] },
    { type: "remb", senderSsrc: 1, bitrate: NaN, ssrcs: [] },
    { type: "remb", senderSsrc: 1, bitrate: 1, ssrcs: new Array<number>(256).fill(0) },
    { type: "nack", senderSsrc: 1, mediaSsrc: 2, sequenceNumbers: [] },
    { type: "fir", senderSsrc: 1, entries: [] },
    { type: "goodbye", ssrcs: new Array<number>(32).fill(0), reason: undefined },
    { type: "goodbye", ssrcs: [], reason: "r".repeat(256) },
    { type: "app", subtype: 32, ssrc: 1, name: "NAME", data: hex("") },
    { type: "app", subtype: 0, ssrc: 1, name: "NAM", data: hex("") },
    { type: "app", subtype: 0, ssrc: 1, name: "NAM€", data: hex("") },
    { type: "app", subtype: 0, ssrc: 1, name: "NAME", data: hex("00") },
    { type: "receiver-report", ssrc: 1, reports: new Array<typeof REPORT>(32).fill(REPORT) },
    { type: "source-description", chunks: [{ ssrc: 1, items: [{ type: 0, text: "" }] }] },
    {
      type: "source-description",
      chunks: [{ ssrc: 1, items: [{ type: 1, text: "ü".repeat(128) }] }],
    },
    { type: "unknown", packetType: 256, count: 0, body: hex("") },
    { type: "unknown", packetType: 207, count: 0, body: new Uint8Array(0x4_0000) },
  ];
  for (const packet of invalid) {
    assert.throws(
      () => bytesOf(packet),
      (error) => error instanceof RtpError && error.code === "invalid-value",
      JSON.stringify(packet).slice(0, 80),
    );
  }
  assert.throws(
    () => writeNack({ type: "nack", senderSsrc: 1, mediaSsrc: 2, sequenceNumbers: [] }, hex(""), 0),
    RtpError,
  );
});

test("A count of lost packets stays at its limits (RFC 3550 appendix A.3)", () => {
  const lost = (cumulativeLost: number) => {
    const packet: RtcpPacket = {
      type: "receiver-report",
      ssrc: 1,
      reports: [{ ...REPORT, cumulativeLost }],
    };
    const read = decodeAll(bytesOf(packet))[0];
    return read?.type === "receiver-report" ? read.reports[0]?.cumulativeLost : undefined;
  };
  assert.deepEqual([-1, 0x7f_ffff, 0x80_0000, -0x80_0000, -0x80_0001].map(lost), [
    -1,
    0x7f_ffff,
    0x7f_ffff,
    -0x80_0000,
    -0x80_0000,
  ]);
});

test("Readers neither throw nor hang, whatever the bytes (RFC 3550 appendix A.2)", () => {
  const compound = fc.array(rtcpPacket, { maxLength: 4 }).map((packets) => bytesOf(...packets));
  const header = fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 80 }), fc.nat(15)).map(
    ([bytes, type]) => {
      bytes[0]! |= 0x80;
      bytes[0]! &= 0xbf;
      bytes[1] = 200 + type;
      bytes[2] = 0;
      bytes[3] = (bytes.length >> 2) - 1;
      return bytes.subarray(0, bytes.length & ~3);
    },
  );
  const datagram = fc.oneof(damaged(compound), header, fc.uint8Array({ maxLength: 60 }));
  fc.assert(
    fc.property(datagram, fc.boolean(), (bytes, reducedSize) => {
      const reader = new RtcpReader();
      let count = 0;
      if (reader.read(bytes, 0, bytes.length, reducedSize)) {
        while (reader.next()) {
          count++;
          assert.ok(reader.at + 4 <= reader.end && reader.end <= bytes.length);
          const packet = reader.decode();
          if (packet !== undefined) rewrite(packet);
        }
      }
      assert.ok(4 * count <= bytes.length);
      // Without the reader's checks, too.
      parseRtcpPacket(bytes, 0, bytes.length);
    }),
    fuzz(2000, 4588),
  );
});

/** What was read can be written, and is the same when it is read again. */
function rewrite(packet: RtcpPacket): void {
  // Text that was not UTF-8 and counts of packets far apart are not.
  if (packet.type === "source-description" || packet.type === "goodbye") return;
  if (packet.type === "transport-feedback") return;
  const bytes = bytesOf(packet);
  const again = parseRtcpPacket(bytes, 0, bytes.length);
  if (packet.type !== "nack") return assert.deepEqual(again, packet);
  // Whoever names packets twice or out of order is understood, not imitated.
  assert.ok(again?.type === "nack");
  assert.deepEqual(new Set(again.sequenceNumbers), new Set(packet.sequenceNumbers));
}
