// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * What Espruino has of JavaScript's built-in objects, as asked of the interpreter itself
 * (test/espruino.test.ts asks again), and what to write in place of what it has not.
 */

/** @param {string} text */
const words = (text) => text.split(" ");

/** Globals, those of modules, and those of Espruino that our modules may use. */
export const GLOBALS = new Set(words(
    "Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Date"
    + " Promise RegExp Error ReferenceError SyntaxError TypeError globalThis JSON Math ArrayBuffer"
    + " Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array"
    + " Float64Array Uint8ClampedArray DataView decodeURIComponent encodeURIComponent eval isFinite"
    + " isNaN console process clearInterval clearTimeout setInterval setTimeout atob btoa arguments"
    + " require exports module E Modules peek8 peek16 peek32 poke8 poke16 poke32 print"
    + " getSerial",
));

/** Members of global objects. @type {Record<string, Set<string>>} */
export const STATICS = {
    Object: new Set(words(
        "assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor"
        + " getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf keys setPrototypeOf values"
        + " prototype",
    )),
    Array: new Set(words("isArray prototype")),
    String: new Set(words("fromCharCode prototype")),
    Number: new Set(words("MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY prototype")),
    Math: new Set(words(
        "abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan"
        + " E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2",
    )),
    JSON: new Set(words("parse stringify")),
    Promise: new Set(words("all resolve reject prototype")),
    Date: new Set(words("now parse prototype")),
    Error: new Set(words("prototype")),
    ArrayBuffer: new Set(words("prototype")),
    process: new Set(words("env memory version on")),
    console: new Set(words("log warn trace debug info error")),
};

/** Constructors of typed arrays. */
export const TYPED_ARRAYS = new Set(words(
    "Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array"
    + " Uint8ClampedArray",
));
for (const name of TYPED_ARRAYS) {
    STATICS[name] = new Set(words("prototype"));
}

/** Built-in objects on whose prototypes no methods are found. */
export const BARE_PROTOTYPES = new Set([...words("Array String Function Promise RegExp"),
    ...TYPED_ARRAYS]);

const INDEXED = "at copyWithin findLast findLastIndex lastIndexOf keys entries values reduceRight"
    + " toLocaleString toReversed toSorted with";

/** @typedef {"array" | "string" | "typed" | "buffer" | "number" | "regexp" | "promise"} Kind */

/** Standard methods and fields that values of a kind do not have. @type {Record<Kind, string[]>} */
export const MISSING = {
    array: words(`${INDEXED} flat flatMap toSpliced`),
    typed: words(`${INDEXED} BYTES_PER_ELEMENT`),
    string: words(
        "at codePointAt isWellFormed localeCompare matchAll normalize search sub sup"
        + " toWellFormed trimStart trimLeft trimEnd trimRight toLocaleLowerCase toLocaleUpperCase",
    ),
    number: words("toExponential toPrecision toLocaleString"),
    regexp: words("dotAll hasIndices multiline sticky unicode compile"),
    promise: words("finally"),
    buffer: words("slice resize"),
};

/** Missing on every kind of value; programs may define methods of these names themselves. */
export const MISSING_EVERYWHERE = new Set([
    ...Object.values(MISSING).flat().filter((name) => !/^(slice|lastIndexOf)$/.test(name)),
    ...words(
        "setUTCDate setUTCFullYear setUTCHours setUTCMilliseconds setUTCMinutes setUTCMonth"
        + " setUTCSeconds toDateString toTimeString toLocaleDateString toLocaleTimeString"
        + " isPrototypeOf propertyIsEnumerable once off",
    ),
]);

/** What to write instead, by name. @type {Record<string, string>} */
export const INSTEAD = {
    Map: "use an object", Set: "use an object or an array", WeakMap: "use a field of the object",
    WeakSet: "use a field of the object", Symbol: "use a string with an underscore",
    Buffer: "use a binary string or Uint8Array", TextEncoder: "use E.asUTF8",
    TextDecoder: "use E.decodeUTF8", RangeError: "use TypeError or Error",
    queueMicrotask: "use setTimeout(f, 0) or Promise.resolve().then(f)",
    setImmediate: "use setTimeout(f, 0)", structuredClone: "copy the fields",
    URL: "use our own parser", globalThis: "use global",
    from: "use map or a loop", of: "use an array literal", nextTick: "use setTimeout(f, 0)",
    isInteger: "write x === Math.floor(x)", isSafeInteger: "write x === Math.floor(x)",
    isNaN: "write x !== x", isFinite: "use the global isFinite",
    parseInt: "use the global parseInt", parseFloat: "use the global parseFloat",
    MAX_SAFE_INTEGER: "write 9007199254740991",
    imul: "multiply halves", clz32: "use a loop", trunc: "write x | 0, or floor and ceil",
    log2: "write Math.log(x) / Math.LN2", log10: "write Math.log(x) / Math.LN10",
    fround: "use a Float32Array", hypot: "write Math.sqrt(a * a + b * b)",
    freeze: "leave it out", seal: "leave it out", is: "use ===",
    hasOwn: "write object.hasOwnProperty(name)", UTC: "use Date.parse",
    finally: "give the function to then twice", race: "take the first in your own then",
    allSettled: "catch each before Promise.all", any: "use your own then and catch",
    fromCodePoint: "use fromCharCode", raw: "escape the backslashes",
    flat: "use concat", flatMap: "use map and concat", at: "use an index",
    lastIndexOf: "use a loop from the end", codePointAt: "use charCodeAt",
    findLast: "use a loop from the end", findLastIndex: "use a loop from the end",
    reduceRight: "reverse a copy first", keys: "use Object.keys", values: "use Object.values",
    entries: "use Object.entries", search: "use match or indexOf", matchAll: "use exec in a loop",
    trimStart: "write replace(/^\\s+/, \"\")", trimEnd: "write replace(/\\s+$/, \"\")",
    localeCompare: "use < and >", normalize: "leave it out", toPrecision: "use toFixed",
    BYTES_PER_ELEMENT: "write the number", slice: "use subarray and set",
    once: "use on and removeListener", off: "use removeListener",
};
