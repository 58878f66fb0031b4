import type { TransportDriver } from "../host/mod.ts";
import type { IceCandidate, IceParameters } from "../ice/mod.ts";
import { type Candidate, formatCandidate } from "../sdp/mod.ts";
import { fromEngine } from "./ice_conversion.ts";
import type { IceTransportSlots } from "./ice_transport.ts";
import type { IceCredentials } from "./jsep_transport.ts";
import type { TaskQueue } from "./task_queue.ts";

/** What was gathered, and surfaced, under one username fragment. */
export interface Generation {
  readonly usernameFragment: string;
  readonly candidates: Candidate[];
  complete: boolean;
}

/** Who hears of gathering: the connection. */
export interface GatheringOwner {
  readonly tasks: TaskQueue;
  /** A candidate is among those of its generation, and is to be announced. */
  surfaceCandidate(generation: Generation, text: string, url: string | undefined): void;
  /** A generation is complete. */
  endGeneration(generation: Generation): void;
  /** The gathering state in the slots changed. */
  gatheringStateChanged(): void;
}

/**
 * Our ICE generations: the credentials in force, those of a restart that is being negotiated, and the
 * candidates that were gathered under each. Nothing of the engine changes before a local description
 * is applied, so that an offer may be forgotten or rolled back.
 */
export class LocalGenerations {
  readonly #owner: GatheringOwner;
  readonly #driver: TransportDriver;
  readonly #slots: IceTransportSlots;
  readonly #generate: () => IceParameters;
  readonly #mayGather: () => boolean;
  readonly #generations = new Map<string, Generation>();
  /** The generation that is being, or was, gathered. */
  #gathered: string | undefined;
  #next: IceParameters | undefined;

  /**
   * @param generate makes credentials for a restart
   * @param mayGather whether the policy allows host candidates
   */
  constructor(
    owner: GatheringOwner,
    driver: TransportDriver,
    slots: IceTransportSlots,
    generate: () => IceParameters,
    mayGather: () => boolean,
  ) {
    this.#owner = owner;
    this.#driver = driver;
    this.#slots = slots;
    this.#generate = generate;
    this.#mayGather = mayGather;
  }

  /** The credentials of the engine. */
  get parameters(): IceCredentials {
    return this.#driver.localIceParameters;
  }

  /** What was gathered under these credentials. */
  of({ usernameFragment }: IceCredentials): Generation {
    let generation = this.#generations.get(usernameFragment);
    if (generation === undefined) {
      generation = { usernameFragment, candidates: [], complete: false };
      this.#generations.set(usernameFragment, generation);
    }
    return generation;
  }

  /** The credentials that a restart is going to use: the same for all offers until one is applied. */
  get next(): IceCredentials {
    return this.#next ??= this.#generate();
  }

  /** A local description with these credentials is in force: prepared ones restart ICE. */
  adopt(ice: IceCredentials): void {
    const { usernameFragment, password } = ice;
    this.#slots.localParameters = { usernameFragment, password };
    if (this.#next?.usernameFragment !== usernameFragment) return;
    this.#driver.restartIce(this.#next);
    this.#next = undefined;
    // Only the generation that a rollback may return to is still of use.
    for (const old of this.#generations.keys()) {
      if (old !== this.#gathered) this.#generations.delete(old);
    }
  }

  /** Gathers for these credentials, unless that was done. */
  gather({ usernameFragment }: IceCredentials): void {
    const isEngines = usernameFragment === this.parameters.usernameFragment;
    if (!isEngines || this.#gathered === usernameFragment) return;
    this.#gathered = usernameFragment;
    this.#slots.localCandidates = [];
    this.#owner.tasks.queue(() => {
      this.#slots.gatheringState = "gathering";
      this.#owner.gatheringStateChanged();
    });
    if (this.#mayGather()) this.#driver.gather();
    else this.gatheringDone();
  }

  /** Rollback of an offer that restarted ICE: back to the generation of the stable state. */
  returnTo(ice: IceCredentials): void {
    this.#slots.localParameters = { ...ice };
    if (ice.usernameFragment === this.parameters.usernameFragment) return;
    this.#driver.cancelIceRestart();
    this.#gathered = ice.usernameFragment;
    this.#slots.gatheringState = this.of(ice).complete ? "complete" : "gathering";
  }

  /** Rollback to a state without transports: the next description starts from scratch. */
  startOver(): void {
    this.#slots.localParameters = null;
    this.#slots.gatheringState = "new";
    this.#slots.localCandidates = [];
    if (this.#gathered === undefined) return;
    this.#gathered = undefined;
    this.#driver.restartIce();
  }

  /** The engine gathered a candidate. */
  gotCandidate(gathered: IceCandidate): void {
    const generation = this.of(this.parameters);
    const candidate = fromEngine(gathered);
    this.#owner.tasks.queue(() => {
      generation.candidates.push(candidate);
      this.#owner.surfaceCandidate(generation, formatCandidate(candidate), gathered.url);
    });
  }

  /** webrtc-pc §5.6: one task for the end of the generation, another for the state. */
  gatheringDone(): void {
    const { tasks } = this.#owner;
    const generation = this.of(this.parameters);
    tasks.queue(() => {
      generation.complete = true;
      this.#owner.endGeneration(generation);
    });
    tasks.queue(() => {
      if (this.#gathered !== generation.usernameFragment) return;
      this.#slots.gatheringState = "complete";
      this.#owner.gatheringStateChanged();
    });
  }
}
