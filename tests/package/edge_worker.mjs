// A worker as its user writes it; `workerd test` runs `test`. No node: module is there.
import { tsCrypto } from "@sterna/webrtc/crypto";
import core from "@sterna/webrtc/sterna_crypto.wasm";
import { selectCrypto, selectSrtp, useWasmModule } from "@sterna/webrtc/providers";

useWasmModule(core);

/** McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test case 2. */
const SEALED = "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf";

function expect(good, what) {
  if (!good) throw new Error(what);
}

function seal(crypto) {
  const key = crypto.createAead("aes-128-gcm", new Uint8Array(16));
  const batch = crypto.createAeadBatch(12 + 16 + 16, 1);
  batch.push(0, 12, 0, 12, 16);
  key.seal(batch);
  const sealed = batch.bytes.slice(12);
  key.open(batch);
  expect(batch.accepted(0), "its own record was refused");
  batch.bytes[15] ^= 1;
  key.open(batch);
  expect(!batch.accepted(0), "another record was not");
  return Array.from(sealed, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default {
  test() {
    const crypto = selectCrypto();
    expect(/wasm/.test(crypto.name), `cryptography is ${crypto.name}`);
    expect(/wasm/.test(selectSrtp().name), `SRTP is ${selectSrtp().name}`);
    expect(seal(crypto) === SEALED, "the core seals otherwise than its vector");
    expect(seal(tsCrypto) === SEALED, "TypeScript seals otherwise than its vector");
  },
};
