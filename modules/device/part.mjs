// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Calls of functions that are loaded for one call: the parts of bundle.mjs. */

/** Marks a file of a part, as something that is no path: `etls-part:NAME:FILE`. */
export const PART = "etls-part:";

/**
 * Loads a part and forgets it: its functions go as soon as nothing refers to them any more. On one
 * line, so that no place in the code moves.
 */
const LOADER =
    "var part = function (name) { var loaded = require(name); Modules.removeCached(name); return loaded; };";

/** What rollup writes for `import { f } from` a part, and the name that it calls f by. */
const REQUIRED = /^(?:var|const) (\w+) = require\(['"]etls-part:([^:'"]+):[^'"]*['"]\);$/gm;

/**
 * Turns `var setup = require("etls-part:tls-setup:…"); … setup.f(1)` into `part("tls-setup").f(1)`.
 * @param {string} code
 * @returns {string}
 */
export function callParts(code) {
    /** @type {Map<string, string>} */
    const parts = new Map();
    const rest = code.replace(REQUIRED, (_, name, part) => {
        const loader = parts.size === 0 ? LOADER : "";
        parts.set(name, part);
        return loader;
    });
    if (rest.includes(PART)) {
        throw new Error("a part is required in a form that is not known here");
    }
    if (parts.size === 0) {
        return rest;
    }
    const uses = new RegExp(`(?<![\\w$.])(${[...parts.keys()].join("|")})\\.`, "g");
    return rest.replace(uses, (_, name) => `part("${parts.get(name)}").`);
}
