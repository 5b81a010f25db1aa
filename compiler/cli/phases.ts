import type { Terminal } from "./terminal.ts";

/** Says what is being done while nothing else is said: one line, gone when the next thing is. */
export interface Phases extends Disposable {
  begin(what: string): void;
}

/** Only people watch: where talk goes to a file, nothing is said. */
export function phasesOn({ interactive, err }: Terminal): Phases {
  const clear = "\r\u001b[K";
  return {
    begin: (what) => {
      if (interactive) err(`${clear}${what} …`);
    },
    [Symbol.dispose]: () => {
      if (interactive) err(clear);
    },
  };
}
