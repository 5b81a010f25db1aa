// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs are text here
/** Random programs of the definition language, each exporting `value`. */
import fc from "fast-check";

type Source = fc.Arbitrary<string>;

const pick = (...all: readonly string[]): Source => fc.constantFrom(...all);

/** Puts random parts into a text; `§` stands for the next part. */
function form(pattern: string, ...parts: readonly Source[]): Source {
  const words = pattern.split("§");
  return fc
    .tuple(...parts)
    .map((chosen) => words.map((word, index) => word + (chosen[index] ?? "")).join(""));
}

const numbers = pick(..."0 -0 1 2.5 -3 7 1e21 0x1f 1_000 0.1 1e-7 NaN Infinity n m m n".split(" "));
const texts = pick(
  ...['""', '"a"', '"Zürich"', "'it'", '"10"', "`b`", '"a,b,,c"', '"\\u{1f9f5}\\n"', '" x "'],
  ...["s", "t", "s", "t"],
);
const key = pick("a", "b", "10", "2", '"07"', '"-1"', '"x y"', "4294967295", "name", '["c" + 1]');

/** One measure for all forms, or each would nest as deep as all others together. */
const depth = fc.createDepthIdentifier();

type Grammar = {
  readonly number: string;
  readonly text: string;
  readonly truth: string;
  readonly scalar: string;
  readonly list: string;
  readonly object: string;
  readonly any: string;
  readonly body: string;
};

const grammar = fc.letrec<Grammar>((tie) => {
  const some = (leaf: Source, ...others: readonly Source[]): Source =>
    fc.oneof({ maxDepth: 4, depthIdentifier: depth }, leaf, ...others);
  const number = tie("number");
  const text = tie("text");
  const truth = tie("truth");
  const scalar = tie("scalar");
  const list = tie("list");
  const object = tie("object");
  const any = tie("any");
  const body = tie("body");
  return {
    number: some(
      numbers,
      form("(§ § §)", number, pick(..."+ - * / % | & ^ << >> >>>".split(" ")), number),
      form("(§) ** §", number, pick("2", "-1", "0.5", "0")).map((power) => `(${power})`),
      form("(§(§))", pick("-", "+", "~"), scalar),
      form("(§ ? § : §)", truth, number, number),
      form("(§).length", list),
      form("(§).length", text),
      form("(§).indexOf(§)", list, scalar),
      form("(§).reduce((sum, _, at, all) => sum * 2 + at - all.length, §)", list, number),
      form("(§).findIndex((item, at) => at > 0 && item === §)", list, scalar),
      form("Math.§(§, §)", pick("max", "min"), number, scalar),
      form("Math.§(§)", pick("abs", "ceil", "floor", "round", "trunc", "sign", "sqrt"), number),
      form("Number(§)", scalar),
      form("(§).§(§, §)", list, pick("indexOf", "lastIndexOf"), scalar, number),
      form("(§).findLastIndex((item) => item === §)", list, scalar),
      form("(§).reduceRight((sum, item, at) => `${sum}${typeof item}${at}`, '').length", list),
      form("(§).§(§, §)", text, pick("indexOf", "lastIndexOf"), text, number),
      form("(§).charCodeAt(§)", text, number),
      form("Math.§(§)", pick("clz32", "fround"), scalar),
      form("Math.imul(§, §)", scalar, scalar),
      form("§(§)", pick("parseInt", "parseFloat", "Number.parseFloat"), scalar),
      form("parseInt(§, §)", text, pick("2", "16", "99", "undefined")),
      form(
        "((n, m = n, ...rest) => n + m + rest.length)(§, §, 1, 2)",
        number,
        pick("undefined", "5", "null"),
      ),
      form("(([n = 9, , m = n] = [1, 2]) => { const s = n; return s - m; })(§)", list).map(
        (call) => `Number(String(typeof ${call}).length)`,
      ),
    ),
    text: some(
      texts,
      form("(§ + §)", text, scalar),
      form("`a${§}-${§}`", scalar, scalar),
      form("String(§)", scalar),
      form("typeof §", any).map((typeOf) => `(${typeOf})`),
      form("(§).§()", text, pick("toUpperCase", "toLowerCase", "trim", "trimStart", "toString")),
      form("(§).slice(§, §)", text, pick("0", "1", "-2", "undefined"), pick("3", "-1", "NaN")),
      form("(§).§(§, §)", text, pick("substring", "slice"), number, number),
      form("(§).charAt(§)", text, number),
      form("(§).toString(§)", number, pick("2", "16", "36", "10", "undefined")),
      form("(§).padStart(§, §)", text, pick("5", "0", "-1"), text),
      form("(§).padEnd(§, §)", text, pick("5", "2.9"), text),
      form("(§).repeat(§)", text, pick("0", "2", "1.9")),
      form("(§).replace§(§, §)", text, pick("", "All"), text, pick('"$&$&"', '"-"', "s", '"$$"')),
      form("(§).concat(§, §)", text, scalar, scalar),
      form("(§).toFixed(§)", number, pick("", "0", "2")),
      form("(§).map((item) => typeof item).join(§)", list, pick("", '"+"', "undefined", "null")),
      form("(§).join(§)", form("[§, §, §]", scalar, scalar, scalar), pick("", '"/"')),
      form("(JSON.stringify(§) ?? §)", any, text),
      form("JSON.stringify(§, null, §)", object, pick("2", '"--"', "0")),
    ),
    truth: some(
      pick("true", "false"),
      form("(§ § §)", scalar, pick("===", "!==", "<", "<=", ">", ">="), scalar),
      form("!(§)", any),
      form("Boolean(§)", any),
      form("(§).§(§)", text, pick("includes", "startsWith", "endsWith"), text),
      form("(§).includes(§)", list, scalar),
      form("(§).§((item) => § === item)", list, pick("some", "every"), scalar),
      form("(§ in §)", pick('"a"', '"10"', "2", '"zz"'), object),
      form("Array.isArray(§)", any),
      form("Number.§(§)", pick("isFinite", "isNaN", "isSafeInteger"), scalar),
      form("Object.hasOwn(§, §)", object, scalar),
      form("Number.isInteger(§)", scalar),
      form("(§ === §)", pick("o", "list", "p"), pick("o", "list", "{ ...o }", "p")),
    ),
    scalar: some(
      fc.oneof(numbers, texts, pick("null", "undefined", "true", "false")),
      number,
      text,
      truth,
      form("(§ § §)", scalar, pick("??", "||", "&&"), scalar),
      form("(§ ? § : §)", any, scalar, scalar),
      form("(§)?.§.a", pick("o.none", "undefined", "null"), pick("a", "b.c[0]", "a()")),
      form("(§)?.length", pick("o.none", "s", "list", "null")),
      form("(§)[§]", text, pick("0", "99", '"1"')),
      form("(§).at(§)", text, pick("0", "-1", "99", "")),
    ),
    list: some(
      pick("list", "xs", "[]", "[1, 2, 3]", '["b", "a", "10", "9"]'),
      form("[§, ...§, §]", any, list, any),
      form("(§).map((item, at) => [at, item])", list),
      form("(§).map((s, n) => ({ s, [`k${n}`]: § }))", list, any),
      form("(§).filter((item) => §)", list, any),
      form("(§).flatMap((item) => [item, §])", list, any),
      form("[§, [§]].flat()", list, list),
      form("(§).slice(§, §)", list, pick("0", "1", "-2", "1.7"), pick("2", "-1", "undefined")),
      form("(§).concat(§, §)", list, list, scalar),
      form("(§).toReversed()", list),
      form("(§).with(§, §)", list, pick("0", "-1", "9"), any),
      form("(§).toSpliced(§, §, §)", list, pick("0", "-1", "9"), pick("0", "1", "NaN"), any),
      form("[...§]", text),
      form("[...(§).§()]", list, pick("entries", "keys", "values")),
      form("Array.from(§, (item, at) => [item, at])", list),
      form("Array.from({ length: § }, (_, at) => at * 2)", pick("0", "3", "2.7", "-1")),
      form("[...§].sort()", form("[§, §, §]", scalar, scalar, scalar)),
      form("[§, §, §, §].sort((a, b) => a - b)", number, number, number, number),
      form("[§, §, §, §].toSorted()", scalar, scalar, scalar, scalar),
      form("[§, §, §, 3].toSorted((a, b) => a - b)", number, number, number),
      form("(§).split(§)", text, pick('""', '","', "undefined", '"b"')),
      form("Object.keys(§)", object),
      form("Object.values(§)", object),
      form("Object.entries(§)", object),
      form("(([, ...rest]) => rest)(§)", list),
    ),
    object: some(
      pick("o", "p", "{}", "{ b: 1, 2: 2, a: 3, 1: 4 }"),
      form("{ §: §, §: §, n }", key, any, key, any),
      form("{ ...§, §: §, ...§ }", object, key, any, object),
      form("{ a: 1, ...(§ ? § : undefined) }", truth, object),
      form("{ ...(§ && §) }", truth, object),
      form("Object.fromEntries(Object.entries(§).map(([k, v]) => [`${k}0`, v]))", object),
      form("Object.fromEntries(Object.entries(§).toReversed())", object),
      form("Object.fromEntries([[§, §], [§, §]])", scalar, any, scalar, any),
      form("(({ a, n: s = §, ...rest }) => ({ s, rest, a }))(§)", any, object),
    ).map((source) => (source.startsWith("{") ? `(${source})` : source)),
    any: some(
      scalar,
      list,
      object,
      form("(§ ?? §)", any, any),
      form("(§ && §)", any, any),
      form("(§).a", object),
      form("(§)[§]", object, pick('"10"', "2", '"x y"', "s")),
      form("(§)[§]", list, pick("0", "1", "-1", "1.5", '"0"')),
      form("(§).at(§)", list, pick("0", "-1", "7")),
      form("(§).find((item) => §)", list, any),
      form("((§) as unknown)", any),
      form("(§)!", list),
      form("((n) => { if (§) return §; const s = [n]; return s; })(§)", any, any, any),
      form("(() => { { const n = §; if (n === 1) { return n; } } return [n, §]; })()", any, any),
      form("make(§)({ a: § })", any, any),
      called(scalar, text, list, object, body),
    ),
    body: some(
      form("n = §;", any),
      form("n §= §;", pick(..."+ - * / % ** & | ^ << >> >>> && || ??".split(" ")), scalar),
      form("§;", pick("n++", "--n", "n--", "s += n", "(s as any) = n", "o.b!++", "list[0]++")),
      form("s = §;", text),
      form("list.§(§);", pick("push", "unshift"), any),
      form("§ = list.§();", pick("n", "s"), pick("pop", "shift", "reverse", "toSorted")),
      form("list.§;", pick("sort()", "reverse()", "push(...o.xs ?? [n, s])")),
      form("list.sort((a, b) => Number(a) - Number(b) || §);", number),
      form("list[§] = §;", pick("0", "list.length", "list.length - 1", "1"), any),
      form("o.§ = §;", pick("a", "b", "zz", "_1"), any),
      form("o[§] §= §;", pick('"a"', "10", "2", "s", "n"), pick("", "+", "??"), scalar),
      form("if (§) { § } else { § }", any, body, body),
      form("if (§) §", truth, body).map((source) => source.replace(/ (const|let) /, " ")),
      form(
        "for (const m of [...§]) { § §; § }",
        list,
        body,
        pick("if (m) break", "n = m", ""),
        body,
      ),
      form("for (const [n, m] of [...§].entries()) { s += `${n}`; § }", list, body),
      form(
        "for (let m of [...§]) { if (§) continue; m += 1; o[`k${typeof m}`] = m; § }",
        list,
        truth,
        body,
      ),
      form(
        "switch (§) { case §: § break; case §: const m = 1; § default: § case n: § }",
        ...[scalar, scalar, body, scalar, body, body, body],
      ),
      form("{ const m = [n]; let q = s; q += §; m.push(q); n = m; § }", scalar, body),
      form("list.forEach((m, at) => { o[`f${at}`] = m; § });", body),
      form(
        "const f§ = (m: any) => { n = m; § return s; }; s = f§(§);",
        pick("1", "2"),
        body,
        pick("1", "2"),
        scalar,
      ),
      form("return §;", any),
      form("§ §", body, body),
    ),
  };
});

/** Declarations that all expressions may use, some of them hiding others. */
const declarations = [
  "import type { Host } from '@millwright/schema';",
  "interface Shape { readonly a: number }",
  "const n = 3, m = -0;",
  "const s = `s${n}`; const t: string = 'Ö x';",
  "const o: Record<string, any> = { b: n, 10: s, 2: [m], a: { a: null }, none: undefined };",
  "const list: any[] = [n, s, [m], o, undefined, null];",
  "function make(n: any) { return ({ a = n, ...more }: any) => [n, a, more, s]; }",
  "const { b: q = 8, c: [, w = q] = [1], ...p } = { ...o, c: [m, s] } as any;",
  "const [first = s, ...xs] = [o.none, m, t] as any[];",
  "export const value = [§, §, q, w, first, xs, p] as any;",
  "",
].join("\n");

/** A function that changes what it is given and what it declares, called at once: its names hide those outside. */
function called(n: Source, s: Source, list: Source, o: Source, body: Source): Source {
  return form(
    "((n: any, s: any, list: any[], o: any) => { § return [n, s, list, o]; })(§, §, [...§], { ...§ })",
    ...[body, n, s, list, o],
  );
}

/** Declarations that all expressions may use, some of them hiding others. */
export const program: Source = fileWith(grammar.any);

/** Programs in which functions change what they made. */
export const changingProgram: Source = fileWith(
  called(grammar.scalar, grammar.text, grammar.list, grammar.object, grammar.body),
);

function fileWith(part: Source): Source {
  return form(declarations, part, grammar.any);
}
