/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The start page: joins the room, connects to everybody in it, and shows what happens. */
import { joinRoom, type RoomPeer, type SignalingStatus } from "../../../src/signaling/client.ts";
import { Link } from "../shared/link.ts";
import type { FileInfo } from "../shared/types.ts";
import { viewOf } from "../shared/view.ts";
import { Card } from "./card.ts";
import { Chat } from "./chat.ts";
import { find, setPill, setText } from "./dom.ts";
import { Files } from "./files.ts";
import { Network } from "./network.ts";
import { RoomPanel } from "./room.ts";

/** How often the connections are looked at, milliseconds. */
const SAMPLE_MS = 500;

interface Member {
  readonly peer: RoomPeer<RTCPeerConnection>;
  readonly link: Link;
  readonly card: Card;
  files: readonly FileInfo[];
}

const room = new URLSearchParams(location.search).get("room") ?? "demo";
const members = new Map<RoomPeer<RTCPeerConnection>, Member>();
const openMembers = (): Member[] => [...members.values()].filter(({ link }) => link.isOpen);
const banner = find("#banner");
const network = new Network();

const chat = new Chat((text) => {
  const readers = openMembers();
  for (const { link } of readers) link.chat(text);
  return readers.length > 0;
});
const files = new Files(() => {
  for (const { link } of members.values()) link.sendShelf();
});

if (typeof RTCPeerConnection === "undefined") {
  showBanner("This browser has no WebRTC, or it is switched off. Another browser will do.");
} else {
  enter();
}

function enter(): void {
  const name = sessionStorage.getItem("name") ?? inventName();
  sessionStorage.setItem("name", name);
  setText(find("#room-name"), room);
  document.title = `${room} · Sterna`;
  const session = joinRoom<RTCPeerConnection>({
    url: new URL("/rtc", location.href),
    room,
    WebSocket: network.WebSocket,
    fetch: network.fetch,
    name,
    kind: "browser",
    createConnection: () => new RTCPeerConnection(),
    onPeer: welcome,
    onPeerUpdated: (peer) => {
      members.get(peer)?.card.setInfo(peer.info);
      showFiles();
    },
    onPeerGone: dismiss,
    onNegotiationError: (peer, error) => {
      showBanner(`Negotiation with ${nameOf(peer)} failed: ${error}`);
    },
  });
  const { client } = session;
  client.on("state", showSignaling);
  client.on("error", (error) => {
    if (error.code !== "connection-lost") {
      showBanner(`The signaling server says: ${error.message} (${error.code}).`);
    }
  });
  const panel = new RoomPanel(client, network, name);
  prepareName(name, (changed) => {
    client.update({ name: changed });
    panel.setName(changed);
  });
  prepareCopy();
  prepareRoomForm();
  setInterval(() => void sample(), SAMPLE_MS);
  addEventListener("resize", () => members.forEach(({ card }) => card.draw()));
  // Leaving says goodbye at once; otherwise the others wait for timeouts.
  addEventListener("pagehide", () => void session.close());
}

function welcome(peer: RoomPeer<RTCPeerConnection>): void {
  const { connection } = peer;
  const card = new Card(peer.info, () => connection.restartIce());
  const link = new Link({
    connection,
    isNewcomer: peer.isNewcomer,
    software: browserName(),
    shelf: () => files.offered,
    events: {
      onOpen: () => {
        card.setOpen();
        chat.note(`${nameOf(peer)} is connected`);
        showPresence();
      },
      onClose: () => {},
      onHello: (software) => card.setSoftware(software),
      onChat: (text) => chat.show(nameOf(peer), text),
      onShelf: (offered) => {
        member.files = offered;
        showFiles();
      },
      onReport: (view) => card.updateTheirs(view),
      onTransfer: (transfer) => files.show(transfer, nameOf(peer)),
      onPing: (rttMs) => card.setPing(rttMs),
    },
  });
  const member: Member = { peer, link, card, files: [] };
  members.set(peer, member);
  const cards = find("#cards");
  // The Deno process is everybody's host and stands first.
  if (peer.info.kind === "deno") cards.prepend(card.element);
  else cards.append(card.element);
  connection.addEventListener("connectionstatechange", () => void look(member));
  showPresence();
}

function dismiss(peer: RoomPeer<RTCPeerConnection>): void {
  const member = members.get(peer);
  if (member === undefined) return;
  members.delete(peer);
  member.link.close();
  member.card.element.remove();
  chat.note(`${nameOf(peer)} left`);
  showPresence();
  showFiles();
}

async function sample(): Promise<void> {
  if (!document.hidden) await Promise.all([...members.values()].map(look));
}

async function look({ peer, card }: Member): Promise<void> {
  card.update(await viewOf(peer.connection));
}

function showPresence(): void {
  const count = members.size;
  find("#nobody").hidden = count > 0;
  setText(
    find("#connections-hint"),
    count === 0 ? "" : count === 1 ? "with one peer, directly" : `with ${count} peers, directly`,
  );
  chat.setDeno(openMembers().some(({ peer }) => peer.info.kind === "deno"));
}

function showFiles(): void {
  files.setPeers([...members.values()].map(({ peer, link, files }) => ({
    name: nameOf(peer),
    files,
    get: (file, sink) => link.fetch(file, sink),
  })));
}

function showSignaling({ state, retryMs }: SignalingStatus): void {
  const pill = find("#signaling");
  switch (state) {
    case "connecting":
      return setPill(pill, "wait", "Connecting");
    case "resuming":
      return setPill(pill, "wait", "Coming back");
    case "joined":
      banner.hidden = true;
      return setPill(pill, "good", "In the room");
    case "waiting":
      if (network.offMs > 0) return setPill(pill, "bad", "Offline");
      setPill(pill, "bad", "Server lost");
      return showBanner(
        "The signaling server cannot be reached. Is the process still running? Connections that " +
          `stand need no server. Trying again in ${Math.ceil(retryMs / 1000)} s.`,
      );
    case "closed":
      return setPill(pill, "bad", "Left");
  }
}

function showBanner(text: string): void {
  setText(banner, text);
  banner.hidden = false;
}

function prepareName(name: string, onChange: (name: string) => void): void {
  const input = find<HTMLInputElement>("#name");
  input.value = name;
  const commit = (): void => {
    const changed = input.value.trim();
    if (changed === "" || changed === sessionStorage.getItem("name")) return;
    sessionStorage.setItem("name", changed);
    onChange(changed);
  };
  input.addEventListener("change", commit);
  find("#name-form").addEventListener("submit", (event) => {
    event.preventDefault();
    input.blur();
  });
}

function prepareRoomForm(): void {
  const input = find<HTMLInputElement>("#other-room");
  find("#room-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.checkValidity()) location.search = `?room=${encodeURIComponent(input.value)}`;
  });
}

function prepareCopy(): void {
  const button = find<HTMLButtonElement>("#copy-link");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setText(button, "Copied");
    } catch {
      setText(button, "Copy it from the address bar");
    }
    setTimeout(() => setText(button, "Copy link"), 2000);
  });
}

function nameOf({ info }: RoomPeer<RTCPeerConnection>): string {
  return info.name || `Guest ${info.id.slice(0, 4)}`;
}

function inventName(): string {
  const words = [
    "Amber",
    "Arctic",
    "Coral",
    "Dusky",
    "Golden",
    "Misty",
    "Polar",
    "Quiet",
    "Silver",
  ];
  const birds = ["Avocet", "Curlew", "Dunlin", "Fulmar", "Gannet", "Petrel", "Plover", "Puffin"];
  const pick = (list: string[]): string => list[Math.floor(Math.random() * list.length)]!;
  return `${pick(words)} ${pick(birds)}`;
}

function browserName(): string {
  const agent = navigator.userAgent;
  const match = /(Firefox|Edg|OPR|Chrome)\/(\d+)/.exec(agent) ??
    /(Version)\/(\d+).*Safari/.exec(agent);
  if (match === null) return "A browser";
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", Version: "Safari" };
  return `${names[match[1]!] ?? match[1]} ${match[2]}`;
}
