import assert from "node:assert/strict";
import fc from "fast-check";
import { hexDecode, hexEncode, utf8Encode } from "../../src/base/mod.ts";
import {
  chunkEnd,
  ChunkType,
  unknownChunkIsReported,
  unknownChunkStops,
  writeChunk,
} from "../../src/sctp/chunk.ts";
import { crc32c, updateCrc32c } from "../../src/sctp/crc32c.ts";
import {
  DATA_BEGIN,
  DATA_END,
  DataFields,
  readDataChunk,
  writeDataHeader,
} from "../../src/sctp/data_chunk.ts";
import {
  CauseCode,
  causeText,
  invalidStreamCause,
  parseErrorCauses,
  textCause,
  writeErrorChunk,
} from "../../src/sctp/error_chunk.ts";
import { parseForwardTsn, writeForwardTsn } from "../../src/sctp/forward_tsn_chunk.ts";
import { writeHeartbeatChunk } from "../../src/sctp/heartbeat_chunk.ts";
import { readIDataChunk, writeIDataHeader } from "../../src/sctp/i_data_chunk.ts";
import { parseIForwardTsn, writeIForwardTsn } from "../../src/sctp/i_forward_tsn_chunk.ts";
import { type InitChunk, parseInitChunk, writeInitChunk } from "../../src/sctp/init_chunk.ts";
import { checksumOf, packetChecksum, sealPacket } from "../../src/sctp/packet.ts";
import { writePadChunk } from "../../src/sctp/pad_chunk.ts";
import { parseParameters } from "../../src/sctp/parameter.ts";
import {
  parseReConfig,
  writeIncomingSsnReset,
  writeOutgoingSsnReset,
  writeReConfigResponses,
} from "../../src/sctp/re_config_chunk.ts";
import { readSackChunk, SackFields, writeSackHeader } from "../../src/sctp/sack_chunk.ts";
import { parseShutdownChunk, writeShutdownChunk } from "../../src/sctp/shutdown_chunk.ts";
import { decodeStateCookie, encodeStateCookie } from "../../src/sctp/state_cookie.ts";
import { test } from "../harness.ts";

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const plain = { noNullPrototype: true };
const runs = { seed: 9260, numRuns: 150 };

/** What `write` wrote. */
function written(write: (out: Uint8Array) => number): Uint8Array {
  const out = new Uint8Array(4096).fill(0xaa);
  return out.subarray(0, write(out));
}

test("CRC32c gives the published values (RFC 3720 §B.4)", () => {
  assert.equal(crc32c(utf8Encode("123456789")), 0xe3069283);
  // RFC 3720 prints them least significant byte first.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c);
});

test("CRC32c in parts is CRC32c of the whole (RFC 9260 appendix A)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      const state = updateCrc32c(updateCrc32c(-1, bytes, 0, at), bytes, at, bytes.length);
      assert.equal(~state >>> 0, crc32c(bytes));
    }),
    runs,
  );
});

test("A sealed packet has the right checksum, a changed one has not (RFC 9260 §6.8)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 100 }), fc.nat(), (packet, where) => {
      packet.fill(0, 8, 12);
      sealPacket(packet, 0, packet.length);
      assert.equal(checksumOf(packet), packetChecksum(packet, 0, packet.length));
      packet[where % packet.length]! ^= 1;
      assert.notEqual(checksumOf(packet), packetChecksum(packet, 0, packet.length));
    }),
    runs,
  );
});

test("Somebody else's CRC32c seals long packets, and finds a zero checksum (RFC 9260 §6.8)", () => {
  for (const length of [12, 252, 255, 256, 1200]) {
    const packet = new Uint8Array(length + 8).map((_, at) => at * 7);
    const own = packet.slice();
    sealPacket(own, 4, 4 + length);
    let calls = 0;
    sealPacket(packet, 4, 4 + length, (bytes, at, end) => {
      calls++;
      assert.deepEqual([...bytes.subarray(at + 8, at + 12)], [0, 0, 0, 0]);
      return crc32c(bytes, at, end);
    });
    assert.deepEqual(packet, own);
    assert.equal(calls, length < 256 ? 0 : 1);
  }
});

test("An INIT as usrsctp sends it is understood (RFC 9260 §3.3.2)", () => {
  const bytes = hexDecode(
    "01000056" + "deadbeef" + "00100000" + "ffffffff" + "12345678" +
      "c0000004" + "80080009c00fc180820000" + "00" + "80020024" + "00".repeat(32),
  )!;
  const init = parseInitChunk(bytes, 0, bytes.length)!;
  assert.equal(init.initiateTag, 0xdeadbeef);
  assert.equal(init.advertisedWindow, 0x100000);
  assert.equal(init.outboundStreams, 0xffff);
  assert.equal(init.initialTsn, 0x12345678);
  assert.deepEqual(init.extensions, {
    partialReliability: true,
    reConfig: true,
    interleaving: false,
    zeroChecksum: false,
    padding: false,
  });
});

test("INIT ACK is read as it was written (RFC 9260 §3.3.3, RFC 9653 §4, RFC 5061 §4.2.7)", () => {
  const extensions = fc.record({
    partialReliability: fc.boolean(),
    reConfig: fc.boolean(),
    interleaving: fc.boolean(),
    zeroChecksum: fc.boolean(),
    padding: fc.boolean(),
  }, plain);
  const init = fc.record({
    initiateTag: u32,
    advertisedWindow: u32,
    outboundStreams: u16,
    inboundStreams: u16,
    initialTsn: u32,
    extensions,
    cookie: fc.uint8Array({ maxLength: 80 }),
  }, plain);
  fc.assert(
    fc.property(init, (fields: InitChunk) => {
      const bytes = written((out) => writeInitChunk(ChunkType.initAck, fields, out, 0));
      assert.deepEqual(parseInitChunk(bytes, 0, chunkEnd(bytes, 0, bytes.length)), {
        ...fields,
        unrecognized: [],
      });
    }),
    runs,
  );
});

test("Unknown parameters stop, are skipped, are reported, by their high bits (RFC 9260 §3.2.1)", () => {
  const fixed = "0000000100001000000100010000000a";
  const forward = "c0000004";
  const parse = (unknown: string) => {
    const bytes = hexDecode("01000000" + fixed + unknown + forward)!;
    return parseInitChunk(bytes, 0, bytes.length)!;
  };
  assert.equal(parse("00630004").extensions.partialReliability, false);
  assert.equal(parse("00630004").unrecognized!.length, 0);
  assert.equal(parse("40630004").extensions.partialReliability, false);
  assert.equal(parse("40630004").unrecognized!.length, 1);
  assert.equal(parse("80630004").extensions.partialReliability, true);
  assert.equal(parse("80630004").unrecognized!.length, 0);
  assert.equal(parse("c0630004").extensions.partialReliability, true);
  assert.deepEqual(parse("c0630006abcd0000").unrecognized!.map((p) => hexEncode(p)), [
    "c0630006abcd",
  ]);
});

test("Unknown chunks stop and are reported by their high bits (RFC 9260 §3.2)", () => {
  const actions = [0x20, 0x60, 0xa0, 0xe0].map((type) => [
    unknownChunkStops(type),
    unknownChunkIsReported(type),
  ]);
  assert.deepEqual(actions, [[true, false], [true, true], [false, false], [false, true]]);
});

test("DATA is read as it was written (RFC 9260 §3.3.1)", () => {
  const bytes = written((out) =>
    writeDataHeader(out, 0, 5, DATA_BEGIN | DATA_END, 0xfffffffe, 7, 0xffff, 51) + 5
  );
  assert.equal(hexEncode(bytes.subarray(0, 16)), "00030015fffffffe0007ffff00000033");
  const fields = new DataFields();
  assert.ok(readDataChunk(bytes, 0, bytes.length, fields));
  const { flags, tsn, streamId, messageNumber, ppid, dataAt, dataEnd } = fields;
  assert.deepEqual([flags, tsn, streamId, messageNumber, ppid], [3, 0xfffffffe, 7, 0xffff, 51]);
  assert.deepEqual([dataAt, dataEnd], [16, 21]);
  assert.ok(!readDataChunk(bytes, 0, 15, fields));
});

test("I-DATA carries the PPID first and fragment numbers later (RFC 8260 §2.1)", () => {
  const fields = new DataFields();
  const first = written((out) => writeIDataHeader(out, 0, 4, DATA_BEGIN, 1, 2, 0xffffffff, 53) + 4);
  assert.equal(
    hexEncode(first.subarray(0, 20)),
    "40020018000000010002" + "0000" + "ffffffff00000035",
  );
  assert.ok(readIDataChunk(first, 0, first.length, fields));
  assert.deepEqual([fields.messageNumber, fields.ppid, fields.fragmentNumber], [0xffffffff, 53, 0]);
  const later = written((out) => writeIDataHeader(out, 0, 4, DATA_END, 2, 2, 3, 9) + 4);
  assert.ok(readIDataChunk(later, 0, later.length, fields));
  assert.deepEqual([fields.messageNumber, fields.ppid, fields.fragmentNumber], [3, 0, 9]);
  assert.ok(!readIDataChunk(later, 0, 19, fields));
});

test("SACK counts that do not fit are refused (RFC 9260 §3.3.4)", () => {
  const bytes = written((out) => writeSackHeader(out, 0, 10, 5000, 1, 1) + 8);
  const fields = new SackFields();
  assert.ok(readSackChunk(bytes, 0, bytes.length, fields));
  const { cumulativeTsn, advertisedWindow, gapBlocks, duplicates } = fields;
  assert.deepEqual([cumulativeTsn, advertisedWindow, gapBlocks, duplicates], [10, 5000, 1, 1]);
  for (let end = 0; end < bytes.length; end++) assert.ok(!readSackChunk(bytes, 0, end, fields));
});

test("FORWARD TSN and I-FORWARD-TSN are read as they were written (RFC 3758 §3.2, RFC 8260 §2.3.1)", () => {
  const skipped = fc.array(
    fc.record({ streamId: u16, unordered: fc.constant(false), messageNumber: u16 }, plain),
  );
  fc.assert(
    fc.property(u32, skipped, (newCumulativeTsn, list) => {
      const forward = { newCumulativeTsn, skipped: list };
      const bytes = written((out) => writeForwardTsn(forward, out, 0));
      assert.deepEqual(parseForwardTsn(bytes, 0, bytes.length), forward);
      if (list.length > 0) assert.equal(parseForwardTsn(bytes, 0, bytes.length - 1), undefined);
    }),
    runs,
  );
  const wide = fc.array(
    fc.record({ streamId: u16, unordered: fc.boolean(), messageNumber: u32 }, plain),
  );
  fc.assert(
    fc.property(u32, wide, (newCumulativeTsn, list) => {
      const forward = { newCumulativeTsn, skipped: list };
      const bytes = written((out) => writeIForwardTsn(forward, out, 0));
      assert.deepEqual(parseIForwardTsn(bytes, 0, bytes.length), forward);
    }),
    runs,
  );
});

test("RE-CONFIG parameters are read as they were written (RFC 6525 §4)", () => {
  fc.assert(
    fc.property(u32, u32, u32, fc.array(u16, { maxLength: 20 }), (x, y, z, streamIds) => {
      const outgoing = {
        type: "outgoing-ssn-reset",
        requestNumber: x,
        responseNumber: y,
        lastAssignedTsn: z,
        streamIds,
      } as const;
      let bytes = written((out) => writeOutgoingSsnReset(outgoing, out, 0));
      assert.deepEqual(parseReConfig(bytes, 0, chunkEnd(bytes, 0, bytes.length)), [outgoing]);
      const incoming = { type: "incoming-ssn-reset", requestNumber: x, streamIds } as const;
      bytes = written((out) => writeIncomingSsnReset(incoming, out, 0));
      assert.deepEqual(parseReConfig(bytes, 0, chunkEnd(bytes, 0, bytes.length)), [incoming]);
      const responses = [1, 2].map((
        result,
      ) => ({ type: "response", responseNumber: x, result } as const));
      bytes = written((out) => writeReConfigResponses(responses, out, 0));
      assert.deepEqual(parseReConfig(bytes, 0, bytes.length), responses);
    }),
    runs,
  );
});

test("HEARTBEAT, PAD and SHUTDOWN have their layouts (RFC 9260 §3.3.5, §3.3.8, RFC 4820 §3)", () => {
  const heartbeat = written((out) => writeHeartbeatChunk(new Uint8Array([1, 2]), out, 0));
  // The length of the chunk counts the padding of its parameter (RFC 9260 §3.2).
  assert.equal(hexEncode(heartbeat), "0400000c" + "000100060102" + "0000");
  assert.equal(hexEncode(written((out) => writePadChunk(8, out, 0))), "8400000800000000");
  const shutdown = written((out) => writeShutdownChunk(0xfffffff1, out, 0));
  assert.equal(hexEncode(shutdown), "07000008fffffff1");
  assert.equal(parseShutdownChunk(shutdown, 0, 8), 0xfffffff1);
  assert.equal(parseShutdownChunk(shutdown, 0, 7), undefined);
});

test("Error causes are read as they were written (RFC 9260 §3.3.10)", () => {
  const causes = [invalidStreamCause(77), textCause(CauseCode.protocolViolation, "näh")];
  const bytes = written((out) => writeErrorChunk(ChunkType.error, 0, causes, out, 0));
  const read = parseErrorCauses(bytes, 0, chunkEnd(bytes, 0, bytes.length));
  assert.deepEqual(read.map(({ code }) => code), [1, 13]);
  assert.equal(hexEncode(read[0]!.info), "004d0000");
  assert.equal(causeText(read[1]!), "näh");
});

test("A cookie is read with its secret only (RFC 9260 §5.1.3)", () => {
  const secret = new Uint8Array(16).fill(3);
  const cookie = {
    issuedAt: 0x1234_5678_9abc,
    localTag: 1,
    peerTag: 0xffffffff,
    localTieTag: 3,
    peerTieTag: 4,
    localTsn: 5,
    peerTsn: 6,
    peerWindow: 7,
    peerOutboundStreams: 8,
    peerInboundStreams: 0xffff,
    extensions: {
      partialReliability: true,
      reConfig: false,
      interleaving: true,
      zeroChecksum: false,
      padding: true,
    },
  };
  const bytes = encodeStateCookie(secret, cookie);
  assert.deepEqual(decodeStateCookie(secret, bytes), cookie);
  assert.equal(decodeStateCookie(new Uint8Array(16), bytes), undefined);
  assert.equal(decodeStateCookie(secret, bytes.subarray(1)), undefined);
});

test("No parser throws, whatever the bytes (RFC 9260 §3)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const fields = new DataFields();
      const end = bytes.length;
      readDataChunk(bytes, 0, end, fields);
      readIDataChunk(bytes, 0, end, fields);
      readSackChunk(bytes, 0, end, new SackFields());
      parseInitChunk(bytes, 0, end);
      parseForwardTsn(bytes, 0, end);
      parseIForwardTsn(bytes, 0, end);
      parseReConfig(bytes, 0, end);
      parseErrorCauses(bytes, 0, end);
      parseShutdownChunk(bytes, 0, end);
      parseParameters(bytes, 0, end);
      chunkEnd(bytes, 0, end);
    }),
    { seed: 9261, numRuns: 2000 },
  );
});

test("A chunk of any value is padded to four bytes (RFC 9260 §3.2)", () => {
  for (let length = 0; length < 9; length++) {
    const bytes = written((out) => writeChunk(out, 0, 99, 1, new Uint8Array(length).fill(5)));
    assert.equal(bytes.length % 4, 0);
    assert.equal(chunkEnd(bytes, 0, bytes.length), 4 + length);
    assert.ok(bytes.subarray(4 + length).every((byte) => byte === 0));
  }
});
