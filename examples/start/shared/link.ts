/** Everything the start page does with one peer, the same on the browser's side and on Deno's. */
import {
  failTransfer,
  type FileSink,
  type FileSource,
  isOver,
  newTransfer,
  receiveFile,
  sendFile,
  type Transfer,
} from "./transfer.ts";
import {
  type Channel,
  type Connection,
  type ConnectionView,
  CONTROL_LABEL,
  type ControlMessage,
  FILE_LABEL,
  type FileInfo,
  parseMessage,
} from "./types.ts";

/** A chat message longer than this is cut. */
export const MAX_CHAT_LENGTH = 4000;
/** A shelf shows at most this many files. */
const MAX_SHELF_FILES = 200;
/** Files that one peer may fetch at the same time. */
const MAX_OUTGOING = 8;
/** Time between two pings, milliseconds. */
const PING_MS = 1000;

/** What a link reports. */
export interface LinkEvents {
  /** The control channel is open: chat and files work. */
  onOpen(): void;
  /** The control channel closed. */
  onClose(): void;
  onHello(software: string): void;
  onChat(text: string): void;
  /** Everything the peer offers now. */
  onShelf(files: FileInfo[]): void;
  /** How the peer sees the connection. */
  onReport(view: ConnectionView): void;
  /** A transfer began or changed. */
  onTransfer(transfer: Transfer): void;
  /** Time of a message there and back, milliseconds. */
  onPing(rttMs: number): void;
}

/** What this side brings along. */
export interface LinkOptions {
  connection: Connection;
  /** Whether this side creates the control channel. */
  isNewcomer: boolean;
  /** What runs here, for the peer to show. */
  software: string;
  /** The files that this side offers now. */
  shelf(): FileSource[];
  events: LinkEvents;
}

/** One peer: the control channel and a channel per file. */
export class Link {
  readonly #options: LinkOptions;
  readonly #awaited = new Map<string, { transfer: Transfer; sink: FileSink; update: () => void }>();
  readonly #transfers = new Map<string, Transfer>();
  #control: Channel | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pingNumber = 0;
  #pingAt = 0;
  #nextTransfer = 1;

  /** Starts at once; the newcomer's control channel sets off the negotiation. */
  constructor(options: LinkOptions) {
    this.#options = options;
    const { connection } = options;
    connection.addEventListener("datachannel", (event) => {
      this.#take((event as Event & { channel: Channel }).channel);
    });
    if (options.isNewcomer) this.#setControl(connection.createDataChannel(CONTROL_LABEL));
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#control?.readyState === "open";
  }

  /** Sends a line of chat. */
  chat(text: string): void {
    this.#post({ type: "chat", text: text.slice(0, MAX_CHAT_LENGTH) });
  }

  /** Tells the peer what is on offer now. */
  sendShelf(): void {
    const files = this.#options.shelf().slice(0, MAX_SHELF_FILES).map(({ info }) => info);
    this.#post({ type: "shelf", files });
  }

  /** Tells the peer how this side sees the connection. */
  sendReport(view: ConnectionView): void {
    this.#post({ type: "report", view });
  }

  /** Asks for one of the peer's files; `onTransfer` tells how it goes. */
  fetch(file: FileInfo, sink: FileSink): Transfer {
    const transfer = newTransfer(`t${this.#nextTransfer++}`, file, "in");
    this.#awaited.set(transfer.id, { transfer, sink, update: this.#track(transfer) });
    transfer.cancel = () => this.#abandon(transfer, "cancelled here");
    this.#post({ type: "get", file: file.id, transfer: transfer.id });
    return transfer;
  }

  /** Forgets everything; the owner of the connection closes it. */
  close(): void {
    clearInterval(this.#pingTimer);
    for (const transfer of this.#transfers.values()) {
      if (isOver(transfer)) continue;
      failTransfer(transfer, "the connection ended");
      this.#options.events.onTransfer(transfer);
    }
    this.#transfers.clear();
    this.#awaited.clear();
  }

  #take(channel: Channel): void {
    if (channel.label === CONTROL_LABEL && this.#control === undefined) this.#setControl(channel);
    else if (channel.label === FILE_LABEL) this.#receive(channel);
    else channel.close();
  }

  #setControl(channel: Channel): void {
    this.#control = channel;
    const { events, software } = this.#options;
    const open = (): void => {
      this.#post({ type: "hello", software });
      this.sendShelf();
      this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
      this.#ping();
      events.onOpen();
    };
    channel.addEventListener("message", (event) => {
      const message = parseMessage<ControlMessage>((event as MessageEvent<unknown>).data);
      if (message !== undefined) this.#handle(message);
    });
    channel.addEventListener("close", () => {
      clearInterval(this.#pingTimer);
      events.onClose();
    });
    if (channel.readyState === "open") open();
    else channel.addEventListener("open", open);
  }

  #handle(message: ControlMessage): void {
    const { events } = this.#options;
    switch (message.type) {
      case "hello":
        return events.onHello(String(message.software).slice(0, 100));
      case "chat":
        return events.onChat(String(message.text).slice(0, MAX_CHAT_LENGTH));
      case "ping":
        return this.#post({ type: "pong", n: message.n });
      case "pong":
        if (message.n === this.#pingNumber) events.onPing(performance.now() - this.#pingAt);
        return;
      case "shelf":
        if (Array.isArray(message.files)) {
          events.onShelf(message.files.slice(0, MAX_SHELF_FILES).filter(isFileInfo));
        }
        return;
      case "get":
        return this.#give(String(message.file), String(message.transfer));
      case "refuse": {
        const awaited = this.#awaited.get(String(message.transfer));
        if (awaited) this.#abandon(awaited.transfer, String(message.reason).slice(0, 200));
        return;
      }
      case "report":
        return events.onReport(message.view);
    }
  }

  #ping(): void {
    this.#pingAt = performance.now();
    this.#post({ type: "ping", n: ++this.#pingNumber });
  }

  #give(id: string, transferId: string): void {
    const source = this.#options.shelf().find(({ info }) => info.id === id);
    if (source === undefined) {
      return this.#post({ type: "refuse", transfer: transferId, reason: "no longer offered" });
    }
    const active = [...this.#transfers.values()].filter((t) => t.direction === "out" && !isOver(t));
    if (active.length >= MAX_OUTGOING) {
      return this.#post({ type: "refuse", transfer: transferId, reason: "too many at once" });
    }
    const { connection } = this.#options;
    const channel = connection.createDataChannel(FILE_LABEL, { protocol: transferId });
    const transfer = newTransfer(`o${this.#nextTransfer++}`, source.info, "out");
    const update = this.#track(transfer);
    const maxMessageBytes = connection.sctp?.maxMessageSize ?? 0;
    void sendFile(channel, source, transfer, maxMessageBytes, update);
  }

  #receive(channel: Channel): void {
    const awaited = this.#awaited.get(channel.protocol);
    if (awaited === undefined) return channel.close();
    this.#awaited.delete(channel.protocol);
    const { transfer, sink, update } = awaited;
    void receiveFile(channel, sink, transfer, update);
  }

  #abandon(transfer: Transfer, reason: string): void {
    const awaited = this.#awaited.get(transfer.id);
    this.#awaited.delete(transfer.id);
    failTransfer(transfer, reason);
    awaited?.update();
  }

  #track(transfer: Transfer): () => void {
    this.#transfers.set(transfer.id, transfer);
    const update = (): void => {
      // Its end is told once: the channel closes after the last word.
      if (!this.#transfers.has(transfer.id)) return;
      if (isOver(transfer)) this.#transfers.delete(transfer.id);
      this.#options.events.onTransfer(transfer);
    };
    update();
    return update;
  }

  #post(message: ControlMessage): void {
    if (this.#control?.readyState === "open") this.#control.send(JSON.stringify(message));
  }
}

function isFileInfo(value: FileInfo): boolean {
  return typeof value?.id === "string" && typeof value.name === "string" &&
    value.name.length <= 255 && Number.isSafeInteger(value.size) && value.size >= 0 &&
    typeof value.mime === "string";
}
