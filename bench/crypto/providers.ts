/** Our own providers, as far as this host has them. */
import { HybridSrtpCipher, keystreamRoom } from "../../src/host/hybrid_srtp.ts";
import { nativeSrtp } from "../../src/host/native_srtp.ts";
import { builtinModule } from "../../src/host/node_modules.ts";
import { selectSrtp } from "../../src/host/srtp_policy.ts";
import { wasmCores } from "../../src/host/wasm_core.ts";
import { wasmSrtp, WasmSrtpCipher } from "../../src/host/wasm_srtp.ts";
import { type SrtpCipherProvider, tsSrtp } from "../../src/srtp/mod.ts";

/** A provider and what the tables call it. */
export interface NamedProvider {
  /** Its column. */
  readonly name: string;
  /** Makes the ciphers. */
  readonly ciphers: SrtpCipherProvider;
  /** Packets per call that are worth measuring: what works packet by packet gains nothing. */
  readonly batches: readonly number[];
}

/** What the host chooses, and each provider on its own. */
export function providers(): NamedProvider[] {
  const all: [name: string, ciphers: SrtpCipherProvider | undefined, batches: number[]][] = [
    ["sterna", selectSrtp(), [1, 8, 64]],
    ["wasm", wasmSrtp(), [1, 8, 64]],
    ["hybrid", hybridSrtp(), [1, 8, 64]],
    ["native", nativeSrtp(), [1, 64]],
    ["ts", tsSrtp, [64]],
  ];
  return all.flatMap(([name, ciphers, batches]) =>
    ciphers === undefined ? [] : [{ name, ciphers, batches }]
  );
}

/** What the host chooses. */
export function chosenProvider(): SrtpCipherProvider {
  return selectSrtp();
}

/** Keystream of `node:crypto` for every packet, and the Rust core for the rest. */
function hybridSrtp(): SrtpCipherProvider | undefined {
  const cores = wasmCores(), wasm = wasmSrtp(), crypto = builtinModule("node:crypto");
  if (cores === null || wasm === undefined || crypto === undefined) return undefined;
  return {
    name: "hybrid",
    createBatch: wasm.createBatch,
    createCipher: (options) => {
      const cipher = cores.place((core) => {
        const room = keystreamRoom(core), inCore = WasmSrtpCipher.create(core, options);
        return room && inCore &&
          new HybridSrtpCipher(crypto, options, inCore, room, { batchBlocks: 0, aheadBlocks: 0 });
      });
      if (cipher === undefined) throw new RangeError("the core has no room for keys");
      return cipher;
    },
  };
}
