// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Rules on regular expressions and on arguments: what is given to functions that do exist. */
import { globalName, kindOf } from "./kinds.mjs";
import { findRegexpFaults, matchesEmpty } from "./regexp.mjs";
import { isFunction, nameOf, propertyOf, stringOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./scopes.mjs").Scopes} Scopes */
/** @typedef {import("../check.mjs").Report} Report */

/**
 * @param {Scopes} scopes
 * @param {Report} report
 */
export function checkCalls(scopes, report) {
    for (const node of scopes.tree.nodes) {
        if (node.type === "CallExpression" || node.type === "NewExpression") {
            checkCall(scopes, node, report);
        } else if (node.type === "Literal" && node.regex) {
            for (const fault of findRegexpFaults(node.regex.pattern, node.regex.flags)) {
                report(node, "regexp", fault);
            }
        } else if (node.type === "UnaryExpression" && node.operator === "+"
            && !isNumeric(node.argument)) {
            report(node, "number-octal");
        }
    }
}

/**
 * @param {Scopes} scopes
 * @param {(import("acorn").CallExpression | import("acorn").NewExpression) & AnyNode} node
 * @param {Report} report
 */
function checkCall(scopes, node, report) {
    const { callee } = node;
    const [first, second] = node.arguments;
    const name = globalName(scopes, callee);
    if (name === "clearTimeout" || name === "clearInterval") {
        if (!first || nameOf(first) === "undefined" || isVoid(first)) {
            report(node, "clear-timer", `\`${name}\``);
        }
    } else if (name === "RegExp") {
        for (const fault of findRegexpFaults(stringOf(first) ?? "", stringOf(second) ?? "")) {
            report(node, "regexp", fault);
        }
    } else if (name === "Number" && first && !isNumeric(first)) {
        report(node, "number-octal");
    } else if (name === "Error" && second) {
        report(second, "ignored-argument", "the second of Error: assign to its fields");
    } else if (callee.type === "MemberExpression") {
        checkMethodCall(scopes, callee, node.arguments, report);
    }
}

/**
 * @param {Scopes} scopes
 * @param {import("acorn").MemberExpression & AnyNode} callee
 * @param {AnyNode[]} values
 * @param {Report} report
 */
function checkMethodCall(scopes, callee, values, report) {
    const [first, second] = values;
    const method = propertyOf(callee) ?? "";
    const ignored = second && findIgnored(globalName(scopes, callee.object), method, second);
    if (ignored) {
        report(second, "ignored-argument", ignored);
    }
    if (/^(indexOf|includes|match|replace|replaceAll)$/.test(method)) {
        if (first && isLongSearch(scopes, callee, first)) {
            report(callee, "index-of", `\`.${method}\``);
        }
    }
    if (method === "replace" && first && second && isSpecial(scopes, first, second)) {
        report(second, "replacement");
    } else if (method === "split" && first) {
        checkSeparator(scopes, first, report);
    } else if (method === "match" && isGlobal(first)) {
        report(callee, "match-global");
    } else if (method === "subarray" && second && !isClamped(scopes, second)) {
        report(second, "subarray-end");
    }
}

/**
 * Why the second argument of a call has no effect.
 * @param {string | undefined} owner
 * @param {string} method
 * @param {AnyNode} second
 */
function findIgnored(owner, method, second) {
    switch (owner === undefined ? method : `${owner}.${method}`) {
        case "JSON.stringify":
            return isNull(second) ? undefined
                : "the second of JSON.stringify: select the fields before";
        case "JSON.parse":
            return "the second of JSON.parse: change the result";
        case "Object.create":
            return "the second of Object.create: assign the fields";
        case "split":
            return "the second of split: use slice on the result";
        default:
            return undefined;
    }
}

/**
 * Whether a text is searched for another of more than one character.
 * @param {Scopes} scopes
 * @param {import("acorn").MemberExpression & AnyNode} callee
 * @param {AnyNode} sought
 */
function isLongSearch(scopes, callee, sought) {
    const within = kindOf(scopes, callee.object);
    const kind = kindOf(scopes, sought);
    if (within === "array" || within === "typed" || isOneCharacter(scopes, sought)) {
        return false;
    }
    return kind === "string" || (within === "string" && kind === undefined
        && /^(indexOf|includes)$/.test(propertyOf(callee) ?? ""));
}

/**
 * @param {Scopes} scopes
 * @param {AnyNode} node
 */
function isOneCharacter(scopes, node) {
    return stringOf(scopes.valueOf(node))?.length === 1;
}

/**
 * Whether a replacement needs what only other engines know.
 * @param {Scopes} scopes
 * @param {AnyNode} pattern
 * @param {AnyNode} replacement
 */
function isSpecial(scopes, pattern, replacement) {
    const text = stringOf(replacement);
    if (text !== undefined) {
        return /\$[$&`']/.test(text);
    }
    const value = scopes.valueOf(replacement);
    return value !== undefined && isFunction(value) && kindOf(scopes, pattern) === "string";
}

/**
 * @param {Scopes} scopes
 * @param {AnyNode} separator
 * @param {Report} report
 */
function checkSeparator(scopes, separator, report) {
    const value = scopes.valueOf(separator);
    const pattern = value?.type === "Literal" ? value.regex?.pattern : undefined;
    if (pattern !== undefined && matchesEmpty(pattern)) {
        report(separator, "regexp", "split with what matches nothing does not end: use +, not *");
    } else if (pattern?.includes("(")) {
        report(separator, "regexp", "groups of a separator are not among the parts: use exec");
    } else if (kindOf(scopes, separator) === "string" && (stringOf(value)?.length ?? 2) > 1) {
        report(separator, "split-separator");
    }
}

/** @param {AnyNode | undefined} node */
function isGlobal(node) {
    return node?.type === "Literal" && node.regex?.flags.includes("g");
}

/**
 * Whether an end is seen to lie within something's length.
 * @param {Scopes} scopes
 * @param {AnyNode} node
 */
function isClamped(scopes, node) {
    const value = scopes.valueOf(node);
    if (value?.type === "CallExpression" && value.callee.type === "MemberExpression") {
        return nameOf(value.callee.object) === "Math" && propertyOf(value.callee) === "min";
    }
    return value?.type === "MemberExpression" && propertyOf(value) === "length";
}

/**
 * Whether something is no text, so that making a number of it cannot go wrong.
 * @param {AnyNode} node
 */
function isNumeric(node) {
    return node.type === "Literal" && !/^0./.test(stringOf(node) ?? "");
}

/** @param {AnyNode} node */
function isNull(node) {
    return (node.type === "Literal" && node.value === null) || nameOf(node) === "undefined"
        || isVoid(node);
}

/** @param {AnyNode} node */
function isVoid(node) {
    return node.type === "UnaryExpression" && node.operator === "void";
}
