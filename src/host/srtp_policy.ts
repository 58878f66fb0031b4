import type * as NodeCrypto from "node:crypto";
import { CryptoError } from "../crypto/mod.ts";
import {
  type SrtpCipher,
  type SrtpCipherOptions,
  type SrtpCipherProvider,
  srtpProfileParameters,
  tsSrtp,
} from "../srtp/mod.ts";
import { BySizeSrtpCipher, type SizeRule } from "./by_size_srtp.ts";
import { environmentVariable } from "./environment.ts";
import { type HybridRule, HybridSrtpCipher, keystreamRoom } from "./hybrid_srtp.ts";
import { nativeSrtp } from "./native_srtp.ts";
import { builtinModule } from "./node_modules.ts";
import { type RuntimeName, runtimeName } from "./runtime.ts";
import { type WasmCore, type WasmCores, wasmCores } from "./wasm_core.ts";
import { wasmSrtp, WasmSrtpCipher } from "./wasm_srtp.ts";

/** What is chosen for one kind of profile, all in bytes and blocks of AES. */
interface Policy extends HybridRule {
  /** From which mean length on packets go to node:crypto alone, instead of the core. */
  readonly native: SizeRule;
}

/** The two kinds of profiles. */
type Kind = "counterMode" | "gcm";

const NEVER: SizeRule = { few: Infinity, some: Infinity, many: Infinity };

/**
 * Which one is the fastest for which batches, measured: µs per packet to protect (to unprotect takes
 * as long), by the core alone / the core with keystream of `node:crypto` / `node:crypto` alone, which
 * looks ahead in counter mode, too. Medians of processes in which all three took turns, on two cores of
 * an EPYC 9004 that others used as well; workerd timed from outside (`deno task bench:crypto`).
 *
 * | packets × payload | Deno 2.9 | Bun 1.4 | Node 20 | Node 26 | workerd |
 * |---|---|---|---|---|---|
 * | counter mode, 1 × 160 B | 1.0 / 1.2 / 5.1 | 1.1 / 1.2 / 1.3 | 1.1 / 0.9 / 2.1 | 0.9 / 0.9 / 2.3 | 1.2 / 1.1 / 8 |
 * | 8 × 160 B | 0.7 / 0.9 / 5.3 | 0.8 / 0.6 / 1.1 | 0.8 / 0.5 / 2.0 | 0.6 / 0.5 / 2.6 | 0.7 / 0.9 / – |
 * | 64 × 160 B | 0.8 / 0.6 / 5.3 | 0.8 / 0.5 / 1.1 | 0.8 / 0.4 / 2.0 | 0.6 / 0.4 / 2.4 | 0.8 / 0.6 / 8 |
 * | 1 × 1200 B | 4.0 / 4.1 / 11 | 5.0 / 4.1 / 2.7 | 4.7 / 3.1 / 3.9 | 4.0 / 3.2 / 4.2 | 6.2 / 5.6 / 12 |
 * | 8 × 1200 B | 2.9 / 2.8 / 10 | 3.5 / 2.4 / 2.6 | 3.5 / 1.6 / 3.5 | 2.7 / 1.7 / 3.6 | 3.3 / 2.7 / – |
 * | 64 × 1200 B | 2.9 / 2.3 / 10 | 3.5 / 2.2 / 2.8 | 3.5 / 1.6 / 3.8 | 2.7 / 1.7 / 4.0 | 3.3 / 2.1 / 11 |
 * | GCM, 1 × 160 B | 0.8 / 1.2 / 7 | 0.7 / 0.8 / 1.3 | 1.0 / 0.9 / 3.5 | 0.7 / 0.7 / 3.7 | 1.0 / 0.9 / 8 |
 * | 8 × 160 B | 0.7 / 0.9 / 7 | 0.7 / 0.6 / 1.2 | 1.0 / 0.8 / 3.6 | 0.6 / 0.6 / 3.4 | 0.9 / 1.0 / – |
 * | 64 × 160 B | 0.6 / 0.5 / 7 | 0.6 / 0.3 / 1.0 | 0.8 / 0.5 / 3.3 | 0.5 / 0.3 / 3.5 | 0.7 / 0.5 / 8 |
 * | 1 × 1200 B | 3.9 / 3.6 / 14 | 3.5 / 2.8 / 2.1 | 5.6 / 4.2 / 4.4 | 3.3 / 2.8 / 4.4 | 4.3 / 4.3 / 11 |
 * | 8 × 1200 B | 3.8 / 3.5 / 13 | 3.5 / 2.4 / 2.0 | 5.5 / 4.0 / 4.4 | 3.2 / 2.3 / 4.0 | 4.5 / 3.0 / – |
 * | 64 × 1200 B | 2.8 / 2.2 / 13 | 2.9 / 1.8 / 2.1 | 4.4 / 2.5 / 4.4 | 2.6 / 1.4 / 4.0 | 3.5 / 2.5 / 11 |
 *
 * A call of ECB takes 2.6 µs in Deno and about 2 in workerd before its first block, 0.6 in Node and 0.2
 * in Bun: so much a batch has to save before keystream from there is worth it.
 */
const POLICY: Readonly<Record<RuntimeName | "workerd", Readonly<Record<Kind, Policy>>>> = {
  deno: {
    counterMode: { batchBlocks: 170, aheadBlocks: Infinity, native: NEVER },
    gcm: { batchBlocks: 170, aheadBlocks: 60, native: NEVER },
  },
  bun: {
    counterMode: {
      batchBlocks: 24,
      aheadBlocks: 12,
      native: { few: 220, some: Infinity, many: Infinity },
    },
    gcm: {
      batchBlocks: 24,
      aheadBlocks: 14,
      native: { few: 430, some: 600, many: Infinity },
    },
  },
  node: {
    counterMode: { batchBlocks: 32, aheadBlocks: 6, native: NEVER },
    gcm: { batchBlocks: 32, aheadBlocks: 6, native: NEVER },
  },
  workerd: {
    counterMode: { batchBlocks: 100, aheadBlocks: 40, native: NEVER },
    gcm: { batchBlocks: 100, aheadBlocks: 40, native: NEVER },
  },
};

/**
 * The fastest SRTP of this runtime. `STERNA_CRYPTO=ts`, `native` or `wasm` in the environment forces
 * one. Where WebAssembly is refused it is `node:crypto`, even where pure TypeScript would be faster,
 * which is not constant in time; where `node:crypto` is missing, it is the core alone.
 *
 * @param cores instances to use instead of the shared ones; `null` where there are none
 * @throws {CryptoError} `unsupported` when the environment asks for a provider that is not there
 */
export function selectSrtp(cores: WasmCores | null = wasmCores()): SrtpCipherProvider {
  const forced = environmentVariable("STERNA_CRYPTO");
  if (forced === undefined || forced === "") return best(cores);
  const provider = forced === "ts"
    ? tsSrtp
    : forced === "native"
    ? nativeSrtp()
    : forced === "wasm"
    ? wasmSrtp(tsSrtp, cores)
    : undefined;
  if (provider === undefined) {
    throw new CryptoError("unsupported", `STERNA_CRYPTO=${forced}: no such provider here`);
  }
  return provider;
}

function best(cores: WasmCores | null): SrtpCipherProvider {
  const native = nativeSrtp();
  const policy = POLICY[policyName()];
  const rest = native ?? tsSrtp;
  const wasm = wasmSrtp(rest, cores);
  const crypto = builtinModule("node:crypto");
  if (wasm === undefined || cores === null) return rest;
  if (native === undefined || crypto === undefined) return wasm;
  return {
    name: "wasm+native",
    createBatch: wasm.createBatch,
    createCipher: (options) => {
      const rule = policy[kindOf(options)];
      const core = cores.place((core) => hybridCipher(core, crypto, options, rule));
      if (core === undefined) return rest.createCipher(options);
      return rule.native === NEVER
        ? core
        : new BySizeSrtpCipher(core, native.createCipher(options), rule.native);
    },
  };
}

/** Keys in one instance of the core, with keystream of node:crypto; `undefined` without room. */
function hybridCipher(
  core: WasmCore,
  crypto: typeof NodeCrypto,
  options: SrtpCipherOptions,
  rule: HybridRule,
): SrtpCipher | undefined {
  const room = keystreamRoom(core);
  const wasm = room && WasmSrtpCipher.create(core, options);
  return wasm && new HybridSrtpCipher(crypto, options, wasm, room, rule);
}

function kindOf({ profile }: SrtpCipherOptions): Kind {
  return srtpProfileParameters(profile).aead ? "gcm" : "counterMode";
}

/** workerd, which has no UDP, is no runtime of its own elsewhere. */
function policyName(): RuntimeName | "workerd" {
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers" ? "workerd" : runtimeName();
}
