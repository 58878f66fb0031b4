/** What every event can be made with (DOM §2.2). Stated here because Node's types do not know it. */
export interface EventInit {
  /** Whether the event rises to the ancestors of its target. */
  bubbles?: boolean;
  /** Whether `preventDefault` has an effect. */
  cancelable?: boolean;
  /** Whether the event leaves shadow trees. */
  composed?: boolean;
}
