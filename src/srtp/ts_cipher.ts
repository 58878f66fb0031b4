import { RTP_COLUMNS } from "../rtp/mod.ts";
import {
  PlainSrtpBatch,
  type SrtpBatch,
  type SrtpCipher,
  type SrtpCipherOptions,
  type SrtpCipherProvider,
} from "./cipher.ts";
import { CounterModeTransform } from "./counter_mode.ts";
import { GcmTransform } from "./gcm.ts";
import { srtpProfileParameters } from "./profile.ts";
import { createTransformCipher } from "./transform_cipher.ts";

function createCipher(options: SrtpCipherOptions): SrtpCipher {
  return srtpProfileParameters(options.profile).aead
    ? createTransformCipher(options, (keys) => new GcmTransform(keys))
    : createTransformCipher(options, (keys, tagBytes) => new CounterModeTransform(keys, tagBytes));
}

function createBatch(byteLength: number, maxRows: number): SrtpBatch {
  return new PlainSrtpBatch(new Uint8Array(byteLength), new Uint32Array(maxRows * RTP_COLUMNS));
}

/**
 * Pure TypeScript: runs wherever JavaScript does, in ordinary memory. Slower than native code and
 * WebAssembly, with table look-ups that are not constant in time.
 */
export const tsSrtp: SrtpCipherProvider = { name: "ts", createCipher, createBatch };
