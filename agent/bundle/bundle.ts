/**
 * Bundles: what a hub would deliver, from a disk, with the models.
 *
 * In: a folder that anybody may have filled. Out: its plan is the wanted one and its models are in the store; or a
 * refusal with a permanent code.
 * Promise: the files pass the very same verification as those of a hub; nothing but plain files of bounded size is read;
 * a refused bundle changes nothing that this host obeys. It changes the store at most by models that people signed.
 */
export { ApplyLine } from "./apply-line.ts";
export { type Counter, counterOf } from "./counter.ts";
