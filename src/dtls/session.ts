import type { CryptoProvider, SrtpProfile } from "../crypto/mod.ts";
import type { CipherSuite } from "./cipher_suites.ts";
import { exportKeyingMaterial } from "./key_schedule.ts";
import type { NamedGroup } from "./named_groups.ts";

/** What a finished handshake leaves behind, whatever its version. */
export interface Session {
  /** Wire version. */
  readonly version: number;
  /** IANA name of the suite. */
  readonly cipherSuite: string;
  /** Name of the group of the key agreement. */
  readonly group: string;
  /** Negotiated SRTP profile, if any. */
  readonly srtpProfile: SrtpProfile | undefined;
  /** RFC 5705. */
  exportKeyingMaterial(label: string, length: number): Uint8Array;
  /** Wipes the secrets. */
  dispose(): void;
}

/** What a DTLS 1.2 handshake agreed on. */
export interface Agreement {
  /** The suite. */
  readonly suite: CipherSuite;
  /** 32 bytes. */
  readonly clientRandom: Uint8Array;
  /** 32 bytes. */
  readonly serverRandom: Uint8Array;
  /** From use_srtp. */
  readonly srtpProfile: SrtpProfile | undefined;
}

/** The session of a DTLS 1.2 handshake. Resumption does not exist, so it dies with the connection. */
export class Dtls12Session implements Session {
  readonly version: number;
  readonly cipherSuite: string;
  readonly group: string;
  readonly srtpProfile: SrtpProfile | undefined;
  /** 48 bytes. */
  readonly masterSecret: Uint8Array;
  readonly #crypto: CryptoProvider;
  readonly #agreement: Agreement;

  constructor(
    crypto: CryptoProvider,
    version: number,
    agreement: Agreement,
    group: NamedGroup,
    masterSecret: Uint8Array,
  ) {
    this.#crypto = crypto;
    this.#agreement = agreement;
    this.version = version;
    this.cipherSuite = agreement.suite.name;
    this.group = group.name;
    this.srtpProfile = agreement.srtpProfile;
    this.masterSecret = masterSecret;
  }

  exportKeyingMaterial(label: string, length: number): Uint8Array {
    const { suite, clientRandom, serverRandom } = this.#agreement;
    return exportKeyingMaterial(
      this.#crypto,
      suite,
      this.masterSecret,
      clientRandom,
      serverRandom,
      label,
      length,
    );
  }

  dispose(): void {
    this.masterSecret.fill(0);
  }
}
