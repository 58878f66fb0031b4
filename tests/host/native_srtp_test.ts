import { nativeSrtp } from "../../src/host/native_srtp.ts";
import { tsSrtp } from "../../src/srtp/mod.ts";
import { skip } from "../harness.ts";
import { crossCheck, testCiphers } from "../srtp/cipher_suite.ts";

const native = nativeSrtp();

if (native === undefined) skip("native: the suite of SRTP ciphers", "no node:crypto");
else {
  testCiphers(native);
  crossCheck(native, tsSrtp, 20_000);
}
