/** A member that greets the others over data channels and comes back once: in pages and in Deno. */
import { joinRoom, type PeerConnectionLike } from "../../../src/signaling/client.ts";

interface Channel {
  send(text: string): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

interface Connection extends PeerConnectionLike {
  createDataChannel(label: string): Channel;
}

/**
 * Joins, and resolves with who was heard: each of `others` members sends its name over its data
 * channels; then, as if on another network, renews its way to the server and, where `restartsIce`, the
 * paths to the others; says so by way of the server; and greets once more over the same channels.
 */
export function greetAll(
  url: string,
  name: string,
  others: number,
  createConnection: () => Connection,
  restartsIce: boolean,
  onSession: (close: () => Promise<void>) => void = () => {},
): Promise<string[]> {
  const first = new Set<string>(), back = new Set<string>(), again = new Set<string>();
  const channels: Channel[] = [];
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      if (back.size + again.size < 2 * others) return;
      resolve([...first].filter((other) => back.has(other) && again.has(`${other}!`)).sort());
    };
    const use = (channel: Channel): void => {
      channel.addEventListener("open", () => {
        channels.push(channel);
        channel.send(name);
      });
      channel.addEventListener("message", (event) => {
        const text = String((event as MessageEvent<unknown>).data);
        const isFirst = !text.endsWith("!");
        (isFirst ? first : again).add(text);
        if (isFirst && first.size === others) {
          if (restartsIce) session.networkChanged();
          else session.client.networkChanged();
        }
        finish();
      });
    };
    const session = joinRoom<Connection>({
      url,
      room: "r",
      name,
      createConnection,
      onPeer: ({ connection, isNewcomer }) => {
        if (isNewcomer) use(connection.createDataChannel("greeting"));
        connection.addEventListener("datachannel", (event) => {
          use((event as Event & { channel: Channel }).channel);
        });
      },
      onNegotiationError: ({ info }, error) => reject(new Error(`with ${info.name}: ${error}`)),
    });
    session.client.on("resumed", () => {
      session.client.send("all", name);
      for (const channel of channels) channel.send(`${name}!`);
    });
    session.client.on("message", ({ data }) => {
      back.add(String(data));
      finish();
    });
    onSession(() => session.close());
  });
}
