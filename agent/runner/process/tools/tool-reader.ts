import type { ToolCallPiece } from "../../engine.ts";
import { longestBeginning } from "../stop-strings.ts";
import { type Outcome, readArguments, readCallObject, type Sink } from "./call-object.ts";
import { Characters, type Reading } from "./characters.ts";
import type { ToolFormat } from "./format.ts";

export type ToolPiece = { readonly kind: "text"; readonly text: string } | ToolCallPiece;

/**
 * Tells calls from what else a model says, while it says it.
 *
 * Promise: however the text is cut into pieces, the same comes out. Text without calls comes out unchanged; white space
 * beside calls is no text. What begins like a call and is none comes out as text, as it was written. Arguments go out as
 * they are written, before anybody knows whether they are whole: the API says that they may be broken.
 */
export interface ToolReader {
  push(text: string): readonly ToolPiece[];
  /** Nothing comes any more. */
  end(): readonly ToolPiece[];
  /** Calls that have ended well. */
  readonly whole: number;
  /** What was written since calls began, while the first of them has no name yet. */
  readonly begun: string | undefined;
}

/** White space that waits for what comes after it. */
const MOST_BLANK = 256;
const MOST_HEADER = 256;

/** `known`: the functions that there are. Others may be called too, but not without a mark: that is an answer in JSON. */
export function toolReader(format: ToolFormat, known: ReadonlySet<string>): ToolReader {
  const chars = new Characters();
  const out: ToolPiece[] = [];
  let calls = 0;
  let whole = 0;
  let block: { mark: string; named: boolean } | undefined;

  const say = (text: string) => {
    const last = out.at(-1);
    if (text === "") return;
    if (last?.kind === "text") out[out.length - 1] = { ...last, text: last.text + text };
    else out.push({ kind: "text", text });
  };
  const sinkOf = (mark: string): Sink => ({
    begin(name, id) {
      if (mark === "" && !known.has(name)) return false;
      if (block !== undefined) block.named = true;
      out.push({
        ...{ kind: "tool-call", call: calls, name, arguments: "" },
        ...(id !== undefined && { callId: id }),
      });
      calls += 1;
      return true;
    },
    add(text) {
      // It is a call for certain: nothing of it will have to be said as text.
      chars.taken = "";
      const last = out.at(-1);
      const call = calls - 1;
      if (last?.kind === "tool-call" && last.call === call)
        out[out.length - 1] = { ...last, arguments: last.arguments + text };
      else out.push({ kind: "tool-call", call, arguments: text });
    },
  });

  /** Up to the next mark. `fresh`: a call has just ended. */
  function* readText(begin: string, afterCall: boolean): Reading<string | undefined> {
    let fresh = afterCall;
    let held = begin;
    const give = (text: string) => {
      const given = fresh ? text.trimStart() : text;
      if (given !== "") fresh = false;
      say(given);
    };
    for (;;) {
      const open = format.opens.find((mark) => held.endsWith(mark));
      if (open !== undefined) {
        const before = held.slice(0, -open.length);
        const said = before.trimEnd();
        // White space before a mark waits: it is text again if no call comes.
        chars.taken = (said === "" && fresh ? "" : before.slice(said.length)) + open;
        give(said);
        return open;
      }
      const close = fresh ? format.closes.find((mark) => held.endsWith(mark)) : undefined;
      if (close !== undefined && held.slice(0, -close.length).trim() === "") held = "";
      const marks = fresh ? [...format.opens, ...format.closes] : format.opens;
      const undecided = undecidedOf(held, marks);
      give(held.slice(0, held.length - undecided));
      held = held.slice(held.length - undecided);
      chars.taken = "";
      const character = yield* chars.next();
      if (character === undefined) {
        give(held);
        return undefined;
      }
      held += character;
    }
  }

  /** An answer that is a call from its first character on begins calls without a mark. */
  function* readStart(): Reading<string | undefined> {
    if (format.bare === undefined) return yield* readText("", false);
    const first = yield* chars.solid();
    if (first === "{") {
      chars.giveBack(first);
      return "";
    }
    return yield* readText(chars.taken, false);
  }

  function* readNamed(begin: string, sink: Sink): Reading<Outcome> {
    let header = begin;
    while (!header.endsWith(format.separator ?? "")) {
      const character = yield* chars.next();
      if (character === undefined || header.length > MOST_HEADER) return "none";
      header += character;
    }
    const [, name, id] =
      /^([\w.-]{1,64})\s*(?:\[CALL_ID\]([\w-]{1,64}))?$/.exec(
        header.slice(0, -(format.separator ?? "").length),
      ) ?? [];
    if (name === undefined || !sink.begin(name, id)) return "none";
    const first = yield* chars.solid();
    if (first === undefined) return "cut";
    return (yield* readArguments(chars, first, sink.add)) ? "whole" : "cut";
  }

  /** The calls after a mark. `false`: there was none. */
  function* readCalls(mark: string): Reading<boolean> {
    const sink = sinkOf(mark);
    let any = false;
    let first = yield* chars.solid();
    const inList = first === "[";
    if (inList) first = yield* chars.solid();
    for (;;) {
      let outcome: Outcome = "none";
      if (first === "{") outcome = yield* readCallObject(chars, sink);
      else if (format.separator !== undefined && !inList && first !== undefined)
        outcome = yield* readNamed(first, sink);
      if (outcome === "none") {
        say(chars.taken);
        return any;
      }
      any = true;
      chars.taken = "";
      if (outcome === "cut") return any;
      whole += 1;
      const next = yield* chars.solid();
      if (next === "," || next === ";") {
        first = yield* chars.solid();
      } else {
        if (next !== "]" || !inList) chars.giveBack(next);
        return any;
      }
    }
  }

  function* read(): Reading<void> {
    let mark = yield* readStart();
    while (mark !== undefined) {
      block = { mark, named: false };
      const called: boolean = yield* readCalls(mark);
      block = undefined;
      chars.taken = "";
      mark = yield* readText("", called);
    }
  }

  const reading = read();
  reading.next();
  return {
    push(text) {
      for (const character of text) reading.next(character);
      return out.splice(0);
    },
    end() {
      // A reader asks once more where it gave something back.
      for (let state = reading.next(undefined); state.done !== true; ) state = reading.next();
      return out.splice(0);
    },
    get whole() {
      return whole;
    },
    get begun() {
      if (block === undefined || block.named) return undefined;
      return chars.taken.slice(chars.taken.indexOf(block.mark) + block.mark.length);
    },
  };
}

/** Length of the end of a text that may still become white space before a mark, or a mark. */
function undecidedOf(text: string, marks: readonly string[]): number {
  const partial = longestBeginning(text, marks);
  const before = text.slice(0, text.length - partial);
  const blank = before.length - before.trimEnd().length;
  return blank > MOST_BLANK ? partial : partial + blank;
}
