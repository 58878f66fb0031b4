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
 * Joins, and resolves with who was heard once `others` members have sent their names over data
 * channels, and, by way of the server, after each had renewed its connection to it.
 */
export function greetAll(
  url: string,
  name: string,
  others: number,
  createConnection: () => Connection,
  onSession: (close: () => Promise<void>) => void = () => {},
): Promise<string[]> {
  const direct = new Set<string>(), back = new Set<string>();
  return new Promise((resolve, reject) => {
    const use = (channel: Channel): void => {
      channel.addEventListener("open", () => channel.send(name));
      channel.addEventListener("message", (event) => {
        direct.add(String((event as MessageEvent<unknown>).data));
        // The way to the server may change under calls that stand.
        if (direct.size === others) session.client.networkChanged();
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
      onNegotiationError: (_peer, error) => reject(error),
    });
    session.client.on("resumed", () => void session.client.send("all", name));
    session.client.on("message", ({ data }) => {
      back.add(String(data));
      if (back.size === others) resolve([...direct].filter((other) => back.has(other)).sort());
    });
    onSession(() => session.close());
  });
}
