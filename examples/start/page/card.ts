/// <reference lib="dom" />
import type { PeerInfo } from "../../../src/signaling/client.ts";
import { formatBytes, formatMs, hueOf } from "../shared/format.ts";
import type { ConnectionView } from "../shared/types.ts";
import { find, makeButton, setPill, setText, type Tone } from "./dom.ts";
import { addSample, drawPlot, type Series } from "./plot.ts";

const LAYERS = ["ice", "dtls", "sctp"] as const;
const GOOD = ["connected", "completed"];
const BAD = ["failed", "disconnected"];

/** The live view of one connection. */
export class Card {
  /** To be put into the page. */
  readonly element: HTMLElement;
  readonly #in: Series = { color: "--in", values: [] };
  readonly #out: Series = { color: "--out", values: [] };
  readonly #rtt: Series = { color: "--rtt", values: [] };
  readonly #startedAt = performance.now();
  #lastAt = 0;
  #lastView: ConnectionView | undefined;
  #pingMs: number | undefined;

  /** @param onRetry the person wants a connection that failed to be tried again */
  constructor(info: PeerInfo, onRetry: () => void) {
    const template = find<HTMLTemplateElement>("#card-template");
    const content = template.content.cloneNode(true) as DocumentFragment;
    this.element = find(".card", content);
    this.element.dataset.kind = info.kind;
    this.element.dataset.peer = info.id;
    this.element.style.setProperty("--hue", String(hueOf(info.kind, info.id)));
    const trouble = this.#part(".trouble");
    trouble.append(
      "No way to this peer was found. Both sides need networks that let UDP pass between them; " +
        "a VPN or a firewall is the usual reason.",
      makeButton("Try again", onRetry),
    );
    this.setInfo(info);
    this.#setState("new");
  }

  /** Shows a name. */
  setInfo({ name, id, kind }: PeerInfo): void {
    const shown = name || `Guest ${id.slice(0, 4)}`;
    setText(this.#part("h3"), shown);
    setText(this.#part(".avatar"), [...shown][0]!.toUpperCase());
    if (this.#part(".software").textContent === "") {
      setText(this.#part(".software"), kind === "deno" ? "A Deno process" : "A browser");
    }
    this.element.setAttribute("aria-label", `Connection to ${shown}`);
  }

  /** Shows what runs there. */
  setSoftware(text: string): void {
    setText(this.#part(".software"), text);
  }

  /** The control channel is open. */
  setOpen(): void {
    this.#value("connect", formatMs(performance.now() - this.#startedAt));
  }

  /** A message went there and back. */
  setPing(rttMs: number): void {
    this.#pingMs = rttMs;
    this.#value("ping", formatMs(rttMs));
  }

  /** A new look at the connection; call it twice a second. */
  update(view: ConnectionView): void {
    const now = performance.now();
    const seconds = (now - this.#lastAt) / 1000;
    const last = this.#lastView;
    const received = last ? Math.max(0, view.bytesReceived - last.bytesReceived) / seconds : 0;
    const sent = last ? Math.max(0, view.bytesSent - last.bytesSent) / seconds : 0;
    this.#lastAt = now;
    this.#lastView = view;
    addSample(this.#in, received);
    addSample(this.#out, sent);
    if (this.#pingMs !== undefined) addSample(this.#rtt, this.#pingMs);
    this.#setState(view.connection);
    for (const layer of LAYERS) this.#setLayer(layer, view[layer]);
    this.#value("in", `${formatBytes(received)}/s`);
    this.#value("out", `${formatBytes(sent)}/s`);
    this.#value("local", view.local ?? "–");
    this.#value("remote", view.remote ?? "–");
    this.#value("received", formatBytes(view.bytesReceived));
    this.#value("sent", formatBytes(view.bytesSent));
    this.#value("ice-rtt", view.iceRttMs === undefined ? "–" : formatMs(view.iceRttMs));
    this.draw();
  }

  /** How the other end sees it. */
  updateTheirs(view: ConnectionView): void {
    find<HTMLDetailsElement>("details", this.element).hidden = false;
    this.#value("their-states", `ICE ${view.ice}, DTLS ${view.dtls}, SCTP ${view.sctp}`);
    this.#value("their-local", view.local ?? "–");
    this.#value("their-remote", view.remote ?? "–");
    this.#value("their-received", formatBytes(Number(view.bytesReceived)));
    this.#value("their-sent", formatBytes(Number(view.bytesSent)));
    this.#value("their-rtt", view.iceRttMs === undefined ? "–" : formatMs(Number(view.iceRttMs)));
  }

  /** Draws the plots again, in the colours and sizes of now. */
  draw(): void {
    const throughput = this.#part<HTMLCanvasElement>('[data-plot="throughput"]');
    const rtt = this.#part<HTMLCanvasElement>('[data-plot="rtt"]');
    drawPlot(throughput, [this.#in, this.#out], (value) => `${formatBytes(value)}/s`, 1000);
    drawPlot(rtt, [this.#rtt], formatMs, 1);
    throughput.setAttribute("aria-label", "Throughput of the last minute, received and sent");
    rtt.setAttribute("aria-label", "Round-trip time of messages in the last minute");
  }

  #setState(state: string): void {
    const words: Record<string, string> = { new: "Waiting", connecting: "Connecting" };
    const tone = toneOf(state);
    setPill(this.#part(".pill"), tone, words[state] ?? state[0]!.toUpperCase() + state.slice(1));
    this.#part(".trouble").hidden = state !== "failed";
  }

  #setLayer(layer: string, state: string): void {
    const item = this.#part(`[data-layer="${layer}"]`);
    setText(find("span", item), state);
    if (state === "new") delete item.dataset.tone;
    else item.dataset.tone = toneOf(state);
  }

  #value(name: string, text: string): void {
    setText(this.#part(`[data-value="${name}"]`), text);
  }

  #part<E extends HTMLElement = HTMLElement>(selector: string): E {
    return find<E>(selector, this.element);
  }
}

function toneOf(state: string): Tone {
  return GOOD.includes(state) ? "good" : BAD.includes(state) ? "bad" : "wait";
}
