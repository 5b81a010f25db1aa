import { InvalidArgumentError } from "commander";

/** What `-n` takes. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new InvalidArgumentError("It is a whole number from 1 to 99999.");
  return Number(text);
}
