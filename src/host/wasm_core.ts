/**
 * The Rust core of `rust-crypto/`, instantiated once per program on first use.
 */
import { relaxedSimd, simd128 } from "../../wasm/mod.ts";

/** What the module exports: numbers in, numbers out. `rust-crypto/src/exports.rs` documents it. */
interface CoreExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(rows: number, bytes: number): void;
  rows_at(): number;
  bytes_at(): number;
  gcm_new(length: number): number;
  gcm_free(handle: number): void;
  gcm_seal(handle: number, rows: number): number;
  gcm_open(handle: number, rows: number): number;
  crc32c(length: number): number;
}

/** A `WebAssembly.Module`: that name is unknown to the compilers of users without the DOM. */
export type CompiledModule = object;

/** Names of the builds: `relaxed-simd` is faster, and not yet everywhere. */
export type WasmBuild = "relaxed-simd" | "simd128";

/** One instance, and views of the two stretches of its memory that a batch is copied to. */
export class WasmCore {
  /** The functions. */
  readonly exports: CoreExports;
  #rowRoom = 0;
  #byteRoom = 0;
  #rows: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** @param module one of the builds, or a fresh one */
  constructor(module: CompiledModule) {
    // wasm-bindgen's only import sets up a table for objects, of which none ever crosses.
    const imports: Record<string, Record<string, () => void>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      (imports[from] ??= {})[name] = () => {};
    }
    // The one place that says what the binary exports; every call of the tests goes through it.
    this.exports = new WebAssembly.Instance(module, imports).exports as unknown as CoreExports;
  }

  /** Makes room for a batch. Views taken before are stale. */
  reserve(rows: number, bytes: number): void {
    if (rows > this.#rowRoom || bytes > this.#byteRoom) {
      this.#rowRoom = Math.max(rows, 2 * this.#rowRoom, 64);
      this.#byteRoom = Math.max(bytes, this.#byteRoom);
      this.exports.reserve(this.#rowRoom, this.#byteRoom);
      this.#rows = new Uint32Array(0);
    }
  }

  /** Where the rows of a batch go; lent until the next {@linkcode WasmCore.reserve} or new key. */
  get rows(): Uint32Array<ArrayBuffer> {
    if (this.#rows.length === 0) this.#look();
    return this.#rows;
  }

  /** Where the records of a batch go; lent likewise. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#rows.length === 0) this.#look();
    return this.#bytes;
  }

  /** A memory that has grown has another buffer, and the old views have no length any more. */
  #look(): void {
    const { exports } = this;
    const { buffer } = exports.memory;
    this.#rows = new Uint32Array(buffer, exports.rows_at() >>> 0, this.#rowRoom * COLUMNS);
    this.#bytes = new Uint8Array(buffer, exports.bytes_at() >>> 0, this.#byteRoom);
  }
}

/** Numbers per row, as in `rust-crypto/src/gcm.rs`. */
const COLUMNS = 6;

/** The builds, best first. */
export const WASM_BUILDS: readonly WasmBuild[] = ["relaxed-simd", "simd128"];

/** A build, or `undefined` where the host lacks what it needs or refuses to compile. */
export function wasmModule(build: WasmBuild): CompiledModule | undefined {
  const base64 = build === "simd128" ? simd128 : relaxedSimd;
  try {
    const bytes = decodeBase64(base64);
    return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
  } catch {
    return undefined; // no WebAssembly at all, or none of bytes: workerd, a content security policy
  }
}

/** Newer engines have it (ECMAScript 2026); the loop takes 1.3 ms, `Uint8Array.from` 5 ms. */
interface Base64Constructor {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}

function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as Base64Constructor;
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

let shared: WasmCore | null | undefined;

/** The instance that this program shares, or `null` where WebAssembly with SIMD is refused. */
export function wasmCore(): WasmCore | null {
  if (shared === undefined) shared = instantiate();
  return shared;
}

function instantiate(): WasmCore | null {
  for (const build of WASM_BUILDS) {
    const module = wasmModule(build);
    if (module !== undefined) return new WasmCore(module);
  }
  return null;
}
