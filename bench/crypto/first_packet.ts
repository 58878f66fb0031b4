/** What `start_worker.ts` imports: everything that a program needs for its first packet. */
import { SrtpSender } from "../../src/srtp/mod.ts";
import { masterKey, masterSalt, PacketSet } from "./packet_set.ts";
import { chosenProvider } from "./providers.ts";

const PROFILE = "SRTP_AES128_CM_HMAC_SHA1_80";
const PAYLOAD_BYTES = 1200;

/** Makes keys; the answer protects one packet a call. */
export function firstPacket(): () => void {
  const sender = new SrtpSender({
    profile: PROFILE,
    masterKey: masterKey(PROFILE),
    masterSalt: masterSalt(PROFILE),
    ciphers: chosenProvider(),
  });
  const set = new PacketSet(PAYLOAD_BYTES, (length) => new Uint8Array(length));
  set.advance();
  let at = 0;
  return () => {
    if (sender.protectPacket(set.bytes, at, set.length) < 0) throw new Error("refused");
    at += set.stride;
  };
}
