import assert from "node:assert/strict";
import process from "node:process";
import { detectHost, nativeCrypto, selectCrypto } from "../../src/host/mod.ts";
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

test("the host's cryptography is chosen once", () => {
  assert.equal(detectHost().crypto, detectHost().crypto);
});
