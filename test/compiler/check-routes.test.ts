import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainsOf } from "../../compiler/check/check.ts";
import { codesIn, fleet, mail, said, support } from "./check-kit.ts";

const small = "{ model: mail, context: 64 }";
const deployments = `deployments: { a: ${small}, b: ${small}, c: ${small} }\n`;
const withRoutes = (routes: string) => ({
  ...fleet,
  ...mail,
  "s.yaml": support(`${deployments}routes:\n${routes}`),
});

describe("a fallback that is a route stands for all that it leads to", () => {
  test("in its place, and what stands twice counts where it stands first", () => {
    const chains = chainsOf({
      all: { to: "a", fallback: ["some", "c"] },
      some: { to: "b", fallback: ["a", "few"] },
      few: { to: "c", fallback: ["d"] },
    });
    expect(Object.fromEntries(chains ?? [])).toEqual({
      all: ["a", "b", "c", "d"],
      some: ["b", "a", "c", "d"],
      few: ["c", "d"],
    });
  });

  /** Said again, without any care for time. */
  type Routes = Readonly<
    Record<string, { readonly to: string; readonly fallback: readonly string[] }>
  >;
  const expanded = (routes: Routes, name: string): readonly string[] => {
    const route = routes[name];
    return route === undefined
      ? [name]
      : [route.to, ...route.fallback.flatMap((each) => expanded(routes, each))];
  };

  test("as if each were written out, whatever leads where", () => {
    const names = ["r0", "r1", "r2", "r3", "r4"];
    // Routes fall back to later ones alone, so that there is no circle; the order of writing is any.
    const some = fc
      .tuple(
        ...names.map((_, index) =>
          fc.record({
            to: fc.constantFrom("a", "b", "c"),
            fallback: fc.array(fc.constantFrom("a", "b", "c", "d", ...names.slice(index + 1)), {
              maxLength: 4,
            }),
          }),
        ),
      )
      .chain((routes) =>
        fc.shuffledSubarray(
          routes.map((route, index) => [names[index] ?? "", route] as const),
          {
            minLength: routes.length,
          },
        ),
      );
    fc.assert(
      fc.property(some, (entries) => {
        const routes = Object.fromEntries(entries);
        const chains = chainsOf(routes);
        for (const name of names)
          expect(chains?.get(name)).toEqual([...new Set(expanded(routes, name))]);
      }),
    );
  });

  test("a web of routes that would be written out for years takes no time", () => {
    const routes = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [
        `r${index}`,
        { to: `d${index % 9}`, fallback: [`r${index + 1}`, `r${index + 2}`] },
      ]),
    );
    const before = performance.now();
    expect(chainsOf(routes)?.get("r0")).toHaveLength(11);
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test("where routes go in a circle there are no chains", () => {
    expect(chainsOf({ a: { to: "x", fallback: ["b"] }, b: { to: "x", fallback: ["a"] } })).toBe(
      undefined,
    );
  });
});

describe("circles are named whole, at each of their links", () => {
  test("of one, and of three", () => {
    const files = withRoutes(
      "  one: { to: a, fallback: [one] }\n  x: { to: a, fallback: [y] }\n  y: { to: b, fallback: [z] }\n  z: { to: c, fallback: [a, x] }\n",
    );
    expect(said(files)).toEqual([
      "check/fallback-cycle: the route one falls back to itself | s.yaml: one",
      "check/fallback-cycle: the fallbacks of x come back to it: x → y → z → x | s.yaml: y | s.yaml: z | s.yaml: x",
    ]);
  });

  test("two circles through one route are two", () => {
    const files = withRoutes(
      "  x: { to: a, fallback: [y, z] }\n  y: { to: b, fallback: [x] }\n  z: { to: c, fallback: [x] }\n",
    );
    expect(codesIn(files)).toEqual(["check/fallback-cycle", "check/fallback-cycle"]);
  });

  test("a circle of thousands is told in a few lines, and at once", () => {
    const count = 3_000;
    const routes = Array.from(
      { length: count },
      (_, index) => `  r${index}: { to: a, fallback: [r${(index + 1) % count}] }\n`,
    );
    const before = performance.now();
    const [circle, ...others] = said(withRoutes(routes.join("")));
    expect(performance.now() - before).toBeLessThan(4_000);
    expect(others).toEqual([]);
    expect(circle).toContain("r11 → 2988 more → r0 | ");
    expect(circle?.split(" | ")).toHaveLength(13);
  });
});

describe("a fallback that is never reached is a warning", () => {
  test("a deployment that is tried before, and a route that brings nothing new", () => {
    const files = withRoutes(
      "  x: { to: a, fallback: [b, a] }\n  y: { to: b, fallback: [c] }\n  z: { to: c, fallback: [b, y] }\n",
    );
    expect(said(files)).toEqual([
      "check/unreachable: this fallback of x is never reached: a is tried before it | s.yaml: a | s.yaml: a",
      "check/unreachable: this fallback of z is never reached: what y leads to (b, c) is tried before it | s.yaml: y | s.yaml: b | s.yaml: c",
    ]);
  });

  test("a route that brings one more is of use", () => {
    expect(
      said(withRoutes("  y: { to: b, fallback: [c] }\n  z: { to: b, fallback: [y] }\n")),
    ).toEqual([]);
  });
});

describe("a route leads to its own factory", () => {
  test("to takes a deployment, a fallback may be a route", () => {
    expect(said(withRoutes("  x: { to: y }\n  y: { to: b, fallback: [zz] }\n"))).toEqual([
      "check/route-to-nothing: to takes a deployment; y is a route | s.yaml: y | s.yaml: y",
      "check/route-to-nothing: the factory support has no deployment or route zz | s.yaml: zz",
    ]);
  });

  test("what another factory deploys is shown there", () => {
    const files = {
      ...withRoutes("  x: { to: other }\n"),
      "t.yaml": `kind: factory\nname: second\nowner: us\ndeployments: { other: ${small} }\n`,
    };
    expect(said(files)).toEqual([
      "check/route-to-nothing: the factory support has no deployment other | s.yaml: other | t.yaml: other",
    ]);
  });

  test("a chain that nobody would wait for is refused", () => {
    const many = Array.from({ length: 70 }, (_, index) => `d${index}`);
    const files = {
      ...fleet,
      ...mail,
      "s.yaml": support(
        `deployments: { ${many.map((name) => `${name}: ${small}`).join(", ")} }\nroutes:\n  x: { to: d0, fallback: [${many.slice(1, 60).join(", ")}, y] }\n  y: { to: d60, fallback: [${many.slice(61).join(", ")}] }\n`,
      ),
    };
    expect(said(files)).toEqual([
      "check/invalid-value: the route x leads to more than 64 deployments, one after the other | s.yaml: x",
    ]);
  });
});
