/// <reference lib="dom" />
/** A page that is a member of a counting call; the server of the page holds it at each stage. */
import { type Arrival, Caller, type Release, type Stage } from "./caller.ts";

const { url, name, others } = Object.fromEntries(new URLSearchParams(location.search));

async function post(path: string, body: unknown): Promise<Response> {
  return await fetch(`/${path}?name=${name}`, { method: "POST", body: JSON.stringify(body) });
}

const arrive = async (stage: Stage, arrival: Arrival): Promise<Release> =>
  await (await post(stage, arrival)).json();

try {
  const createConnection = (): RTCPeerConnection => new RTCPeerConnection();
  const options = { url: url!, name: name!, others: others!.split(","), createConnection, arrive };
  await new Caller(options).run();
} catch (error) {
  await post("broken", String(error));
}
