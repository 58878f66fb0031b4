import type { Connection, RTCSignalingState } from "./connection.ts";
import { createAnswerSdp, createOfferSdp } from "./create_description.ts";
import type { RTCSdpType } from "./session_description.ts";
import { setDescription } from "./set_description.ts";

/** The chained steps of `setLocalDescription` (webrtc-pc §4.4.2). */
export async function setLocal(
  connection: Connection,
  given: RTCSdpType | undefined,
  sdp: string,
): Promise<void> {
  const type = given ?? inferredType(connection.signalingState);
  if (type === "rollback") return await setDescription(connection, type, "", false);
  const last = type === "offer" ? connection.lastCreatedOffer : connection.lastCreatedAnswer;
  if (sdp !== "" && sdp !== last) {
    throw new DOMException(
      `only what ${type === "offer" ? "createOffer" : "createAnswer"} made last can be set`,
      "InvalidModificationError",
    );
  }
  const text = sdp !== ""
    ? sdp
    : type === "offer"
    ? await createOfferSdp(connection, false)
    : await createAnswerSdp(connection);
  await setDescription(connection, type, text, false);
}

function inferredType(state: RTCSignalingState): RTCSdpType {
  const offers = state === "stable" || state === "have-local-offer" ||
    state === "have-remote-pranswer";
  return offers ? "offer" : "answer";
}
