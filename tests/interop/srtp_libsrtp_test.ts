/**
 * SRTP and SRTCP against libsrtp 2. Skipped where there is no C compiler or no libsrtp. Debian's has no
 * Cryptex (RFC 9335), which came with version 2.8; pion stands in for it.
 *
 * @module
 */
import { libsrtpMissing, startLibsrtp } from "./peers/libsrtp.ts";
import { srtpInterop } from "./srtp_suite.ts";

srtpInterop({
  name: "libsrtp",
  missing: await libsrtpMissing(),
  start: startLibsrtp,
  cryptex: false,
});
