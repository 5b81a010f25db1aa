import type { AddCommand } from "./context.ts";
import { addTrustInit } from "./trust-init.ts";
import { addTrustKey } from "./trust-key.ts";
import { addTrustRotate, addTrustSign } from "./trust-rotate.ts";
import { addTrustShow } from "./trust-show.ts";

const example = `
Example:
  $ millwright trust key                                   # each of three, unless she has an SSH key
  $ millwright trust init --threshold 2 --signers bea.pub "ssh-ed25519 AAAA… cyd"
  $ millwright release --push                              # the first signature
  $ millwright sign --push                                 # the second publishes it`;

export const trustCommand: AddCommand = (program, context) => {
  const trust = program
    .command("trust")
    .description("who may sign what hosts run, and how many of them must")
    .addHelpText("after", example);
  addTrustInit(trust, context);
  addTrustKey(trust, context);
  addTrustRotate(trust, context);
  addTrustSign(trust, context);
  addTrustShow(trust, context);
};
