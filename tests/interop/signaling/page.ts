/// <reference lib="dom" />
/** A page that joins a room, greets everybody, resumes, and reports to the server of the page. */
import { joinWithSimplePeer, type SimplePeerLike } from "../../../src/signaling/simple_peer.ts";
import { greetAll } from "./greeter.ts";

declare const SimplePeer: new (options: { initiator: boolean }) => SimplePeerLike & {
  send(text: string): void;
};

const { url, name, others, kind } = Object.fromEntries(new URLSearchParams(location.search));

async function report(body: unknown): Promise<void> {
  await fetch("/report", { method: "POST", body: JSON.stringify({ name, ...body as object }) });
}

function greetBySimplePeer(): Promise<string[]> {
  const heard: string[] = [];
  return new Promise((resolve) => {
    joinWithSimplePeer({
      url: url!,
      room: "r",
      name: name!,
      createPeer: (initiator) => new SimplePeer({ initiator }),
      onPeer: ({ peer }) => {
        peer.on("connect", () => peer.send(name!));
        peer.on("data", (data) => {
          heard.push(new TextDecoder().decode(data as Uint8Array));
          if (heard.length === Number(others)) resolve(heard);
        });
      },
    });
  });
}

try {
  // Deno restarts ICE with both; between themselves these two disagree: Chromium refuses the DTLS role in
  // Firefox's answer to a restart when it was Firefox that offered at first.
  const heard = kind === "simple-peer"
    ? await greetBySimplePeer()
    : await greetAll(url!, name!, Number(others), () => new RTCPeerConnection(), false);
  await report({ heard });
} catch (error) {
  await report({ error: String(error) });
}
