import assert from "node:assert/strict";
import fc from "fast-check";
import { EMPTY, hexEncode } from "../../src/base/mod.ts";
import {
  parseRtpRow,
  RTP_AT,
  RTP_COLUMNS,
  RTP_LENGTH,
  RTP_SEQUENCE,
  RtpError,
  RtpPacket,
  type RtpPacketFields,
  rtxOriginalSequenceNumber,
  writeRtpHeader,
  writeRtpPacket,
  writeRtxOriginal,
  writeRtxPacket,
} from "../../src/rtp/mod.ts";
import { fuzz } from "../fuzz.ts";
import { test } from "../harness.ts";
import { hex, packetOf, rtpDatagram, rtpFields } from "./packets.ts";

const FIELDS: RtpPacketFields = { payloadType: 96, sequenceNumber: 1, timestamp: 2, ssrc: 3 };

function viewOf(bytes: Uint8Array): RtpPacket {
  const packet = new RtpPacket();
  assert.equal(packet.read(bytes), true);
  return packet;
}

/** All that a view shows, in the shape that the writer takes. */
function fieldsOf(packet: RtpPacket): RtpPacketFields {
  return {
    marker: packet.marker,
    payloadType: packet.payloadType,
    sequenceNumber: packet.sequenceNumber,
    timestamp: packet.timestamp,
    ssrc: packet.ssrc,
    csrcs: packet.csrcs,
    ...(packet.hasExtension ? { elements: packet.elements } : {}),
    payload: packet.payload,
    paddingLength: packet.paddingLength,
  };
}

test("A packet from a capture is shown field by field (pion/rtp packet_test.go)", () => {
  const packet = viewOf(hex("90e0698fd9c293da1c64278200010001ffffffff9836be889e"));
  assert.equal(packet.marker, true);
  assert.equal(packet.payloadType, 96);
  assert.equal(packet.sequenceNumber, 27023);
  assert.equal(packet.timestamp, 3653407706);
  assert.equal(packet.ssrc, 476325762);
  assert.deepEqual(packet.csrcs, []);
  assert.equal(packet.hasExtension, true);
  assert.equal(packet.extensionProfile, 1);
  assert.equal(hexEncode(packet.extension), "ffffffff");
  assert.equal(packet.elementCount, 0);
  assert.equal(hexEncode(packet.payload), "9836be889e");
});

test("The writer lays elements out in both forms (RFC 9335 appendix A.1)", () => {
  const fields = (sequenceNumber: number): RtpPacketFields => ({
    payloadType: 15,
    sequenceNumber,
    timestamp: 0xdecafbad,
    ssrc: 0xcafebabe,
    csrcs: [0x0001e240, 0x0000b26e],
    elements: [{ id: 5, data: hex("0002") }],
    payload: hex("ab".repeat(16)),
  });
  const csrcs = "0001e2400000b26e";
  assert.equal(
    hexEncode(packetOf(fields(0x1238))),
    `920f1238decafbadcafebabe${csrcs}bede000151000200${"ab".repeat(16)}`,
  );
  assert.equal(
    hexEncode(packetOf({ ...fields(0x1239), twoByteElements: true })),
    `920f1239decafbadcafebabe${csrcs}1000000105020002${"ab".repeat(16)}`,
  );
  assert.equal(
    hexEncode(packetOf({ ...fields(0x123a), elements: [] })),
    `920f123adecafbadcafebabe${csrcs}bede0000${"ab".repeat(16)}`,
  );
});

test("What was written is read again (RFC 3550 §5.1, RFC 8285 §4)", () => {
  fc.assert(
    fc.property(rtpFields, (fields) => {
      const { twoByteElements: _, ...rest } = fields;
      assert.deepEqual(fieldsOf(viewOf(packetOf(fields))), rest);
    }),
    fuzz(400, 8285),
  );
});

test("Identifiers and lengths choose the form of the elements (RFC 8285 §4.1)", () => {
  const profileOf = (id: number, length: number) =>
    viewOf(packetOf({ ...FIELDS, elements: [{ id, data: new Uint8Array(length) }] }))
      .extensionProfile;
  assert.equal(profileOf(1, 1), 0xbede);
  assert.equal(profileOf(14, 16), 0xbede);
  assert.equal(profileOf(15, 1), 0x1000);
  assert.equal(profileOf(1, 0), 0x1000);
  assert.equal(profileOf(1, 17), 0x1000);
});

test("Fields that a packet cannot hold are refused (RFC 3550 §5.1)", () => {
  const refuse = (fields: Partial<RtpPacketFields>, code: string, room = 400) =>
    assert.throws(
      () => writeRtpPacket({ ...FIELDS, ...fields }, new Uint8Array(room), 0),
      (error) => error instanceof RtpError && error.code === code,
    );
  refuse({ payloadType: 128 }, "invalid-value");
  refuse({ csrcs: new Array<number>(16).fill(0) }, "invalid-value");
  refuse({ paddingLength: 256 }, "invalid-value");
  refuse({ elements: [{ id: 0, data: hex("aa") }] }, "invalid-value");
  refuse({ elements: [{ id: 256, data: hex("aa") }] }, "invalid-value");
  refuse({ elements: [{ id: 1, data: new Uint8Array(256) }] }, "invalid-value");
  refuse({}, "buffer-too-small", 11);
  refuse({ payload: hex("aa") }, "buffer-too-small", 12);
  refuse({ payload: hex("aa"), paddingLength: 1 }, "buffer-too-small", 13);
  assert.throws(() => writeRtpHeader({ ...FIELDS, csrcs: [1] }, new Uint8Array(20), 5), RtpError);
  assert.equal(writeRtpHeader({ ...FIELDS, csrcs: [1] }, new Uint8Array(21), 5), 21);
});

test("Setters rewrite the packet in place and nothing else (RFC 3550 §5.1)", () => {
  fc.assert(
    fc.property(rtpFields, rtpFields, (fields, other) => {
      const { marker, payloadType, sequenceNumber, timestamp, ssrc } = other;
      const bytes = packetOf(fields);
      const packet = viewOf(bytes);
      Object.assign(packet, { marker, payloadType, sequenceNumber, timestamp, ssrc });
      const rewritten = { ...fields, marker, payloadType, sequenceNumber, timestamp, ssrc };
      assert.deepEqual(bytes, packetOf(rewritten));
      assert.deepEqual(fieldsOf(packet), fieldsOf(viewOf(bytes)));
    }),
    fuzz(200, 3551),
  );
});

test("Elements are replaced by data of the same length only (RFC 8285 §4.1)", () => {
  const elements = [{ id: 3, data: hex("0102") }, { id: 4, data: hex("ff") }];
  const packet = viewOf(packetOf({ ...FIELDS, elements }));
  assert.equal(packet.setElement(3, hex("a1a2")), true);
  assert.equal(packet.setElement(4, hex("a1a2")), false);
  assert.equal(packet.setElement(5, hex("a1")), false);
  assert.equal(hexEncode(packet.extension), "31a1a240ff000000");
  assert.equal(packet.elementEquals(3, hex("a1a2")), true);
  assert.equal(packet.elementEquals(3, hex("a1a3")), false);
  assert.equal(packet.elementEquals(9, hex("a1")), false);
  assert.equal(packet.element(9), undefined);
});

test("The first of two elements with one identifier counts (RFC 8285 §4.1)", () => {
  const elements = [{ id: 3, data: hex("01") }, { id: 3, data: hex("02") }];
  assert.equal(hexEncode(viewOf(packetOf({ ...FIELDS, elements })).element(3)!), "01");
});

test("Elements for which a row has no room are found (RFC 8285 §4.3)", () => {
  for (const pad of ["", "00", "000000"]) {
    const data = Array.from({ length: 40 }, (_, i) => {
      const id = (i + 1).toString(16).padStart(2, "0");
      return pad + id + "01" + id;
    }).join("");
    const padded = data + "00".repeat((4 - (data.length / 2) % 4) % 4);
    const words = (padded.length / 8).toString(16).padStart(4, "0");
    const packet = viewOf(hex("90600001" + "00".repeat(8) + "1000" + words + padded));
    assert.equal(packet.elementCount, 40);
    for (let id = 1; id <= 40; id++) assert.deepEqual(packet.element(id), new Uint8Array([id]));
    assert.equal(packet.element(41), undefined);
    assert.deepEqual(
      packet.elements.map(({ id }) => id),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
  }
});

test("A view of a filled row shows what parsing does, and keeps the row true (RFC 3550 §5.1)", () => {
  fc.assert(
    fc.property(rtpDatagram, fc.nat(20), (datagram, at) => {
      const bytes = new Uint8Array(at + datagram.length);
      bytes.set(datagram, at);
      const rows = new Uint32Array(2 * RTP_COLUMNS);
      rows[RTP_COLUMNS + RTP_AT] = at;
      rows[RTP_COLUMNS + RTP_LENGTH] = datagram.length;
      const parsed = new RtpPacket(), viewed = new RtpPacket();
      const found = parseRtpRow(bytes, at, bytes.length, rows, RTP_COLUMNS);
      assert.equal(parsed.read(bytes, at), found);
      if (!found) return assert.deepEqual([parsed.payload, parsed.elements], [EMPTY, []]);
      viewed.readRow(bytes, rows, RTP_COLUMNS);
      assert.deepEqual(fieldsOf(viewed), fieldsOf(parsed));
      assert.deepEqual([viewed.at, viewed.length], [at, datagram.length]);
      for (let id = 0; id <= 255; id++) {
        const first = viewed.elements.find((element) => element.id === id);
        assert.deepEqual(viewed.element(id), first?.data);
      }
      viewed.sequenceNumber = 0xabcd;
      assert.equal(rows[RTP_COLUMNS + RTP_SEQUENCE], 0xabcd);
    }),
    fuzz(400, 3552),
  );
});

test("A retransmission carries the original behind its number, and gives it back (RFC 4588 §4)", () => {
  fc.assert(
    fc.property(rtpFields, rtpFields, fc.boolean(), (fields, stream, inPlace) => {
      const original = packetOf({ ...fields, paddingLength: 0 });
      const rtx = new Uint8Array(original.length + 2);
      const source = viewOf(packetOf(fields));
      const { payloadType, ssrc, sequenceNumber } = stream;
      assert.equal(
        writeRtxPacket(source, payloadType, ssrc, sequenceNumber, rtx, 0),
        rtx.length,
      );
      const packet = viewOf(rtx);
      assert.deepEqual(
        [packet.payloadType, packet.ssrc, packet.sequenceNumber, packet.timestamp, packet.marker],
        [payloadType, ssrc, sequenceNumber, fields.timestamp, fields.marker],
      );
      assert.equal(rtxOriginalSequenceNumber(packet), fields.sequenceNumber);
      const out = inPlace ? rtx : new Uint8Array(original.length);
      const end = writeRtxOriginal(packet, fields.payloadType, fields.ssrc, out, 0);
      assert.deepEqual(out.subarray(0, end), original);
    }),
    fuzz(200, 4588),
  );
});

test("A retransmission too short for a number repeats nothing (RFC 4588 §4)", () => {
  const probe = viewOf(packetOf({ ...FIELDS, payload: hex("aa"), paddingLength: 20 }));
  assert.equal(rtxOriginalSequenceNumber(probe), -1);
  assert.equal(writeRtxOriginal(probe, 1, 2, new Uint8Array(100), 7), 7);
  const packet = viewOf(packetOf({ ...FIELDS, payload: hex("aabbcc") }));
  assert.throws(() => writeRtxPacket(packet, 1, 2, 3, new Uint8Array(16), 0), RtpError);
  assert.throws(() => writeRtxOriginal(packet, 1, 2, new Uint8Array(12), 0), RtpError);
});
