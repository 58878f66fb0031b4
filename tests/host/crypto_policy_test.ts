import assert from "node:assert/strict";
import process from "node:process";
import { AEAD_KEY_BYTES, AeadBatch, tsCrypto } from "../../src/crypto/mod.ts";
import { detectHost, nativeCrypto, selectCrypto, wasmCrypto } from "../../src/host/mod.ts";
import { WASM_BUILDS, wasmModule } from "../../src/host/wasm_core.ts";
import { test } from "../harness.ts";

function withForced<T>(value: string | undefined, body: () => T): T {
  const before = process.env["STERNA_CRYPTO"];
  const set = (text: string | undefined): void => {
    if (text === undefined) delete process.env["STERNA_CRYPTO"];
    else process.env["STERNA_CRYPTO"] = text;
  };
  set(value);
  try {
    return body();
  } finally {
    set(before);
  }
}

test("STERNA_CRYPTO forces a provider, and nothing else is accepted", () => {
  assert.equal(withForced("ts", selectCrypto).name, "ts");
  assert.equal(withForced("native", selectCrypto).name, "native");
  assert.equal(withForced("wasm", selectCrypto).name, "wasm");
  assert.throws(() => withForced("rot13", selectCrypto), { code: "unsupported" });
});

test("without STERNA_CRYPTO a runtime with node:crypto uses it where it is faster", () => {
  const crypto = withForced(undefined, selectCrypto);
  assert.match(crypto.name, /native/);
  assert.equal(withForced("", selectCrypto).name, crypto.name);
  const data = new Uint8Array(100);
  assert.deepEqual(crypto.hash("sha-256", data), nativeCrypto()!.hash("sha-256", data));
});

test("the policy's AEAD opens what the other providers seal, whatever the length of the texts", () => {
  const chosen = withForced(undefined, selectCrypto);
  for (const algorithm of ["aes-128-gcm", "aes-256-gcm", "chacha20-poly1305"] as const) {
    const bytes = new Uint8Array(AEAD_KEY_BYTES[algorithm]).fill(3);
    const key = chosen.createAead(algorithm, bytes);
    const reference = tsCrypto.createAead(algorithm, bytes);
    for (const length of [0, 100, 160, 161, 500, 501, 5000]) {
      const batch = new AeadBatch(new Uint8Array(length + 100).fill(7), 1);
      batch.push(0, 12, 13, 50, length);
      reference.seal(batch);
      key.open(batch);
      assert.ok(batch.accepted(0), `${algorithm}, ${length} bytes`);
      key.seal(batch);
      reference.open(batch);
      assert.ok(batch.accepted(0), `${algorithm}, ${length} bytes`);
    }
    key.dispose();
  }
});

test("where WebAssembly is refused, the policy does without it", () => {
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    assert.deepEqual(WASM_BUILDS.map(wasmModule), [undefined, undefined]);
  } finally {
    WebAssembly.validate = validate;
  }
  assert.equal(wasmCrypto(tsCrypto, null), undefined);
});

test("the host's cryptography is chosen once", () => {
  assert.equal(detectHost().crypto, detectHost().crypto);
});
