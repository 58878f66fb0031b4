/** Our own providers, as far as this host has them. */
import { type SrtpCipherProvider, tsSrtp } from "../../src/srtp/mod.ts";

/** A provider and what the tables call it. */
export interface NamedProvider {
  /** Its column. */
  readonly name: string;
  /** Makes the ciphers. */
  readonly ciphers: SrtpCipherProvider;
}

/** What the host chooses, and each provider on its own. */
export function providers(): NamedProvider[] {
  return [{ name: "sterna", ciphers: tsSrtp }, { name: "ts", ciphers: tsSrtp }];
}

/** What the host chooses. */
export function chosenProvider(): SrtpCipherProvider {
  return tsSrtp;
}
