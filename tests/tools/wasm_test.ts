import assert from "node:assert/strict";
import { withoutCustomSections, withoutPanicMessages } from "../../tools/wasm/module.ts";
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

test("what composes the messages of panics traps instead, and their texts are blank", () => {
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, content: number[]) => [id, content.length, ...content];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = section(1, [1, 0x60, 0, 1, 0x7f]); // () -> i32
  const functions = section(3, [2, 0, 0]);
  const memory = section(5, [1, 0, 1]);
  const exported = section(7, [2, ...name("a"), 0, 0, ...name("b"), 0, 1]);
  const body = (value: number) => [4, 0, 0x41, value, 0x0b]; // i32.const
  const data = (text: string) => section(11, [1, 0, 0x41, 0, 0x0b, ...name(text)]);
  const names = section(0, [
    ...name("name"),
    ...section(1, [2, 0, ...name("crate::work"), 1, ...name("core::fmt::write")]),
  ]);
  const text = "src/srtp.rs short \x01ab\x02";
  const module = Uint8Array.from([
    ...[header, types, functions, memory, exported, section(10, [2, ...body(7), ...body(8)])]
      .flat(),
    ...data(text),
    ...names,
  ]);
  const silent = withoutPanicMessages(module);
  const expected = Uint8Array.from([
    ...[header, types, functions, memory, exported].flat(),
    ...section(10, [2, ...body(7), 3, 0, 0, 0x0b]),
    ...data("\0".repeat(18) + "\x01ab\x02"),
    ...names,
  ]);
  assert.deepEqual(silent, expected);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(silent));
  const { a, b } = instance.exports as Record<string, () => number>;
  assert.equal(a!(), 7);
  assert.throws(b!, WebAssembly.RuntimeError);
});
