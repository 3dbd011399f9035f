/** Syntax that the parser refuses or takes for something else. */
import { boardPair, pair } from "./pair.ts";
import type { Sample } from "./pair.ts";

export const syntaxSamples: Sample[] = [
    pair("syntax", "exports.result = 1; }", "exports.result = 1;"),
    pair(
        "default-parameter",
        "var f = function (a, b = 2) { return a + b; }; exports.result = f(1);",
        "var f = function (a, b) { if (b === undefined) b = 2; return a + b; };" +
            "exports.result = f(1);",
    ),
    pair(
        "rest",
        "var f = function (a, ...b) { return b.length; }; exports.result = f(1, 2, 3);",
        "var f = function (a) { return arguments.length - 1; }; exports.result = f(1, 2, 3);",
    ),
    pair(
        "spread",
        "exports.result = Math.max(...[1, 3, 2]);",
        "exports.result = Math.max.apply(null, [1, 3, 2]);",
    ),
    pair(
        "spread",
        "exports.result = [0, ...[1, 2]];",
        "exports.result = [0].concat([1, 2]);",
    ),
    pair(
        "spread",
        "exports.result = { a: 1, ...{ b: 2 } };",
        "exports.result = Object.assign({ a: 1 }, { b: 2 });",
    ),
    pair(
        "destructuring",
        "var { a, b } = { a: 1, b: 2 }; exports.result = a + b;",
        "var o = { a: 1, b: 2 }; var a = o.a; var b = o.b; exports.result = a + b;",
    ),
    pair(
        "destructuring",
        "var r; [r] = [5]; exports.result = r;",
        "var r; r = [5][0]; exports.result = r;",
    ),
    pair(
        "destructuring",
        "var f = function ({ a }) { return a; }; exports.result = f({ a: 4 });",
        "var f = function (o) { return o.a; }; exports.result = f({ a: 4 });",
    ),
    pair(
        "generator",
        "var g = function* () { yield 1; }; exports.result = g().next().value;",
        "var g = function () { return [1]; }; exports.result = g()[0];",
    ),
    pair(
        "async",
        "var f = async function () { return 1; }; exports.result = typeof f().then;",
        "var f = function () { return Promise.resolve(1); }; exports.result = typeof f().then;",
    ),
    pair(
        "optional-chaining",
        "var o = { a: { b: 3 } }; exports.result = o?.a?.b;",
        "var o = { a: { b: 3 } }; exports.result = o && o.a && o.a.b;",
    ),
    pair("exponent", "exports.result = 2 ** 10;", "exports.result = Math.pow(2, 10);"),
    pair(
        "exponent",
        "var a = 2; a **= 3; exports.result = a;",
        "var a = 2; a = a * a * a; exports.result = a;",
    ),
    pair(
        "logical-assignment",
        "var a; a ??= 3; exports.result = a;",
        "var a; if (a === undefined) a = 3; exports.result = a;",
    ),
    pair(
        "logical-assignment",
        "var a = 0; a ||= 3; exports.result = a;",
        "var a = 0; a = a || 3; exports.result = a;",
    ),
    pair(
        "computed-key",
        'var k = "z"; exports.result = { [k]: 1 };',
        'var k = "z"; var o = {}; o[k] = 1; exports.result = o;',
    ),
    pair(
        "label",
        "var n = 0; a: for (;;) { for (;;) { n++; break a; } } exports.result = n;",
        "var n = 0; (function () { for (;;) { for (;;) { n++; return; } } })();" +
            "exports.result = n;",
    ),
    pair(
        "default-before-case",
        "var f = function (x) { switch (x) { default: return 0; case 1: return 1; } };" +
            "exports.result = [f(1), f(2)];",
        "var f = function (x) { switch (x) { case 1: return 1; default: return 0; } };" +
            "exports.result = [f(1), f(2)];",
    ),
    pair(
        "tagged-template",
        "var t = function (s, v) { return s[0] + v + s[1]; }; exports.result = t`a${1}b`;",
        'var t = function (s, v) { return s[0] + v + s[1]; }; exports.result = t(["a", "b"], 1);',
    ),
    pair(
        "template-brace",
        'exports.result = `a${"}"}c`;',
        'exports.result = "a" + "}" + "c";',
    ),
    pair(
        "template-brace",
        "exports.result = `a\\${b}`;",
        'exports.result = "a${b}";',
    ),
    pair(
        "new-target",
        "var F = function () { exports.result = new.target !== undefined; }; new F();",
        "var F = function () { exports.result = this instanceof F; }; new F();",
    ),
    pair("bigint", "exports.result = Number(2n);", "exports.result = Number(2);"),
    pair(
        "statement",
        "with ({ toString: 1 }) { exports.result = 1; }",
        "exports.result = 1;",
    ),
    pair("statement", "debugger; exports.result = 1;", "exports.result = 1;"),
    pair(
        "arrow-arguments",
        "exports.result = (function () { return (() => arguments.length)(); })(1, 2);",
        "exports.result = (function () { var n = arguments.length; return (() => n)(); })(1, 2);",
    ),
    pair("reserved-name", "var of = 1; exports.result = of;", "var o = 1; exports.result = o;"),
    pair("string-escape", 'exports.result = "\\u{41}";', 'exports.result = "\\x41";'),
    pair("string-escape", 'exports.result = "a\\\nb";', 'exports.result = "a" + "b";'),
    boardPair("non-latin1", 'exports.result = "\xe9";', 'exports.result = "\\xe9";'),
    boardPair(
        "non-latin1",
        'exports.result = "\\u20ac".length;',
        'exports.result = "\\xac".length;',
    ),
    pair(
        "assign-length",
        "var a = [1, 2, 3]; a.length = 1; exports.result = a;",
        "var a = [1, 2, 3]; a.splice(1); exports.result = a;",
    ),
    boardPair("wide-shift", "exports.result = 1 << 33;", "exports.result = 1 << (33 & 31);"),
];
