/** What this runtime chooses for SRTP, and the core as it is loaded here: also on an edge host. */
import { selectSrtp } from "../../src/host/srtp_policy.ts";
import { wasmSrtp } from "../../src/host/wasm_srtp.ts";
import { tsSrtp } from "../../src/srtp/mod.ts";
import { skip } from "../harness.ts";
import { crossCheck, testCiphers } from "../srtp/cipher_suite.ts";

const selected = { ...selectSrtp(), name: `selected (${selectSrtp().name})` };
testCiphers(selected);
crossCheck(selected, tsSrtp, 5000);

const wasm = wasmSrtp();
if (wasm === undefined) skip("wasm: the suite of SRTP ciphers", "WebAssembly is refused");
else {
  testCiphers(wasm);
  crossCheck(wasm, tsSrtp, 5000);
}
