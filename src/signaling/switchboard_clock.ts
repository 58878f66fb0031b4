/** The clock of a host that sleeps between two things, and is woken by the host. */
export interface SwitchboardClock {
  /** Milliseconds that never go back, also not over a sleep. */
  now(): number;
  /**
   * Everything is done for now; call `wake` of the switchboard at `deadline`, or not at all where it is
   * infinite. Leases of instances are not renewed: the store has to know without.
   */
  arm(deadline: number): void;
}
