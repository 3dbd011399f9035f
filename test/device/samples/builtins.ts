/** Built-in objects. */
import { pair } from "./pair.ts";
import type { Sample } from "./pair.ts";

export const builtinSamples: Sample[] = [
    pair(
        "unknown-global",
        "var m = new Map(); m.set(1, 2); exports.result = m.get(1);",
        "var m = {}; m[1] = 2; exports.result = m[1];",
    ),
    pair(
        "unknown-global",
        "exports.result = new Set([1]).size;",
        "exports.result = [1].length;",
    ),
    pair(
        "unknown-global",
        'exports.result = new RangeError("x").message;',
        'exports.result = new Error("x").message;',
    ),
    pair(
        "unknown-global",
        'exports.result = "" + Symbol("a").description;',
        'exports.result = "a";',
    ),
    pair(
        "unknown-global",
        "exports.result = 0; queueMicrotask(function () { exports.result = 1; });",
        "exports.result = 0; setTimeout(function () { exports.result = 1; }, 0);",
    ),
    pair(
        "missing-static",
        'exports.result = Array.from("ab");',
        'exports.result = "ab".split("");',
    ),
    pair(
        "missing-static",
        "exports.result = Number.isInteger(3);",
        "exports.result = 3 === Math.floor(3);",
    ),
    pair("missing-static", "exports.result = Math.trunc(1.5);", "exports.result = 1.5 | 0;"),
    pair("missing-static", "exports.result = Math.imul(3, 4);", "exports.result = 3 * 4;"),
    pair(
        "missing-static",
        "exports.result = Object.freeze({ a: 1 });",
        "exports.result = { a: 1 };",
    ),
    pair(
        "missing-static",
        'exports.result = Object.hasOwn({ a: 1 }, "a");',
        'exports.result = { a: 1 }.hasOwnProperty("a");',
    ),
    pair(
        "missing-static",
        "exports.result = 0; Promise.race([Promise.resolve(1)]).then(function (v) {" +
            "exports.result = v; });",
        "exports.result = 0; Promise.resolve(1).then(function (v) { exports.result = v; });",
    ),
    pair(
        "missing-static",
        "exports.result = typeof process.nextTick;",
        'exports.result = typeof setTimeout;',
    ),
    pair("missing-method", "exports.result = [[1], 2].flat();", "exports.result = [1].concat(2);"),
    pair("missing-method", "exports.result = [1, 2].at(0);", "exports.result = [1, 2][0];"),
    pair(
        "missing-method",
        "exports.result = [1, 2, 1].lastIndexOf(1);",
        'exports.result = "121".lastIndexOf("1");',
    ),
    pair(
        "missing-method",
        'exports.result = "a".codePointAt(0);',
        'exports.result = "a".charCodeAt(0);',
    ),
    pair(
        "missing-method",
        'exports.result = " a".trimStart();',
        'exports.result = " a".replace(/^ +/, "");',
    ),
    pair(
        "missing-method",
        "exports.result = 0; Promise.resolve().finally(function () { exports.result = 1; });",
        "exports.result = 0; Promise.resolve().then(function () { exports.result = 1; });",
    ),
    pair(
        "missing-method",
        "exports.result = new Uint16Array(2).BYTES_PER_ELEMENT;",
        "exports.result = new Uint16Array(2).byteLength / 2;",
    ),
    pair(
        "missing-method",
        "exports.result = new ArrayBuffer(4).slice(1).byteLength;",
        "exports.result = new Uint8Array(new ArrayBuffer(4)).subarray(1).length;",
    ),
    pair(
        "prototype-method",
        "var f = function () { return Array.prototype.slice.call(arguments, 1); };" +
            "exports.result = f(1, 2);",
        "var f = function () { return [].slice.call(arguments, 1); }; exports.result = f(1, 2);",
    ),
    pair(
        "typed-array-copy",
        "var t = new Uint8Array([1, 2]); exports.result = t.slice(1) instanceof Uint8Array;",
        "var t = new Uint8Array([1, 2]); exports.result = t.subarray(1) instanceof Uint8Array;",
    ),
    pair(
        "error-class",
        'exports.result = new TypeError("x") instanceof Error;',
        'exports.result = new TypeError("x").message !== undefined;',
    ),
];
