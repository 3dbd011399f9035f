// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Rules on globals and on members of built-in objects. */
import { globalName, kindOf } from "./kinds.mjs";
import {
    BARE_PROTOTYPES, GLOBALS, INSTEAD, MISSING, MISSING_EVERYWHERE, STATICS,
} from "./names.mjs";
import { keyOf, nameOf, propertyOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./scopes.mjs").Scopes} Scopes */
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
        } else if (node.type === "BinaryExpression" && node.operator === "instanceof"
            && globalName(scopes, node.right) === "Error") {
            report(node, "error-class");
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
