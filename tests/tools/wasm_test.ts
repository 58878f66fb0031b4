import assert from "node:assert/strict";
import { withoutCustomSections } from "../../tools/wasm/module.ts";
import { sourceDigest, type Versions } from "../../tools/wasm/versions.ts";
import { root } from "../../tools/test/process.ts";
import { relaxedSimd, simd128 } from "../../wasm/mod.ts";
import { test } from "../harness.ts";

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

test("wasm/ was built from rust-crypto/ as it stands; `deno task build:wasm` builds it anew", async () => {
  const text = await Deno.readTextFile(`${root}wasm/versions.json`);
  assert.equal((JSON.parse(text) as Versions).source, await sourceDigest());
});

test("the module that hosts import is the one that the others inline", async () => {
  assert.deepEqual(await Deno.readFile(`${root}wasm/sterna_crypto.wasm`), decode(relaxedSimd));
});

test("the modules hold no names and no notes of their builder", () => {
  for (const base64 of [relaxedSimd, simd128]) {
    const bytes = decode(base64);
    assert.deepEqual(withoutCustomSections(bytes), bytes);
    const module = new WebAssembly.Module(bytes);
    for (const section of ["name", "producers", "target_features"]) {
      assert.deepEqual(WebAssembly.Module.customSections(module, section), []);
    }
    const text = new TextDecoder("latin1").decode(bytes);
    assert.doesNotMatch(text, /\/(home|root|Users|tmp|work)\//, "folders of the builder");
  }
});

test("custom sections are taken out and others stay (WebAssembly core specification §5.5)", () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, 4, 1, 0x60, 0, 0];
  const custom = [0, 0x85, 0, 1, 0x61, 7, 7, 7]; // a length of 5 in two bytes
  const module = Uint8Array.from([...header, ...custom, ...types, ...custom]);
  assert.deepEqual(withoutCustomSections(module), Uint8Array.from([...header, ...types]));
  assert.ok(WebAssembly.validate(Uint8Array.from([...header, ...types])));
});
