// tuf-js exports its `Updater` alone, which writes its state without care and knows one clock: the machine's.
import { TrustedMetadataStore } from "tuf-js/dist/store.js";
import { attempt } from "./blame.ts";
import { misshapen } from "./shapes.ts";
import { type Refused, refused } from "./verdict.ts";

export interface Opened {
  readonly ok: true;
  readonly store: TrustedMetadataStore;
}

/** Begins the workflow with a root that is trusted already (sections 5.1 and 5.2); it may have expired. */
export function openStore(root: Uint8Array, now: number): Opened | Refused {
  let store: TrustedMetadataStore | undefined;
  const wrong =
    misshapen("The root", "root", root) ??
    attempt("The root", () => {
      store = new TrustedMetadataStore(Buffer.from(root));
    });
  if (wrong !== undefined || store === undefined)
    return refused("trust/damaged", wrong?.message ?? "The root cannot be read.");
  setTime(store, now);
  return { ok: true, store };
}

/** The one time of the run. The field is private to TypeScript only; test/agent/trust.test.ts sees that it is obeyed. */
export function setTime(store: TrustedMetadataStore, now: number): void {
  Reflect.set(store, "referenceTime", new Date(now));
}
