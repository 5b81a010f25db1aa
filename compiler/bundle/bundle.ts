/**
 * Bundles: what the hub would deliver to one host, in a folder, with the models that its plan names.
 *
 * In: a repository with a released revision, the online key, a host, places where models may lie. Out: a folder for
 * millwright-agent apply.
 * Promise: only a revision that verifies is bundled; every model has the digest that people signed; the folder appears
 * whole or not at all, and nothing that was there is overwritten.
 */
export { type BundleRequest, type Made, makeBundle } from "./make-bundle.ts";
