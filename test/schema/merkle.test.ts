import {
  type Digest,
  digestOf,
  type HostName,
  inclusionOf,
  inclusionProof,
  isIncluded,
  planTreeOf,
  rootOf,
  treeOf,
  verifyInclusion,
} from "@millwright/schema";
import fc from "fast-check";
import { expect, test } from "vitest";

// The reference tree of RFC 9162's implementations (certificate-transparency, merkle_tree_test).
const leaves = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Buffer.from(hex, "hex"));

const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

test("roots are those of the RFC 9162 reference trees of one to eight leaves", () => {
  expect(
    roots.map((_, index) => rootOf(treeOf(leaves.slice(0, index + 1))).toString("hex")),
  ).toEqual(roots);
});

test("the root of no leaves is the hash of nothing", () => {
  expect(rootOf(treeOf([])).toString("hex")).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

test("a proof holds for its own leaf, index and size, and for no other", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, at, other) => {
      const all = Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`));
      const index = at % size;
      const tree = treeOf(all);
      const root = rootOf(tree);
      const path = inclusionProof(tree, index);
      const leaf = all[index] as Buffer;
      expect(verifyInclusion(leaf, index, size, path, root)).toBe(true);
      expect(verifyInclusion(Buffer.from("another"), index, size, path, root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, [...path, root], root)).toBe(false);
      if (path.length > 0) {
        expect(verifyInclusion(leaf, index, size, path.slice(1), root)).toBe(false);
      }
      if (other % size !== index) {
        expect(verifyInclusion(leaf, other % size, size, path, root)).toBe(false);
      }
    }),
  );
});

test("a plan tree proves each host's plan and says nothing for a host that it does not hold", () => {
  const plans = new Map(
    ["b", "a", "c"].map((name) => [name as HostName, digestOf(`plan of ${name}`)]),
  );
  const tree = planTreeOf(plans);
  const root = `sha256:${tree.root}` as Digest;
  expect(tree.hosts).toEqual(["a", "b", "c"]);
  for (const [host, plan] of plans) {
    const proof = inclusionOf(tree, host);
    expect(proof && isIncluded(host, plan, proof, root)).toBe(true);
    expect(proof && isIncluded(host, digestOf("another plan"), proof, root)).toBe(false);
  }
  expect(inclusionOf(tree, "d" as HostName)).toBeUndefined();
});
