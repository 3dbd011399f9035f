/** Arguments that do not work. */
import { pair } from "./pair.ts";
import type { Sample } from "./pair.ts";

export const argumentSamples: Sample[] = [
    pair(
        "clear-timer",
        "clearTimeout(undefined); exports.result = 1;",
        "var t; if (t !== undefined) clearTimeout(t); exports.result = 1;",
    ),
    pair(
        "clear-timer",
        "exports.result = 0; setTimeout(function () { exports.result = 1; }, 1); clearTimeout();",
        "exports.result = 0; setTimeout(function () { exports.result = 1; }, 1);",
    ),
    pair(
        "ignored-argument",
        'exports.result = "a,b,c".split(",", 2);',
        'exports.result = "a,b,c".split(",").slice(0, 2);',
    ),
    pair(
        "ignored-argument",
        'exports.result = JSON.stringify({ a: 1, b: 2 }, ["a"]);',
        "exports.result = JSON.stringify({ a: 1 });",
    ),
    pair(
        "ignored-argument",
        'exports.result = JSON.parse("[1]", function (k, v) { return k ? 2 : v; });',
        'exports.result = JSON.parse("[1]").map(function () { return 2; });',
    ),
    pair(
        "ignored-argument",
        "exports.result = Object.create({}, { a: { value: 1 } }).a;",
        "exports.result = Object.assign(Object.create({}), { a: 1 }).a;",
    ),
    pair(
        "ignored-argument",
        'exports.result = new Error("x", { cause: 1 }).cause;',
        'exports.result = Object.assign(new Error("x"), { cause: 1 }).cause;',
    ),
    pair(
        "replacement",
        'exports.result = "aX".replace(/X/, "$&$&");',
        'exports.result = "aX".replace(/(X)/, "$1$1");',
    ),
    pair(
        "replacement",
        'exports.result = "aX".replace("X", function (x) { return x + x; });',
        'exports.result = "aX".replace(/X/, function (x) { return x + x; });',
    ),
    pair(
        "index-of",
        'exports.result = ["abcx".indexOf("xyz"), "abcx".includes("xy")];',
        'exports.result = ["abcx".lastIndexOf("xyz"), /xy/.test("abcx")];',
    ),
    pair(
        "index-of",
        'var w = "xyz"; exports.result = "abcx".replace(w, "!");',
        'exports.result = "abcx".replace(/xyz/, "!");',
    ),
    pair(
        "index-of",
        'var f = function (w) { return "abcx".indexOf("x" + w); }; exports.result = f("y");',
        'var f = function (w) { return "abcx".lastIndexOf("x" + w); }; exports.result = f("y");',
    ),
    pair(
        "split-separator",
        'exports.result = "".split("\\r\\n");',
        'exports.result = "".split(/\\r\\n/);',
    ),
    pair(
        "match-global",
        'exports.result = "b".match(/a/g);',
        'exports.result = /a/.exec("b");',
    ),
    pair(
        "number-octal",
        'var t = "010"; exports.result = Number(t);',
        'var t = "010"; exports.result = parseInt(t, 10);',
    ),
    pair(
        "number-octal",
        'var t = "010"; exports.result = +t;',
        'var t = "010"; exports.result = parseInt(t, 10);',
    ),
    pair(
        "subarray-end",
        "var t = new Uint8Array(3); exports.result = t.subarray(1, 9).length;",
        "var t = new Uint8Array(3); exports.result = t.subarray(1, Math.min(9, t.length)).length;",
    ),
];
