/** Our own providers, as far as this host has them. */
import { nativeSrtp } from "../../src/host/native_srtp.ts";
import { selectSrtp } from "../../src/host/srtp_policy.ts";
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
  const all: [name: string, ciphers: SrtpCipherProvider | undefined][] = [
    ["sterna", selectSrtp()],
    ["native", nativeSrtp()],
    ["ts", tsSrtp],
  ];
  return all.flatMap(([name, ciphers]) => ciphers === undefined ? [] : [{ name, ciphers }]);
}

/** What the host chooses. */
export function chosenProvider(): SrtpCipherProvider {
  return selectSrtp();
}
