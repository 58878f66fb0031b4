/** What a role may do. */
export type Permission =
  /** Descriptions, candidates and data to one other member. */
  | "signal"
  /** Data to everybody. */
  | "broadcast"
  /** Send members out. */
  | "remove"
  /** Change the room's metadata. */
  | "room";

/** What each role may do; a member may do what any of its roles may. */
export type RoleTable = Readonly<Record<string, readonly Permission[]>>;

/** The roles that hold where the options name no others. */
export const ROLES: RoleTable = {
  // Whoever only watches still negotiates its connections.
  subscriber: ["signal"],
  publisher: ["signal", "broadcast"],
  moderator: ["signal", "broadcast", "remove", "room"],
};

/** The role of members whose token names none, and of everybody in open rooms. */
export const DEFAULT_ROLE = "publisher";

/** Whether one of `roles` has `permission`. */
export function may(table: RoleTable, roles: readonly string[], permission: Permission): boolean {
  for (const role of roles) {
    if (Object.hasOwn(table, role) && table[role]!.includes(permission)) return true;
  }
  return false;
}
