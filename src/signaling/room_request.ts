import type { RoomConfig } from "./room_entry.ts";

/** What the holder of an admin grant asks by HTTP. */
export type RoomRequest =
  /** Makes the room, or sets it up anew. */
  | { type: "create"; room: string; config: RoomConfig }
  /** Tells what the room is. */
  | { type: "inspect"; room: string }
  /** Ends the room and sends everybody out. */
  | { type: "close"; room: string };
