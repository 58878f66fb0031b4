import type { SignalingErrorCode } from "./errors.ts";
import type { RoomEntry, RoomSnapshot } from "./room_entry.ts";
import type { KeepAlive } from "./store.ts";

/** What the owner of sockets and store is to do. A room is named by the number of its `open`. */
export type RoomAction =
  /** `position` is where the message stands in the log, or 0. */
  | { type: "send"; connection: number; text: string; position: number }
  | { type: "close"; connection: number; code: number; reason: SignalingErrorCode | "done" }
  /** Answer with `handleVerified`. */
  | { type: "verify"; connection: number; token: string }
  /** Answer with `handleOpened`; without an epoch no room is made. */
  | { type: "open"; room: number; name: string; epoch: string | undefined; ttlMs: number }
  /** On failure `handleLost`. */
  | { type: "append"; room: number; entry: RoomEntry }
  /** On failure `handleLost`. */
  | { type: "trim"; room: number; snapshot: RoomSnapshot }
  /** Stop following. */
  | { type: "unfollow"; room: number }
  /** Forget the room, then `handleRemoved`, also on failure. */
  | { type: "remove"; room: number }
  /** Answer with `handleDead`. */
  | { type: "keepAlive"; beat: KeepAlive };
