/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { PeerInfo, SignalingClient, SignalingStatus } from "../../../src/signaling/client.ts";
import { hueOf } from "../shared/format.ts";
import { noteOf } from "../shared/types.ts";
import { find, make, setPill, setText } from "./dom.ts";
import type { Network } from "./network.ts";

/** How long the switch keeps the network away, milliseconds. */
const OFFLINE_MS = 5000;
/** Notes of one press of the button, and the time between them, milliseconds. */
const NOTES = 10;
const NOTE_MS = 150;
/** How often the figures are looked at, milliseconds. */
const LOOK_MS = 200;

/** Notes of one member, by their numbers. */
interface Tally {
  next: number;
  missing: number;
  twice: number;
}

/**
 * Who is in the room, and how this page stands with the server: its session, its place in the room's
 * log, what waits. Numbered notes show that a lost connection loses nothing.
 */
export class RoomPanel {
  readonly #client: SignalingClient;
  readonly #network: Network;
  readonly #people = find("#people");
  readonly #offline = find<HTMLButtonElement>("#offline");
  readonly #tallies = new Map<string, Tally>();
  #ownName: string;
  #sent = 0;
  #resumes = 0;

  /** @param network what the client is connected through */
  constructor(client: SignalingClient, network: Network, name: string) {
    this.#client = client;
    this.#network = network;
    this.#ownName = name;
    this.#offline.addEventListener("click", () => void this.#goOffline());
    find("#notes").addEventListener("click", () => this.#sendNotes(NOTES));
    for (const type of ["peer", "peer-updated", "peer-left"] as const) {
      client.on(type, () => this.#showPeople());
    }
    client.on("joined", ({ isNew }) => {
      if (isNew) this.#tallies.clear();
      this.#showPeople();
    });
    client.on("resumed", () => this.#resumes++);
    client.on("message", ({ from, data }) => {
      const number = noteOf(data);
      if (number !== undefined) this.#count(from, number);
    });
    client.on("state", (status) => this.#show(status));
    setInterval(() => this.#show(client.status), LOOK_MS);
    this.#show(client.status);
    this.#showPeople();
  }

  /** The name of this page's owner has changed. */
  setName(name: string): void {
    this.#ownName = name;
    this.#showPeople();
  }

  async #goOffline(): Promise<void> {
    this.#offline.disabled = true;
    await this.#network.cut(OFFLINE_MS);
    this.#offline.disabled = false;
    // Browsers say so themselves when it is their own network that is back.
    this.#client.networkChanged();
  }

  #sendNotes(left: number): void {
    if (left === 0 || this.#client.status.state === "closed") return;
    this.#client.send("all", { note: ++this.#sent });
    this.#showPeople();
    setTimeout(() => this.#sendNotes(left - 1), NOTE_MS);
  }

  #count(from: string, number: number): void {
    const tally = this.#tallies.get(from);
    if (tally === undefined) {
      // What was said before this page came is none of its business.
      this.#tallies.set(from, { next: number + 1, missing: 0, twice: 0 });
    } else if (number < tally.next) tally.twice++;
    else {
      tally.missing += number - tally.next;
      tally.next = number + 1;
    }
    this.#showPeople();
  }

  #show(status: SignalingStatus): void {
    const { offMs } = this.#network, seconds = Math.ceil(offMs / 1000);
    const words: Record<SignalingStatus["state"], string> = {
      connecting: "Connecting",
      joined: this.#resumes > 0 ? "Resumed" : "Joined",
      waiting: offMs > 0 ? "Offline" : "Waiting",
      resuming: "Resuming",
      closed: "Left",
    };
    const { state, transport, position, queued } = status;
    const tone = state === "joined" ? "good" : offMs > 0 || state === "closed" ? "bad" : "wait";
    setPill(find("#session"), tone, words[state]);
    setText(find("#transport"), transport === "websocket" ? "WebSocket" : "Events and POST");
    setText(find("#position"), String(position));
    setText(find("#queued"), String(queued));
    setText(find("#resumes"), String(this.#resumes));
    setText(this.#offline, offMs > 0 ? `Back in ${seconds} s` : "Go offline for 5 s");
  }

  #showPeople(): void {
    const { peers, self = "" } = this.#client;
    const own = make("li", "person", avatar(this.#ownName, "browser", self));
    own.append(this.#words(`${this.#ownName} (you)`, `${this.#sent} notes sent`));
    this.#people.replaceChildren(own, ...[...peers.values()].map((peer) => this.#person(peer)));
  }

  #person(peer: PeerInfo): HTMLElement {
    const name = peer.name || `Guest ${peer.id.slice(0, 4)}`, tally = this.#tallies.get(peer.id);
    const item = make("li", "person", avatar(name, peer.kind, peer.id));
    item.dataset.peer = peer.id;
    item.dataset.connected = String(peer.connected);
    let about = peer.connected ? "here" : "away, may come back";
    if (tally !== undefined && peer.connected) {
      const { missing, twice, next } = tally;
      about = missing + twice === 0
        ? `note ${next - 1} · none lost, none twice`
        : `note ${next - 1} · ${missing} lost, ${twice} twice`;
      item.dataset.exact = String(missing + twice === 0);
    }
    item.append(this.#words(name, about));
    return item;
  }

  #words(name: string, about: string): HTMLElement {
    return make("div", "", make("p", "name", name), make("p", "about", about));
  }
}

function avatar(name: string, kind: string, id: string): HTMLElement {
  const element = make("span", "avatar", [...name][0]?.toUpperCase() ?? "?");
  element.setAttribute("aria-hidden", "true");
  element.style.setProperty("--hue", String(hueOf(kind, id)));
  return element;
}
