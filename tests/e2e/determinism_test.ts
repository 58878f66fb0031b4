import assert from "node:assert/strict";
import { type CryptoProvider, tsCrypto } from "../../src/crypto/mod.ts";
import { wasmCrypto } from "../../src/host/mod.ts";
import { test } from "../harness.ts";
import { Call } from "./call.ts";
import { binary, describeMessage } from "./payload.ts";

/** Everything that happened in one call, with its time. */
async function transcript(seed: number, crypto: CryptoProvider = tsCrypto): Promise<string[]> {
  const call = new Call({
    seed,
    crypto,
    conditions: { delayMs: 50, loss: 0.1, reorder: 0.1, duplicate: 0.1, jitterMs: 10 },
  }).negotiatePerfectly();
  const log: string[] = [];
  const note = (text: string): void => void log.push(`${call.network.now()} ${text}`);
  for (const pc of [call.a, call.b]) {
    const name = pc === call.a ? "a" : "b";
    pc.onconnectionstatechange = () => note(`${name} ${pc.connectionState}`);
    pc.onsignalingstatechange = () => note(`${name} ${pc.signalingState}`);
    pc.addEventListener("icecandidate", ({ candidate }) => note(`${name} ${candidate?.candidate}`));
    pc.ondatachannel = ({ channel }) => {
      note(`${name} channel ${channel.label}`);
      channel.onmessage = ({ data }) => note(`${name} ${describeMessage(data)}`);
      channel.onclose = () => note(`${name} closed ${channel.label}`);
    };
  }
  const [reliable] = await call.open("reliable");
  const [partial] = await call.open("partial", { ordered: false, maxRetransmits: 1 }, call.b);
  for (let i = 0; i < 40; i++) {
    reliable.send(binary(i * 300, i));
    partial.send(`${i}`);
    if (i === 20) call.a.restartIce();
    await call.network.advance(40);
  }
  reliable.close();
  await call.until(() => reliable.readyState === "closed", "closing");
  for (const pc of [call.a, call.b]) {
    const { bytesSent, packetsReceived } = await call.stats(pc, "transport");
    note(`${bytesSent} bytes sent, ${packetsReceived} packets received`);
  }
  await call.end();
  return log;
}

test("The same seed gives the same call to the byte, another seed another one", async () => {
  const first = await transcript(41);
  assert.ok(first.length > 60);
  assert.deepEqual(await transcript(41), first);
  assert.notDeepEqual(await transcript(42), first);
});

test("The Rust core makes the same call as TypeScript: records, packets and their rows", async () => {
  const wasm = wasmCrypto(tsCrypto);
  if (wasm === undefined) return; // no WebAssembly with SIMD here
  assert.deepEqual(await transcript(43, wasm), await transcript(43));
});
