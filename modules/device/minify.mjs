// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Makes scripts small without leaving what Espruino can run. */
import { parse } from "acorn";
import { full } from "acorn-walk";
import { minify } from "terser";

/** Private members: named with a leading underscore, used by our own modules only. */
const PRIVATE = /^_[a-z]/;

/** `a`, `b`, … `z`, `aa`, …: short names keep their underscore, so that no program's clash. */
const privateNames = {
    /** @param {number} n */
    get(n) {
        let name = "";
        for (let rest = n; rest >= 0; rest = Math.floor(rest / 26) - 1) {
            name = String.fromCharCode(97 + (rest % 26)) + name;
        }
        return `_${name}`;
    },
};

/** Minifies the modules of one set: private members get the same names in all of them. */
export class Minifier {
    constructor() {
        /** @type {{ props: object | undefined }} */
        this._names = { props: undefined };
    }

    /**
     * @param {string} code
     * @returns {Promise<string>}
     */
    async minify(code) {
        const nameCache = { ...this._names };
        const result = await minify(code, {
            ecma: 5, // no arrow functions made of functions, no `?.`, `**` and the like
            toplevel: true,
            nameCache,
            compress: {
                passes: 3,
                hoist_funs: false,
                hoist_vars: false,
                inline: 1, // more would leave a `var` behind its use
            },
            mangle: {
                reserved: ["of"], // a keyword there
                properties: { regex: PRIVATE, keep_quoted: true, nth_identifier: privateNames },
            },
            format: {
                ascii_only: true, // the file is read as bytes
                comments: false,
                shorthand: true,
            },
        });
        this._names = { props: nameCache.props };
        return guardRegexps(result.code ?? "");
    }
}

/**
 * Lets no statement begin with a regular expression, as terser makes them of `if (/a/.test(b)) …`:
 * after a `}` or `)` Espruino takes the slash for a division.
 * @param {string} code
 */
function guardRegexps(code) {
    /** @type {number[]} */
    const places = [];
    full(parse(code, { ecmaVersion: 2022 }), (node) => {
        if (node.type === "ExpressionStatement" && code[node.start] === "/") places.push(node.start);
    });
    let guarded = code;
    for (const at of places.sort((a, b) => b - a)) {
        const space = /\w/.test(code[at - 1] ?? "") ? " " : "";
        guarded = `${guarded.slice(0, at)}${space}0,${guarded.slice(at)}`;
    }
    return guarded;
}
