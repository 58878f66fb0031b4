import assert from "node:assert/strict";
import plugin from "../../tools/lint/mod.ts";
import { test } from "../harness.ts";

/** The rules that fire for `source` in `file`, in order. */
function lint(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, file, source).map((found) => found.id);
}

const IO = "sterna/no-io";
const FLOORS = "sterna/floors";
const PACKET = "sterna/packet-path";

const goodImports: [file: string, specifier: string, why: string][] = [
  ["src/ice/agent.ts", "../base/mod.ts", "downward, to mod.ts"],
  ["src/ice/agent.ts", "./check_list.ts", "within the folder"],
  ["src/ice/checks/pair.ts", "../agent.ts", "within the folder, from below"],
  ["src/ice/checks/pair.ts", "../../stun/mod.ts", "downward, from a nested folder"],
  ["src/crypto/ts_hash.ts", "@noble/hashes/sha2.js", "the package of its folder"],
  ["src/signaling/routes.ts", "hono", "the package of its folder"],
  ["src/signaling/routes.ts", "hono/cors", "a part of the package"],
  ["src/host/node/udp.ts", "node:dgram", "the host touches the runtime"],
  ["src/host/wasm_core.ts", "../../wasm/mod.ts", "the host instantiates the Rust core"],
  ["src/sfu/room.ts", "../api/mod.ts", "the exception of the design"],
  ["src/dht/node.ts", "../api/mod.ts", "the exception of the design"],
  ["mod.ts", "./src/api/mod.ts", "the roof re-exports"],
  ["tools/build.ts", "../src/ice/agent.ts", "tools are free"],
  ["tests/ice/agent_test.ts", "../../src/ice/agent.ts", "tests are free"],
  ["examples/echo.ts", "@sterna/webrtc", "examples are users"],
  ["bench/run.ts", "npm:werift", "benches are free"],
];

for (const [file, specifier, why] of goodImports) {
  test(`floors: ${file} may import ${specifier} (${why})`, () => {
    assert.deepEqual(lint(file, `import { a } from "${specifier}"; export { a };`), []);
  });
}

const badImports: [file: string, specifier: string, message: RegExp][] = [
  ["src/base/ring.ts", "../crypto/mod.ts", /floor 0.*upward.*floor 1/],
  ["src/ice/agent.ts", "../peer/mod.ts", /floor 3.*upward.*floor 4/],
  ["src/ice/agent.ts", "../dtls/mod.ts", /strangers on floor 3/],
  ["src/api/pc.ts", "../signaling/mod.ts", /strangers on floor 6/],
  ["src/api/pc.ts", "../sfu/mod.ts", /strangers on floor 6/],
  ["src/ice/agent.ts", "../stun/message.ts", /reach into src\/stun/],
  ["src/sfu/room.ts", "../api/pc.ts", /reach into src\/api/],
  ["src/ice/agent.ts", "../../mod.ts", /outside of the floors/],
  ["src/dtls/record.ts", "../../wasm/mod.ts", /outside of the floors/],
  ["src/ice/agent.ts", "../../tests/harness.ts", /outside of the floors/],
  ["src/ice/agent.ts", "../attic/mod.ts", /outside of the floors/],
  ["src/ice/agent.ts", "@noble/hashes/sha2.js", /may not import "@noble/],
  ["src/api/pc.ts", "hono", /may not import "hono"/],
  ["src/signaling/routes.ts", "honorable", /may not import "honorable"/],
  ["src/api/pc.ts", "node:crypto", /may not import "node:crypto"/],
  ["src/host/mod.ts", "npm:werift", /may not import "npm:werift"/],
  ["src/host/mod.ts", "@sterna/webrtc/ice", /does not import itself/],
  ["src/attic/thing.ts", "../base/mod.ts", /stands on no floor/],
  ["src/thing.ts", "./base/mod.ts", /stands on no floor/],
  ["mod.ts", "./src/api/pc.ts", /The roof may not/],
  ["mod.ts", "hono", /The roof may not/],
];

for (const [file, specifier, message] of badImports) {
  test(`floors: ${file} may not import ${specifier}`, () => {
    for (
      const source of [
        `import { a } from "${specifier}"; export { a };`,
        `import type { A } from "${specifier}"; export type { A };`,
        `export * from "${specifier}";`,
        `export { a } from "${specifier}";`,
        `export type A = import("${specifier}").A;`,
        `export const a = import("${specifier}");`,
      ]
    ) {
      const found = Deno.lint.runPlugin(plugin, file, source).filter((one) => one.id === FLOORS);
      assert.equal(found.length, 1, source);
      assert.match(found[0]!.message, message);
      assert.notEqual(found[0]!.hint ?? "", "");
    }
  });
}

const impure: [what: string, source: string][] = [
  ["Date.now", "export const t = Date.now();"],
  ["new Date without arguments", "export const t = new Date();"],
  ["Date as a function", "export const t = Date();"],
  ["performance", "export const t = performance.now();"],
  ["Temporal", "export const t = Temporal.Now.instant();"],
  ["setTimeout", "setTimeout(() => {}, 1);"],
  ["setInterval", "setInterval(() => {}, 1);"],
  ["setImmediate", "setImmediate(() => {});"],
  ["queueMicrotask", "queueMicrotask(() => {});"],
  ["clearTimeout", "clearTimeout(1);"],
  ["Math.random", "export const r = Math.random();"],
  ["Math['random']", 'export const r = Math["random"]();'],
  ["random out of Math", "const { random } = Math; export const r = random();"],
  ["crypto.getRandomValues", "crypto.getRandomValues(new Uint8Array(1));"],
  ["crypto.randomUUID", "export const id = crypto.randomUUID();"],
  ["crypto.subtle", "export const s = crypto.subtle;"],
  ["subtle out of crypto", "const { subtle } = crypto; export const s = subtle;"],
  ["Buffer", "export const b = Buffer.from([1]);"],
  ["Buffer as a type", "export function f(b: Buffer): number { return b.length; }"],
  ["Deno", "Deno.exit();"],
  ["Bun", "Bun.gc();"],
  ["process", "process.exit();"],
  ["globalThis", 'globalThis["setTimeout"](() => {});'],
  ["self", "export const s = self;"],
  ["navigator", "export const n = navigator.userAgent;"],
  ["require", 'require("dgram");'],
  ["a node: import", 'import dgram from "node:dgram"; export { dgram };'],
  ["a dynamic import", 'export const m = import("./other.ts");'],
  ["fetch", 'fetch("http://localhost");'],
  ["WebSocket", 'new WebSocket("ws://localhost");'],
  ["WebSocket as a type", "export function f(s: WebSocket): void { s.close(); }"],
  ["XMLHttpRequest", "new XMLHttpRequest();"],
  ["EventSource", 'new EventSource("/");'],
  ["Worker", 'new Worker("x");'],
  ["console", 'console.log("hello");'],
  ["Promise", "export const p = Promise.resolve();"],
  ["Promise as a type", "export type P = Promise<void>;"],
  ["an async function", "export async function f(): Promise<void> {}"],
  ["an async arrow", "export const f = async () => {};"],
  ["an async method", "export class A { async f() {} }"],
  ["await", "await 1;"],
  ["for await", "for await (const x of []) { x; }"],
  ["WeakRef", "export const w = new WeakRef({});"],
  ["FinalizationRegistry", "new FinalizationRegistry(() => {});"],
  ["eval", 'eval("1");'],
  ["WebAssembly", "export const m = WebAssembly;"],
  ["a shorthand", "export const o = { fetch };"],
  ["a local of a forbidden name", "export function f(process: number): number { return process; }"],
];

for (const [what, source] of impure) {
  test(`no-io: ${what} is refused on every floor up to 4 and allowed above`, () => {
    for (const file of ["src/base/a.ts", "src/crypto/a.ts", "src/sdp/a.ts", "src/ice/b/a.ts"]) {
      assert.ok(lint(file, source).includes(IO), file);
    }
    assert.ok(lint("src/peer/a.ts", source).includes(IO));
    for (const file of ["src/host/a.ts", "src/api/a.ts", "tests/ice/a.ts", "tools/a.ts"]) {
      assert.ok(!lint(file, source).includes(IO), file);
    }
  });
}

const pure: [what: string, source: string][] = [
  ["a member called like a global", "export class A { fetch() { return this.fetch; } }"],
  ["a property called like a global", "export const o = { process: 1, Date: 2 };"],
  ["a signature called like a global", "export interface I { fetch(): void; process: number }"],
  ["a CryptoProvider argument", "export const f = (crypto: { hmac(): 1 }): 1 => crypto.hmac();"],
  ["Math but random", "export const m = Math.max(1, 2);"],
  ["text codecs", "export const e = new TextEncoder();"],
  ["Date arithmetic", "export const d = [new Date(0), Date.UTC(2020, 1)];"],
  ["for of", "for (const x of [1]) { x; }"],
  ["a renamed import", 'import { fetch as get } from "./a.ts"; export { get };'],
];

for (const [what, source] of pure) {
  test(`no-io: ${what} is fine`, () => {
    assert.deepEqual(lint("src/ice/a.ts", source), []);
  });
}

test("packet-path: DataView, BigInt and Buffer.concat are refused where packets pass", () => {
  const slow: [source: string, count: number][] = [
    ["export const v = new DataView(new ArrayBuffer(1));", 1],
    ["export const n = 1n;", 1],
    ["export const n = BigInt(1);", 1],
    ["export const n = new BigUint64Array(1);", 1],
  ];
  for (const [source, count] of slow) {
    for (const folder of ["stun", "dcep", "dtls", "sctp", "ice", "peer", "host"]) {
      assert.equal(lint(`src/${folder}/a.ts`, source).filter((id) => id === PACKET).length, count);
    }
    for (const file of ["src/sdp/a.ts", "src/crypto/a.ts", "src/api/a.ts", "tests/a.ts"]) {
      assert.ok(!lint(file, source).includes(PACKET));
    }
  }
  assert.deepEqual(lint("src/host/a.ts", "export const b = Buffer.concat([]);"), [PACKET]);
  assert.deepEqual(lint("src/host/a.ts", "export const b = [].concat([]);"), []);
});

test("file-length: a source file past 400 lines is refused, a long test is not", () => {
  const lines = (count: number): string => "export {};\n".repeat(count);
  assert.deepEqual(lint("src/ice/a.ts", lines(400)), []);
  assert.deepEqual(lint("src/ice/a.ts", lines(401)), ["sterna/file-length"]);
  assert.deepEqual(lint("tools/a.ts", lines(401)), ["sterna/file-length"]);
  assert.deepEqual(lint("tests/ice/a_test.ts", lines(401)), []);
});
