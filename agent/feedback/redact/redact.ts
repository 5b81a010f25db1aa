import { bankAccounts } from "./bank-accounts.ts";
import type { Finder } from "./found.ts";
import { mailAddresses } from "./mail-addresses.ts";
import { colonAddresses, fourPartAddresses } from "./network-addresses.ts";
import { paymentCards } from "./payment-cards.ts";
import { telephoneNumbers } from "./telephone-numbers.ts";

export type Profile = "personal" | "nothing";

/** What made the replacements, as samples name it. Its number rises whenever the same text would come out otherwise. */
export const ENGINE = "millwright-redact/1";

/** In this order: what is more certain goes first, and what it leaves holds no digits. */
const finders: readonly (readonly [kind: string, find: Finder])[] = [
  ["EMAIL", mailAddresses],
  ["IBAN", bankAccounts],
  ["CARD", paymentCards],
  ["IP", colonAddresses],
  ["IP", fourPartAddresses],
  ["PHONE", telephoneNumbers],
];

/** Replaces what can point to a person, and counts. It finds patterns: names and places stay. */
export class Redactor {
  readonly profile: Profile;
  readonly #counts: Record<string, number> = {};

  constructor(profile: Profile) {
    this.profile = profile;
  }

  /** How many of each kind were replaced so far. */
  get counts(): Record<string, number> {
    return { ...this.#counts };
  }

  text(text: string): string {
    if (this.profile === "nothing") return text;
    return finders.reduce((before, [kind, find]) => this.#replace(before, kind, find), text);
  }

  #replace(text: string, kind: string, find: Finder): string {
    const parts: string[] = [];
    let from = 0;
    for (const { start, end } of find(text)) {
      parts.push(text.slice(from, start), `[${kind}]`);
      from = end;
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    }
    return from === 0 ? text : parts.join("") + text.slice(from);
  }
}
