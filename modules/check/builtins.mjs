// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Rules on globals, on members of built-in objects, and on arguments that do not work. */
import { findRegexpFaults } from "./regexp.mjs";
import {
    BARE_PROTOTYPES, GLOBALS, INSTEAD, MISSING, MISSING_EVERYWHERE, STATICS, TYPED_ARRAYS,
} from "./names.mjs";
import { isFunction, keyOf, nameOf, propertyOf, stringOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./tree.mjs").Node} Node */
/** @typedef {import("./scopes.mjs").Scopes} Scopes */
/** @typedef {import("./names.mjs").Kind} Kind */
/** @typedef {import("../check.mjs").Report} Report */

/**
 * @param {Scopes} scopes
 * @param {Report} report
 */
export function checkBuiltins(scopes, report) {
    for (const reference of scopes.references) {
        const { name, node, binding } = reference;
        if (!binding && !GLOBALS.has(name) && !scopes.isAskedFor(reference) && name !== "of") {
            report(node, "unknown-global", withAdvice(name, name));
        }
    }
    const own = findOwnNames(scopes);
    for (const node of scopes.tree.nodes) {
        if (node.type === "MemberExpression") {
            checkMember(scopes, own, node, report);
        } else if (node.type === "CallExpression" || node.type === "NewExpression") {
            checkCall(scopes, node, report);
        } else if (node.type === "BinaryExpression" && node.operator === "instanceof") {
            if (globalName(scopes, node.right) === "Error") {
                report(node, "error-class");
            }
        } else if (node.type === "Literal" && node.regex) {
            for (const fault of findRegexpFaults(node.regex.pattern, node.regex.flags)) {
                report(node, "regexp", fault);
            }
        }
    }
}

/**
 * @param {string} shown
 * @param {string} name
 */
function withAdvice(shown, name) {
    const advice = Object.hasOwn(INSTEAD, name) ? `, ${INSTEAD[name]}` : "";
    return `\`${shown}\`${advice}`;
}

/**
 * Names of methods and fields that the file defines itself.
 * @param {Scopes} scopes
 */
function findOwnNames({ tree }) {
    /** @type {Set<string | undefined>} */
    const names = new Set();
    for (const node of tree.nodes) {
        if (node.type === "MethodDefinition" || node.type === "Property") {
            names.add(keyOf(node));
        } else if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
            names.add(propertyOf(node.left));
        }
    }
    return names;
}

/**
 * @param {Scopes} scopes
 * @param {Set<string | undefined>} own
 * @param {import("acorn").MemberExpression & AnyNode} node
 * @param {Report} report
 */
function checkMember(scopes, own, node, report) {
    const name = propertyOf(node);
    if (name === undefined) {
        return;
    }
    const owner = globalName(scopes, node.object);
    const statics = owner !== undefined && Object.hasOwn(STATICS, owner) ? STATICS[owner] : null;
    if (statics) {
        if (!statics.has(name)) {
            report(node, "missing-static", withAdvice(`${owner}.${name}`, name));
        }
        return;
    }
    if (checkPrototype(scopes, node, report)) {
        return;
    }
    const kind = kindOf(scopes, node.object);
    if (kind === "typed" && /^(slice|filter)$/.test(name)) {
        report(node, "typed-array-copy", `\`.${name}\``);
    } else if (kind ? MISSING[kind].includes(name) : isMissing(scopes, own, node, name)) {
        report(node, "missing-method", withAdvice(`.${name}`, name));
    }
}

/**
 * @param {Scopes} scopes
 * @param {import("acorn").MemberExpression & AnyNode} node
 * @param {Report} report
 */
function checkPrototype(scopes, node, report) {
    const { object } = node;
    if (object.type !== "MemberExpression" || propertyOf(object) !== "prototype") {
        return false;
    }
    const owner = globalName(scopes, object.object);
    const bare = owner !== undefined && BARE_PROTOTYPES.has(owner);
    if (bare) {
        report(node, "prototype-method", `\`${owner}.prototype.${propertyOf(node)}\``);
    }
    return bare;
}

/**
 * Of a value that could be anything: a method that no built-in object has, that the file does not
 * define, and that is not a module's.
 * @param {Scopes} scopes
 * @param {Set<string | undefined>} own
 * @param {import("acorn").MemberExpression & AnyNode} node
 * @param {string} name
 */
function isMissing(scopes, own, node, name) {
    const parent = scopes.tree.parent(node);
    const used = name === "BYTES_PER_ELEMENT"
        || (parent?.type === "CallExpression" && parent.callee === node);
    const object = scopes.valueOf(node.object);
    const ofModule = object?.type === "CallExpression" && nameOf(object.callee) === "require";
    return used && MISSING_EVERYWHERE.has(name) && !own.has(name) && !ofModule;
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
    const owner = globalName(scopes, callee.object);
    const name = owner === undefined ? `.${propertyOf(callee)}` : `${owner}.${propertyOf(callee)}`;
    if (name === "JSON.stringify" && second && !isNull(second)) {
        report(second, "ignored-argument", "the second of JSON.stringify: select the fields before");
    } else if (name === "JSON.parse" && second) {
        report(second, "ignored-argument", "the second of JSON.parse: change the result");
    } else if (name === "Object.create" && second) {
        report(second, "ignored-argument", "the second of Object.create: assign the fields");
    } else if (name === ".split" && second) {
        report(second, "ignored-argument", "the second of split: use slice on the result");
    } else if (name === ".replace" && first && second) {
        const text = stringOf(second);
        const toFunction = second.type !== "Identifier" ? second : scopes.valueOf(second);
        if (text !== undefined && /\$[$&`']/.test(text)) {
            report(second, "replacement");
        } else if (toFunction && isFunction(toFunction) && kindOf(scopes, first) === "string") {
            report(second, "replacement");
        }
    }
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

/**
 * The name of a global of the interpreter, or undefined.
 * @param {Scopes} scopes
 * @param {Node} node
 */
function globalName(scopes, node) {
    return scopes.binding(node) ? undefined : nameOf(node);
}

/**
 * What kind of value an expression gives, as far as it can be seen.
 * @param {Scopes} scopes
 * @param {Node} node
 * @param {number} [depth] Ends searches that go in circles.
 * @returns {Kind | undefined}
 */
function kindOf(scopes, node, depth = 0) {
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
    if (/^(toString|substr|substring|trim|toLowerCase|toUpperCase|join|charAt|repeat)$/.test(name)) {
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
