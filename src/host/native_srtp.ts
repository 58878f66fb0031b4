import { RTP_COLUMNS } from "../rtp/mod.ts";
import {
  createTransformCipher,
  PlainSrtpBatch,
  type SrtpCipherProvider,
  srtpProfileParameters,
} from "../srtp/mod.ts";
import { NativeCounterMode } from "./native_srtp_cm.ts";
import { NativeGcm } from "./native_srtp_gcm.ts";
import { builtinModule } from "./node_modules.ts";

/** SRTP by node:crypto, or `undefined` where the host has none. */
export function nativeSrtp(): SrtpCipherProvider | undefined {
  const crypto = builtinModule("node:crypto");
  if (crypto === undefined) return undefined;
  return {
    name: "native",
    createCipher: (options) =>
      createTransformCipher(
        options,
        (keys, tagBytes) =>
          srtpProfileParameters(options.profile).aead
            ? new NativeGcm(crypto, keys)
            : new NativeCounterMode(crypto, keys, tagBytes),
      ),
    createBatch: (byteLength, maxRows) =>
      new PlainSrtpBatch(new Uint8Array(byteLength), new Uint32Array(maxRows * RTP_COLUMNS)),
  };
}
