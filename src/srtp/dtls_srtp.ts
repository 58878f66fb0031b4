import type { SrtpProfile } from "../crypto/mod.ts";
import { SrtpError } from "./errors.ts";
import type { SrtpMasterKeys } from "./key_derivation.ts";
import { srtpProfileParameters } from "./profile.ts";

/** RFC 5764 §4.2: the label under which DTLS exports SRTP's keys; the exporter has no context. */
export const SRTP_EXPORTER_LABEL = "EXTRACTOR-dtls_srtp";

/** The master keys of both directions. */
export interface SrtpKeyingMaterial {
  /** For what we send. */
  readonly local: SrtpMasterKeys;
  /** For what we receive. */
  readonly remote: SrtpMasterKeys;
}

/** How many bytes to export for `profile`: two keys and two salts. */
export function keyingMaterialLength(profile: SrtpProfile): number {
  const { keyBytes, saltBytes } = srtpProfileParameters(profile);
  return 2 * (keyBytes + saltBytes);
}

/**
 * Divides exported keying material (RFC 5764 §4.2).
 *
 * ```text
 * +----------------------+----------------------+-------------------+-------------------+
 * | client_write_        | server_write_        | client_write_     | server_write_     |
 * | SRTP_master_key      | SRTP_master_key      | SRTP_master_salt  | SRTP_master_salt  |
 * +----------------------+----------------------+-------------------+-------------------+
 * ```
 *
 * @param role ours in the DTLS handshake
 * @param bytes `keyingMaterialLength(profile)` bytes, of which views are returned: wipe them when
 *   sender and receiver are made
 * @throws {SrtpError} `invalid-key` for another length
 *
 * @example
 * ```ts
 * import { keyingMaterialLength, splitKeyingMaterial, SrtpSender } from "@sterna/webrtc/srtp";
 *
 * const profile = "SRTP_AEAD_AES_128_GCM";
 * const exported = new Uint8Array(keyingMaterialLength(profile)); // by the DTLS exporter
 * const { local } = splitKeyingMaterial(profile, "client", exported);
 * const sender = new SrtpSender({ profile, ...local });
 * exported.fill(0);
 * console.log(sender.stats().packets); // 0
 * ```
 */
export function splitKeyingMaterial(
  profile: SrtpProfile,
  role: "client" | "server",
  bytes: Uint8Array,
): SrtpKeyingMaterial {
  const length = keyingMaterialLength(profile);
  if (bytes.length !== length) {
    throw new SrtpError("invalid-key", `${profile} takes ${length} bytes of keying material`);
  }
  const { keyBytes, saltBytes } = srtpProfileParameters(profile);
  const salts = 2 * keyBytes;
  const client: SrtpMasterKeys = {
    masterKey: bytes.subarray(0, keyBytes),
    masterSalt: bytes.subarray(salts, salts + saltBytes),
  };
  const server: SrtpMasterKeys = {
    masterKey: bytes.subarray(keyBytes, salts),
    masterSalt: bytes.subarray(salts + saltBytes),
  };
  return role === "client" ? { local: client, remote: server } : { local: server, remote: client };
}
