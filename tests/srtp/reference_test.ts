/**
 * RFC 3711 publishes no whole SRTP or SRTCP packet, and nobody one of 32-bit tags: these are computed a
 * second time by node:crypto.
 */
import assert from "node:assert/strict";
import { hexEncode, seededEntropy } from "../../src/base/mod.ts";
import { SRTP_OK, tsSrtp } from "../../src/srtp/mod.ts";
import { fuzzRuns, fuzzSeed } from "../fuzz.ts";
import { test } from "../harness.ts";
import { protectControlSlowly, protectSlowly } from "./reference.ts";
import {
  batchOf,
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

test("SRTP packets of all profiles are what node:crypto makes of them (RFC 3711 §3.3, RFC 7714 §8)", () => {
  const seed = fuzzSeed(0x5e1);
  const entropy = seededEntropy(seed);
  for (let run = 0; run < fuzzRuns(400); run++) {
    const profile = PROFILES[run % PROFILES.length]!;
    const options = randomCipherOptions(entropy, profile);
    const packet = randomRtp(entropy, run % 10 === 0 ? 9000 : 200);
    const roc = randomBelow(entropy, 0x1_0000_0000);
    const batch = batchOf(tsSrtp, true, [packet], [roc]);
    tsSrtp.createCipher(options).protect(batch);
    const expected = hexEncode(protectSlowly(profile, options.rtp, packet, roc));
    assert.equal(hexEncode(packetOf(batch, 0)), expected, `${profile}, seed ${seed}, run ${run}`);
  }
});

test("SRTCP packets of all profiles are what node:crypto makes of them (RFC 3711 §3.4, RFC 7714 §9)", () => {
  const seed = fuzzSeed(0x5e2);
  const entropy = seededEntropy(seed);
  for (let run = 0; run < fuzzRuns(400); run++) {
    const profile = PROFILES[run % PROFILES.length]!;
    const what = `${profile}, seed ${seed}, run ${run}`;
    const options = randomCipherOptions(entropy, profile);
    const packet = rtcpPacket(entropy, 8 + 4 * randomBelow(entropy, 100));
    const index = randomBelow(entropy, 0x8000_0000);
    const cipher = tsSrtp.createCipher(options);
    const batch = batchOf(tsSrtp, true, [packet], [index]);
    cipher.protectControl(batch);
    const expected = protectControlSlowly(profile, options.rtcp, packet, index, true);
    assert.equal(hexEncode(packetOf(batch, 0)), hexEncode(expected), what);
    const clear = protectControlSlowly(profile, options.rtcp, packet, index, false);
    const opened = batchOf(tsSrtp, true, [clear]);
    cipher.unprotectControl(opened);
    assert.equal(statusOf(opened, 0), SRTP_OK, `${what}: E flag 0`);
    assert.equal(indexOf(opened, 0), index, what);
    assert.ok(sameBytes(packetOf(opened, 0), packet), what);
  }
});
