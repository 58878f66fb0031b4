/** Two providers against each other. @module */
import assert from "node:assert/strict";
import { type Entropy, randomBytes, seededEntropy } from "../../src/base/mod.ts";
import { RTP_AT, RTP_COLUMNS, RTP_LENGTH } from "../../src/rtp/mod.ts";
import {
  SRTP_OK,
  type SrtpBatch,
  type SrtpCipher,
  type SrtpCipherProvider,
  type SrtpProfile,
} from "../../src/srtp/mod.ts";
import { fuzzSeed } from "../fuzz.ts";
import { test } from "../harness.ts";
import {
  assertColumns,
  batchOf,
  guardsIntact,
  indexOf,
  packetOf,
  PROFILES,
  randomBelow,
  randomCipherOptions,
  randomRtp,
  rtcpPacket,
  sameBytes,
  statusOf,
} from "./support.ts";

/**
 * Registers a test that two providers agree on random packets, bit by bit: protected, unprotected,
 * hurt and plainly random, of RTP and RTCP.
 *
 * @param packets how many, roughly
 */
export function crossCheck(
  one: SrtpCipherProvider,
  other: SrtpCipherProvider,
  packets: number,
  seed: number = fuzzSeed(0x5ca1ab1e),
): void {
  test(`${one.name} and ${other.name} agree on ${packets} random packets`, () => {
    const entropy = seededEntropy(seed);
    for (let done = 0, round = 0; done < packets; round++) {
      const count = 1 + randomBelow(entropy, 70);
      const what = `seed ${seed}, round ${round}`;
      const profile: SrtpProfile = PROFILES[randomBelow(entropy, PROFILES.length)]!;
      const options = randomCipherOptions(entropy, profile, randomBelow(entropy, 3) === 0);
      const control = randomBelow(entropy, 4) === 0;
      const maxPayload = randomBelow(entropy, 8) === 0 ? 1500 : 200;
      const list = Array.from(
        { length: count },
        () => randomPacket(entropy, control, maxPayload),
      );
      const indices = list.map(() => randomBelow(entropy, control ? 0x8000_0000 : 0x1_0000_0000));
      const [a, b] = [one, other].map((provider) => ({
        cipher: provider.createCipher(options),
        batch: batchOf(provider, round % 2 === 0, list, indices),
      })) as [Side, Side];
      run(a, control ? "protectControl" : "protect");
      run(b, control ? "protectControl" : "protect");
      assertAgreement(a.batch, b.batch, false, `${what}: protect`);
      for (let i = 0; i < count; i++) {
        if (randomBelow(entropy, 8) !== 0) continue;
        const at = a.batch.rows[i * RTP_COLUMNS + RTP_AT]!;
        const length = a.batch.rows[i * RTP_COLUMNS + RTP_LENGTH]!;
        if (length === 0) continue;
        const hurt = at + randomBelow(entropy, length), bit = 1 << randomBelow(entropy, 8);
        a.batch.bytes[hurt]! ^= bit;
        b.batch.bytes[hurt]! ^= bit;
      }
      run(a, control ? "unprotectControl" : "unprotect");
      run(b, control ? "unprotectControl" : "unprotect");
      assertAgreement(a.batch, b.batch, !control, `${what}: unprotect`);
      for (const { cipher, batch } of [a, b]) {
        assert.ok(guardsIntact(batch, list), `${what}: guards`);
        batch.release();
        cipher.dispose();
      }
      done += count;
    }
  });
}

interface Side {
  readonly cipher: SrtpCipher;
  readonly batch: SrtpBatch;
}

function run(
  { cipher, batch }: Side,
  what: "protect" | "unprotect" | "protectControl" | "unprotectControl",
): void {
  cipher[what](batch);
}

/** A packet, mostly well-formed. */
function randomPacket(
  entropy: Entropy,
  control: boolean,
  maxPayload: number,
): Uint8Array {
  if (randomBelow(entropy, 20) === 0) {
    const noise = randomBytes(entropy, randomBelow(entropy, 80));
    if (noise.length > 0 && randomBelow(entropy, 2) === 0) noise[0] = 0x80 | (noise[0]! & 0x3f);
    return noise;
  }
  if (control) return rtcpPacket(entropy, 8 + 4 * randomBelow(entropy, maxPayload >> 2));
  return randomRtp(entropy, maxPayload);
}

/** Statuses agree everywhere; bytes and numbers wherever a packet was accepted. */
function assertAgreement(one: SrtpBatch, other: SrtpBatch, parsed: boolean, what: string): void {
  for (let i = 0; i < one.count; i++) {
    assert.equal(statusOf(other, i), statusOf(one, i), `${what}: status of ${i}`);
    if (statusOf(one, i) !== SRTP_OK) continue;
    assert.ok(sameBytes(packetOf(one, i), packetOf(other, i)), `${what}: bytes of ${i}`);
    assert.equal(indexOf(other, i), indexOf(one, i), `${what}: index of ${i}`);
    if (parsed) assertColumns(other, i, what);
  }
}
