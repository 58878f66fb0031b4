import assert from "node:assert/strict";
import { tsCrypto } from "../../src/crypto/mod.ts";
import type { DtlsConnection } from "../../src/dtls/mod.ts";
import { parseSctpRow, SCTP_COLUMNS } from "../../src/sctp/mod.ts";
import { WASM_BUILDS, WasmCores, wasmModule } from "../../src/host/wasm_core.ts";
import { wasmCrypto } from "../../src/host/wasm_crypto.ts";
import { Pair } from "../dtls/support.ts";
import { test } from "../harness.ts";

const module = WASM_BUILDS.map(wasmModule).find((one) => one !== undefined);
if (module !== undefined) {
  /** A packet with a COOKIE ACK and the tag `tag`. */
  const packet = (tag: number): Uint8Array =>
    Uint8Array.of(0x13, 0x88, 0x13, 0x88, 0, 0, 0, tag, 0, 0, 0, 0, 11, 0, 0, 4);

  const send = (from: DtlsConnection, to: DtlsConnection, ...packets: Uint8Array[]): void => {
    from.openSendBatch();
    for (const one of packets) {
      from.sendBuffer.set(one, from.beginRecord(one.length));
      from.commitRecord(one.length);
    }
    from.sealSendBatch();
    for (let d = from.nextSealed(); d !== undefined; d = from.nextSealed()) to.handleInput(0, d);
    to.flushInput(0);
  };

  const readsItsRow = (connection: DtlsConnection, expected: Uint8Array): void => {
    const text = connection.nextPlaintext();
    assert.deepEqual(text, expected);
    const rows = connection.plaintextRow.packetRows!;
    const row = connection.plaintextRow.packetRow * SCTP_COLUMNS;
    const parsed = new Uint32Array(SCTP_COLUMNS);
    parseSctpRow(expected, rows[row]!, parsed, 0);
    assert.deepEqual(rows.slice(row, row + SCTP_COLUMNS), parsed);
  };

  test("DTLS hands SCTP packets up with the rows that the core made of them", () => {
    const crypto = wasmCrypto(tsCrypto, new WasmCores(module))!;
    const pair = new Pair({ client: { crypto }, server: { crypto, content: "sctp" } }).connect();
    const { client, server } = pair;
    send(client, server, packet(1), new Uint8Array(0), packet(2));
    readsItsRow(server, packet(1));
    // What is opened now must not take the row of what is unread.
    send(client, server, packet(3));
    readsItsRow(server, packet(2));
    readsItsRow(server, packet(3));
    assert.equal(server.nextPlaintext(), undefined);
    send(server, client, packet(4));
    assert.deepEqual(client.nextPlaintext(), packet(4));
    assert.equal(client.plaintextRow.packetRows, undefined, "nobody asked for rows");
  });

  test("DTLS connections give their memory in the core back when they end", () => {
    const cores = new WasmCores(module);
    const crypto = wasmCrypto(tsCrypto, cores)!;
    const first = cores.place((core) => core)!;
    /** How much is free: as many pieces of 64 KiB as can be had. */
    const room = (): number => {
      const pieces = [];
      for (let one = first.newArena(0, 2 ** 16); one; one = first.newArena(0, 2 ** 16)) {
        pieces.push(one);
      }
      for (const piece of pieces) piece.release();
      return pieces.length;
    };
    const before = room();
    for (let round = 0; round < 40; round++) {
      const { client, server } = new Pair({ client: { crypto }, server: { crypto } }).connect();
      const large = new Uint8Array(16_000);
      for (let grown = 0; grown < 4; grown++) {
        send(client, server, large);
        client.openSendBatch();
        while (client.beginRecord(16_000) >= 0) client.commitRecord(16_000);
      }
      send(client, server, packet(round));
      client.close(0);
      for (let d = client.pollTransmit(); d; d = client.pollTransmit()) server.handleInput(0, d);
      assert.equal(server.state, "closed");
      while (server.nextPlaintext() !== undefined);
    }
    // The list of handles has grown meanwhile, and may stand where a piece did.
    assert.ok(room() >= before - 1, `${room()} of ${before} pieces`);
  });
}
