/** Something for the hub: sent until it is acknowledged, or refused for good. */
export interface Parcel {
  /** For people: in conditions and in the journal. */
  readonly name: string;
  readonly method: "PUT" | "POST";
  /** Under the hub's origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** What the hub says in `committed` once it has this, and all of it. */
  readonly receipt: string | number;
  /** The hub has it: it may be forgotten. */
  done(): Promise<void>;
  /** The hub will never have it: set aside. Says where it lies. */
  setAside(): Promise<string>;
}

/** Where parcels come from. */
export interface Source {
  /** The oldest that is left; the same again until it is done or set aside. */
  next(): Promise<Parcel | undefined>;
  /** In words, what waits; `undefined` when nothing does. */
  waiting(): string | undefined;
}
