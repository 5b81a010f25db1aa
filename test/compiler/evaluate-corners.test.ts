// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
/** The corners where evaluators of JavaScript go wrong: each program gives what Node gives, or is refused. */
import { expect, test } from "vitest";
import { evaluateFile } from "../../compiler/evaluate/evaluate.ts";
import { encode } from "./evaluate-encode.ts";
import { inNode } from "./node-oracle.ts";

const programs: readonly string[] = [
  "export const r = 010;",
  "export const r = '\\01';",
  "export const r = '\\8';",
  "export const r = 08;",
  "export const r = 0_1;",
  "export const r = 1__0;",
  "export const r = 3in {};",
  "export const r = (-1) ** 2;",
  "export const r = -1 ** 2;",
  "const f = (a)\n=> a; export const r = f(1);",
  "const f = (a): {\n b: number } => a; export const r = f(1);",
  "const f = <T\n>(a: T): T => a; export const r = f(1);",
  "const f = (a, ...b,) => b; export const r = f(1);",
  "const f = (...a, b) => b; export const r = f(1);",
  "const [...a,] = [1]; export const r = a;",
  "const {...{a}} = {a: 1}; export const r = a;",
  "const a; export const r = 1;",
  "const f = () => { let [a]; }; export const r = 1;",
  "const f = () => { break; }; export const r = 1;",
  "const f = () => { continue; }; export const r = 1;",
  "const f = () => { switch (1) { case 1: continue; } }; export const r = 1;",
  "const f = () => { f() = 1; }; export const r = 1;",
  "const f = (a) => { a?.b = 1; }; export const r = 1;",
  "const f = () => { 1 = 2; }; export const r = 1;",
  "const f = () => { eval = 2; }; export const r = 1;",
  "const f = () => { switch (1) { default: default: } }; export const r = 1;",
  "const f = () => { switch (1) { case 1: let a = 1; case 2: let a = 2; } }; export const r = 1;",
  "const f = () => { for (const a of []) function g() {} }; export const r = 1;",
  "const f = () => { for (const [a, a] of []) {} }; export const r = 1;",
  "const f = () => { for (let let of []) {} }; export const r = 1;",
  "const f = () => { for (const a = 1 of []) {} }; export const r = 1;",
  "const f = (x) => { if (x) let a = 1; }; export const r = 1;",
  "export const r = true ? 1 : yield;",
  "export const r = true ? 1 : await;",
  "export const r = true ? 1 : ({ a = 1 });",
  "export const r = true ? 1 : static;",
  "const f = function f(a) { return a > 0 ? f(a - 1) : 'end'; }; export const r = f(3);",
  "const f = function (a) { 'use strict'; return a; }; export const r = f(3);",
  "export const r = (function () { return typeof f; function f() {} })();",
  "export const r = `a\r\nb`;",
  "export const r = 'a\\\r\nb';",
  "export const r = '\\u{1F600}\\x41';",
  "export const r = 0xffffffffffffffffff;",
  "export const r = 1e400;",
  "export const r = .5 + 5.;",
  "export const r = 0b101 + 0o17;",
  "export const r = 9007199254740993;",
  "export const r = 1e21 + '';",
  "export const r = 123456789012345680000 + '';",
  "export { r }; const r = 1;",
  "const r = 1; export default r; export { r };",
  "export default function () { return 1; } export const r = 1;",
  "export default function r2() { return 1; } export const r = r2();",
  "function r() {} function r() {} export { r };",
  "const f = (n: number) => { let s = 0; for (const i of [1, 2, n]) { if (i === 2) continue; s += i; } return s; }; export const r = f(9);",
  "const f = () => { const fs = []; for (const i of [1, 2, 3]) fs.push(() => i); return fs.map((g) => g()); }; export const r = f();",
  "const f = () => { const fs = []; let n = 0; for (const i of [1, 2, 3]) { n += i; fs.push(() => n); } return fs.map((g) => g()); }; export const r = f();",
  "const f = (x) => { switch (x) { case 1: return 'a'; default: case 2: return 'b'; case 3: break; } return 'c'; }; export const r = [1, 2, 3, 4].map((x) => f(x));",
  "const f = () => { const o = {}; o.b = 1; o[2] = 2; o['a'] = 3; o[1] = 4; o.b += 'x'; return o; }; export const r = f();",
  "const f = () => { let n = '5'; const a = n++; return [a, n, ++n, n--, -n]; }; export const r = f();",
  "const f = () => { let a = null; a ??= 3; a ||= 4; a &&= 5; return a; }; export const r = f();",
  "const f = () => { const a = [3, 1, 2]; a.sort(); a.reverse(); a.push(1, 2); a.unshift(0); const x = [a.pop(), a.shift()]; a[0] = 7; a[a.length] = 8; return [a, x]; }; export const r = f();",
  "export const r = [10, 9, 1, undefined, null, 'b', true].sort();",
  "export const r = [3, undefined, 1].sort((a, b) => a - b);",
  "export const r = [...'a😀b'];",
  "const f = () => { const out = []; for (const c of 'a😀') out.push(c); return out; }; export const r = f();",
  "export const r = [...['a', 'b'].entries(), ...[1].keys(), ...[7].values()];",
  "const f = () => { const out = {}; for (const [i, x] of ['p', 'q'].entries()) out[x] = i; return out; }; export const r = f();",
  "export const r = Array.from({ length: 3 }, (_, i) => i * i);",
  "export const r = Array.from('héy', (c, i) => c + i);",
  "export const r = (255).toString(16) + (0.1).toString(2);",
  "export const r = [1, 2, 3].lastIndexOf(3, undefined);",
  "export const r = [1, 2, 3, 4].toSpliced(1, 2, 'x');",
  "export const r = [1, 2].with(-1, 9);",
  "export const r = [1, 2, 3].reduceRight((a, b) => a + '-' + b);",
  "const f = (a) => { a.push(4); return a; }; const g = () => { const b = [1]; f(b); return b; }; export const r = g();",
  "const a = [1]; const f = () => { a.push(2); return a; }; export const r = f();",
  "const counter = () => { let n = 0; return () => (n += 1); }; const c = counter(); export const r = [c(), c()];",
  "const f = () => { const o: any = { a: { b: 1 } }; o.a.b++; o.a.c = o; return Object.keys(o.a); }; export const r = f();",
  "const f = (n) => { n += 1; return n; }; export const r = f(1);",
  "const f = ({ a }, [b]) => { a = b; b = 9; return [a, b]; }; export const r = f({ a: 1 }, [2]);",
  "const f = () => { const xs = [1, 2]; return xs.map((x) => xs.push(x)); }; export const r = f();",
  "const f = (x: any) => { const y = x as any\n;(y).a = 1; return y; }; export const r = f({});",
  "const f = (x: any) => { const y = x as any\n[0].map((z) => z); return y; }; export const r = f([[1]]);",
  "const f = (x) => { let y = 1; { let y = 2; x = y; } return [x, y]; }; export const r = f(0);",
  "const f = () => { const a = [1, 2, 3]; let s = ''; a.forEach((x, i) => { s += x + ':' + i + ','; }); return s; }; export const r = f();",
  "const f = (a) => { (a as any).b = 1; return a; }; export const r = f({});",
  "const f = (a) => { a!.b = 1; return a; }; export const r = f({});",
  "const f = () => { let x; return [x, typeof x]; }; export const r = f();",
  "const f = () => { g = 1; let g; return g; }; export const r = f();",
  "const f = () => { const g = 1; g = 2; return g; }; export const r = f();",
  "const f = (x) => { switch (x) { case 1: const y = 1; break; case 2: return y; } return 0; }; export const r = f(2);",
  "export const r = parseInt('12px') + Number.parseFloat('1.5e3x') + parseInt('ff', 16);",
  "export const r = Object.hasOwn({ a: 1 }, 'a');",
  "export const r = Math.PI + Number.MAX_SAFE_INTEGER;",
  "export const r = 'abc'.substring(2, 0) + 'abc'.charAt(1) + 'abc'.charCodeAt(9) + 'abc'.lastIndexOf('c', undefined);",
  "const f = () => { let a = 1; const g = (b = (a = 5)) => [a, b]; return [g(), a]; }; export const r = f();",
  "const f = () => { const a = [1, 2, 3]; return [a.length, a.pop(), a.length]; }; export const r = f();",
  "const f = () => { for (const x of [1, 2]) { for (const y of [1, 2]) { if (y === 2) break; if (x === 2) return [x, y]; } } return 'none'; }; export const r = f();",
  "const f = () => { let i = 0; const a = [10, 20]; a[i++] = i; a[i] += i++; return [a, i]; }; export const r = f();",
  "const f = () => { let x = 1; x += (x = 5, 2); return x; }; export const r = f();",
  "const f = () => { let x = 1; const y = x + (x = 5); return [x, y]; }; export const r = f();",
  "const f = () => { const o = { a: 1 }; const { a, ...rest } = o; o.b = 2; return [rest, o]; }; export const r = f();",
  "import { range } from '@millwright/schema'; const f = () => { const a = range(3); a.push(9); return a; }; export const r = f();",
];

/** These the language leaves out, though Node runs them. */
const leftOut = [
  /use strict/,
  /a\.push\(2\); return a/,
  /const counter/,
  /xs\.push\(x\)\)/,
  /const y = x as any\n\[0\]/,
  /\(x = 5, 2\)/,
];

test("what Node refuses to run is refused, and what it runs gives the same, to the sign of zero", () => {
  const node = inNode(programs, "r");
  const wrong = programs.flatMap((text, at) => {
    const files = new Map([["factories/a.ts", new TextEncoder().encode(text)]]);
    const mine = evaluateFile({ repository: "test", files }, "factories/a.ts");
    const theirs = node[at];
    const isLeftOut = leftOut.some((pattern) => pattern.test(text));
    if (theirs === undefined || "threw" in theirs || isLeftOut)
      return mine.ok ? [`accepted: ${text}`] : [];
    if (!mine.ok) return [`refused: ${text}: ${mine.problems[0]?.message}`];
    const ours = JSON.stringify(encode(mine.value["r"]));
    return ours === JSON.stringify(theirs.value) ? [] : [`${ours} instead: ${text}`];
  });
  expect(wrong).toEqual([]);
});
