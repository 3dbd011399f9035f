// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * Finds what Espruino cannot run in a JavaScript file, before a board does.
 *
 *     node modules/check.mjs FILE…
 *
 * The rules stand in check/rules.mjs. They are on the safe side: code that only might misbehave is
 * refused. What a reader of the text cannot see (the type of most values, `fn.name`) they leave.
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { getLineInfo, parse } from "acorn";
import { checkBuiltins } from "./check/builtins.mjs";
import { checkCalls } from "./check/calls.mjs";
import { checkClasses } from "./check/classes.mjs";
import { checkOrder } from "./check/order.mjs";
import { RULES } from "./check/rules.mjs";
import { Scopes } from "./check/scopes.mjs";
import { checkSyntax } from "./check/syntax.mjs";
import { Tree } from "./check/tree.mjs";

export { RULES };

/** @typedef {import("./check/rules.mjs").Rule} Rule */

/**
 * @typedef {object} Finding
 * @property {Rule} rule
 * @property {string} message What was found, why it does not work, and what to write instead.
 * @property {number} line From 1.
 * @property {number} column From 1.
 * @property {string} excerpt The code there, at most 60 characters.
 */

/**
 * @callback Report
 * @param {import("acorn").Node} node Where.
 * @param {Rule} rule
 * @param {string} [detail] What in particular.
 * @returns {void}
 */

/**
 * Checks a script: a device module as it is sent to a board.
 * @param {string} code
 * @returns {Finding[]} In the order of the code; empty if all is well.
 */
export function check(code) {
    /** @type {import("acorn").Program} */
    let program;
    try {
        program = parse(code, { ecmaVersion: "latest", sourceType: "script" });
    } catch (error) {
        const { pos, message } = /** @type {{ pos: number, message: string }} */ (error);
        return [describe(code, pos, pos + 1, "syntax", message)];
    }
    /** @type {Map<string, { start: number, finding: Finding }>} */
    const found = new Map();
    /** @type {Report} */
    const report = ({ start, end }, rule, detail) => {
        const finding = describe(code, start, end, rule, detail);
        found.set(`${start} ${finding.message}`, { start, finding });
    };
    const tree = new Tree(program, code);
    const scopes = new Scopes(tree);
    checkSyntax(tree, report);
    checkClasses(tree, scopes, report);
    checkOrder(scopes, report);
    checkBuiltins(scopes, report);
    checkCalls(scopes, report);
    return [...found.values()].sort((a, b) => a.start - b.start).map(({ finding }) => finding);
}

/**
 * @param {string} code
 * @param {number} start
 * @param {number} end
 * @param {Rule} rule
 * @param {string} [detail]
 * @returns {Finding}
 */
function describe(code, start, end, rule, detail) {
    const { line, column } = getLineInfo(code, start);
    const text = code.slice(start, Math.min(end, start + 60)).replace(/\s+/g, " ");
    const message = detail === undefined ? RULES[rule] : `${RULES[rule]} (${detail})`;
    return { rule, message, line, column: column + 1, excerpt: text };
}

/**
 * A finding for people, in the form that editors follow to the place.
 * @param {string} place `file:line:column`
 * @param {Finding} finding
 */
export function format(place, { rule, message, excerpt }) {
    return `${place}: ${rule}: ${message}\n    ${excerpt}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
    const lines = process.argv.slice(2).flatMap((file) =>
        check(readFileSync(file, "utf8")).map((finding) =>
            format(`${file}:${finding.line}:${finding.column}`, finding),
        ),
    );
    lines.forEach((line) => console.error(line));
    process.exitCode = lines.length > 0 ? 1 : 0;
}
