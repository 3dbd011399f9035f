// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** What a reader of the text can tell of values. */
import { TYPED_ARRAYS } from "./names.mjs";
import { nameOf, propertyOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./tree.mjs").Node} Node */
/** @typedef {import("./scopes.mjs").Scopes} Scopes */
/** @typedef {import("./names.mjs").Kind} Kind */

/**
 * The name of a global of the interpreter, or undefined.
 * @param {Scopes} scopes
 * @param {Node} node
 */
export function globalName(scopes, node) {
    return scopes.binding(node) ? undefined : nameOf(node);
}

/**
 * What kind of value an expression gives, as far as it can be seen.
 * @param {Scopes} scopes
 * @param {Node} node
 * @param {number} [depth] Ends searches that go in circles.
 * @returns {Kind | undefined}
 */
export function kindOf(scopes, node, depth = 0) {
    const value = scopes.valueOf(node);
    if (!value || depth > 9) {
        return undefined;
    }
    switch (value.type) {
        case "ArrayExpression":
            return "array";
        case "TemplateLiteral":
            return "string";
        case "Literal":
            return value.regex ? "regexp" : typeof value.value === "string" ? "string"
                : typeof value.value === "number" ? "number" : undefined;
        case "BinaryExpression":
            return value.operator === "+"
                && [value.left, value.right].some((side) =>
                    kindOf(scopes, side, depth + 1) === "string")
                ? "string" : undefined;
        case "NewExpression":
            return kindOfNew(globalName(scopes, value.callee) ?? "");
        case "CallExpression":
            return kindOfCall(scopes, value, depth + 1);
        default:
            return undefined;
    }
}

/**
 * @param {string} name
 * @returns {Kind | undefined}
 */
function kindOfNew(name) {
    if (TYPED_ARRAYS.has(name)) {
        return "typed";
    }
    return name === "Array" ? "array" : name === "ArrayBuffer" ? "buffer"
        : name === "Promise" ? "promise" : name === "RegExp" ? "regexp" : undefined;
}

/**
 * @param {Scopes} scopes
 * @param {import("acorn").CallExpression & AnyNode} node
 * @param {number} depth
 * @returns {Kind | undefined}
 */
function kindOfCall(scopes, node, depth) {
    if (node.callee.type !== "MemberExpression") {
        return undefined;
    }
    const name = propertyOf(node.callee) ?? "";
    const owner = globalName(scopes, node.callee.object);
    if (owner === "Object") {
        return /^(keys|values|entries)$/.test(name) ? "array" : undefined;
    }
    if (owner === "Promise") {
        return "promise";
    }
    if (owner === "String" && name === "fromCharCode") {
        return "string";
    }
    if (/^(toString|substr|substring|trim|to(Lower|Upper)Case|join|charAt|repeat)$/.test(name)) {
        return "string";
    }
    if (/^(split|match)$/.test(name)) {
        return "array";
    }
    if (name === "subarray") {
        return "typed";
    }
    const of = kindOf(scopes, node.callee.object, depth);
    if (/^(concat|slice|filter|map|sort|reverse|fill|then|catch)$/.test(name)) {
        return of === "typed" && /^(slice|filter)$/.test(name) ? "array" : of;
    }
    return undefined;
}
