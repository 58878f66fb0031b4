import { type SrtpCipherProvider, tsSrtp } from "../srtp/mod.ts";
import { nativeSrtp } from "./native_srtp.ts";

/** The fastest ciphers of SRTP in this runtime. */
export function selectSrtp(): SrtpCipherProvider {
  return nativeSrtp() ?? tsSrtp;
}
