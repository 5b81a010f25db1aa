import type { Place } from "./node.ts";

/** That a part of an expression has no value, and why. A value like others: `||` may not need that part. */
export class Failed {
  readonly place: Place;
  readonly message: string;
  readonly cure: string;
  constructor(place: Place, message: string, cure: string) {
    this.place = place;
    this.message = message;
    this.cure = cure;
  }
}
