/**
 * The Rust core of `rust-crypto/`: its builds, instances of them, and memory in them.
 */
import { relaxedSimd, simd128 } from "../../wasm/mod.ts";

/** What the module exports: numbers in, numbers out. `rust-crypto/src/exports.rs` documents it. */
export interface CoreExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  arena_new(numbers: number, byteLength: number): number;
  arena_rows_at(arena: number): number;
  arena_bytes_at(arena: number): number;
  arena_free(arena: number): void;
  gcm_new(arena: number, length: number): number;
  gcm_free(key: number): void;
  gcm_seal(key: number, arena: number, rows: number): number;
  gcm_open(key: number, arena: number, rows: number): number;
  gcm_open_sctp(key: number, arena: number, rows: number, packets: number): number;
  crc32c(arena: number, at: number, length: number): number;
  rtp_parse(arena: number, rows: number): number;
  sctp_parse(arena: number, rows: number, packets: number): number;
  srtp_new(arena: number, profile: number, cryptex: number): number;
  srtp_free(srtp: number): void;
  srtp_protect(srtp: number, arena: number, rows: number): number;
  srtp_unprotect(srtp: number, arena: number, rows: number): number;
  srtp_protect_control(srtp: number, arena: number, rows: number): number;
  srtp_unprotect_control(srtp: number, arena: number, rows: number): number;
  srtp_counters(
    srtp: number,
    arena: number,
    first: number,
    rows: number,
    scratch: number,
    received: number,
  ): number;
  srtp_protect_with(
    srtp: number,
    arena: number,
    first: number,
    rows: number,
    scratch: number,
  ): number;
  srtp_unprotect_with(
    srtp: number,
    arena: number,
    first: number,
    rows: number,
    scratch: number,
  ): number;
}

/** A `WebAssembly.Module`: that name is unknown to the compilers of users without the DOM. */
export type CompiledModule = object;

/** Names of the builds: `relaxed-simd` is faster, and not yet everywhere. */
export type WasmBuild = "relaxed-simd" | "simd128";

/** Answer of the core: no such key or arena, or no room in it for so many rows. */
export const WASM_UNKNOWN = 0;
/** Answer of the core: done. */
export const WASM_DONE = 1;
/** Answer of the core: a row leaves the memory of its arena. */
export const WASM_OUTSIDE = 2;

/**
 * Records that are copied together lie within this many bytes: more than an arena of DTLS, so that
 * one crossing does for what it holds.
 */
export const SCRATCH_BYTES: number = 192 * 1024;

/** Numbers for the rows of what is copied: 1365 rows of AEADs. */
export const SCRATCH_NUMBERS = 8192;

/** Frees what belongs to objects that were forgotten without being released. */
const forgotten: FinalizationRegistry<() => void> = new FinalizationRegistry((free) => free());

/** One instance of the module. Its memory never grows, so that views of it stay valid. */
export class WasmCore {
  /** The functions. */
  readonly exports: CoreExports;
  /** Where batches are copied to that lie in other memory; lent from call to call. */
  readonly scratch: WasmArena;

  /** @param module one of the builds, or a fresh one */
  constructor(module: CompiledModule) {
    // wasm-bindgen's only import sets up a table for objects, of which none ever crosses.
    const imports: Record<string, Record<string, () => void>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = () => {};
    }
    // The one place that says what the binary exports; every call of the tests goes through it.
    this.exports = new WebAssembly.Instance(module, imports).exports as unknown as CoreExports;
    const scratch = this.newArena(SCRATCH_NUMBERS, SCRATCH_BYTES);
    if (scratch === undefined) throw new RangeError("the core was built without memory");
    this.scratch = scratch;
  }

  /** Memory for packets and for the numbers that describe them, or `undefined` when it is used up. */
  newArena(numbers: number, byteLength: number): WasmArena | undefined {
    const handle = this.exports.arena_new(numbers, byteLength);
    return handle === 0 ? undefined : new WasmArena(this, handle, numbers, byteLength);
  }

  /** CRC32c of `bytes[at…end]`, which is copied: that costs 30 ns. */
  crc32c(bytes: Uint8Array, at: number, end: number): number {
    const { scratch, exports } = this;
    scratch.bytes.set(bytes.subarray(at, end));
    return exports.crc32c(scratch.handle, 0, end - at) >>> 0;
  }

  /**
   * Calls `free` when `owner` is forgotten. `free` must not refer to `owner`.
   *
   * @returns what undoes it
   */
  freeWhenForgotten(owner: object, free: () => void): () => void {
    const token = {};
    forgotten.register(owner, free, token);
    return () => void forgotten.unregister(token);
  }
}

/** Memory of an instance, and views of it. */
export class WasmArena {
  /** The instance. */
  readonly core: WasmCore;
  /** Rows of as many numbers as the function that is called says. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** Where packets lie; offsets in rows count from here. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  #handle: number;
  readonly #keep: () => void;

  /** {@linkcode WasmCore.newArena} makes them. */
  constructor(core: WasmCore, handle: number, numbers: number, byteLength: number) {
    const { exports } = core;
    const { buffer } = exports.memory;
    this.core = core;
    this.#handle = handle;
    this.rows = new Uint32Array(buffer, exports.arena_rows_at(handle) >>> 0, numbers);
    this.bytes = new Uint8Array(buffer, exports.arena_bytes_at(handle) >>> 0, byteLength);
    this.#keep = core.freeWhenForgotten(this, () => exports.arena_free(handle));
  }

  /** What the exports call this arena; 0, which they refuse, once it is released. */
  get handle(): number {
    return this.#handle;
  }

  /** Gives the memory back. Others get it: no view of it may be used afterwards. */
  release(): void {
    if (this.#handle === 0) return;
    this.#keep();
    this.core.exports.arena_free(this.#handle);
    this.#handle = 0;
  }
}

/** Instances of one module: when one is full, the next takes what comes. */
export class WasmCores {
  readonly #module: CompiledModule;
  readonly #cores: WasmCore[] = [];

  /** @param module one of the builds, or a fresh one */
  constructor(module: CompiledModule) {
    this.#module = module;
  }

  /**
   * What `make` makes in the first instance that has room for it, or `undefined` when not even a new
   * one has.
   *
   * @param make gives `undefined` where there is no room
   */
  place<T>(make: (core: WasmCore) => T | undefined): T | undefined {
    for (const core of this.#cores) {
      const made = make(core);
      if (made !== undefined) return made;
    }
    const core = this.#addCore();
    return core && make(core);
  }

  #addCore(): WasmCore | undefined {
    try {
      const core = new WasmCore(this.#module);
      this.#cores.push(core);
      return core;
    } catch {
      return undefined; // the host has no more memory to give
    }
  }
}

/** The builds, best first. */
export const WASM_BUILDS: readonly WasmBuild[] = ["relaxed-simd", "simd128"];

/** The smallest module with relaxed SIMD: a function that swizzles a constant by itself. */
const RELAXED_SIMD_PROBE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // types: () → v128
  ...[0x03, 0x02, 0x01, 0x00], // functions: one of that type
  ...[0x0a, 0x2b, 0x01, 0x29, 0x00], // code: one function without locals
  ...[0xfd, 0x0c, ...new Uint8Array(16)], // v128.const
  ...[0xfd, 0x0c, ...new Uint8Array(16)], // v128.const
  ...[0xfd, 0x80, 0x02, 0x0b], // i8x16.relaxed_swizzle, end
]);

/** What {@linkcode useWasmModule} was given; it goes before everything that is compiled here. */
let given: CompiledModule | undefined;

/**
 * Takes the module of the package as the host has compiled it: for hosts that refuse to compile bytes
 * while a program runs. To be called before a provider is chosen; what was chosen before stays.
 *
 * @param module a `WebAssembly.Module`
 * @throws {TypeError} when it is another module, or none
 */
export function useWasmModule(module: CompiledModule): void {
  const isCore = module instanceof WebAssembly.Module &&
    WebAssembly.Module.exports(module).some(({ name }) => name === "arena_new");
  if (!isCore) throw new TypeError("this is not the compiled module sterna_crypto.wasm");
  given = module;
  shared = undefined;
}

/**
 * A build, or `undefined` where the host lacks what it needs or refuses to compile. A module that the
 * host has compiled stands in for the better build.
 */
export function wasmModule(build: WasmBuild): CompiledModule | undefined {
  if (given !== undefined && build === "relaxed-simd") return given;
  const base64 = build === "simd128" ? simd128 : relaxedSimd;
  try {
    // Asked with a few bytes: decoding a module that is of no use takes longer than instantiating one.
    if (build === "relaxed-simd" && !WebAssembly.validate(RELAXED_SIMD_PROBE)) return undefined;
    const bytes = decodeBase64(base64);
    return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
  } catch {
    return undefined; // no WebAssembly at all, or none of bytes: workerd, a content security policy
  }
}

/** Newer engines have it (ECMAScript 2026). */
interface Base64Constructor {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}

/** Node has it, in every version. */
interface NodeGlobals {
  readonly Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
}

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as Base64Constructor;
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, base64);
  const { Buffer } = globalThis as NodeGlobals;
  if (Buffer !== undefined) return Buffer.from(base64, "base64");
  // In browsers that lack both: 1.3 ms; `Uint8Array.from` takes 5.
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

let shared: WasmCores | null | undefined;

/** The instances that this program shares, or `null` where WebAssembly with SIMD is refused. */
export function wasmCores(): WasmCores | null {
  if (shared === undefined) shared = compile();
  return shared;
}

function compile(): WasmCores | null {
  for (const build of WASM_BUILDS) {
    const module = wasmModule(build);
    if (module !== undefined) return new WasmCores(module);
  }
  return null;
}
