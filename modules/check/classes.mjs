// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Rules on classes, and on `super`. */
import { isClass, isFunction, keyOf, nameOf, propertyOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./tree.mjs").ClassNode} ClassNode */
/** @typedef {import("./tree.mjs").Tree} Tree */
/** @typedef {import("./scopes.mjs").Scopes} Scopes */
/** @typedef {import("../check.mjs").Report} Report */

const RESERVED = new Set(
    ("if else do while for break continue function return var let const this throw try catch"
        + " finally true false null undefined new in instanceof switch case default delete typeof"
        + " void debugger class extends super static of").split(" "),
);

/**
 * @param {Tree} tree
 * @param {Scopes} scopes
 * @param {Report} report
 */
export function checkClasses(tree, scopes, report) {
    for (const node of tree.nodes) {
        if (isClass(node)) {
            checkBase(scopes, node, report);
            checkMembers(tree, node, report);
        } else if (node.type === "Super") {
            checkSuper(tree, node, report);
        } else if (node.type === "Property" && node.kind !== "init" && !isPlainName(node)) {
            report(node, "class-member", `\`${node.kind} ${keyOf(node)}\``);
        } else if (node.type === "MemberExpression") {
            if (node.property.type === "PrivateIdentifier") {
                report(node.property, "private-name");
            }
            checkStatic(scopes, node, report);
        }
    }
}

/**
 * @param {Scopes} scopes
 * @param {ClassNode} node
 * @param {Report} report
 */
function checkBase(scopes, node, report) {
    if (!node.superClass) {
        return;
    }
    const name = nameOf(node.superClass);
    const base = scopes.valueOf(node.superClass);
    if (name === undefined) {
        report(node.superClass, "extends-expression");
    } else if (name !== "Object" && !scopes.binding(node.superClass)) {
        report(node.superClass, "extends-builtin", `\`${name}\``);
    } else if (base && isFunction(base)) {
        report(node.superClass, "extends-function", `\`${name}\``);
    } else if (base && isClass(base)) {
        const call = findSuperMethod(scopes.tree, base);
        if (call) {
            report(call, "super-chain", `\`${name}\` is extended`);
        }
    }
}

/**
 * A `super.something` in a method of a class.
 * @param {Tree} tree
 * @param {ClassNode} node
 */
function findSuperMethod(tree, node) {
    return tree.nodes.find((inner) =>
        inner.type === "Super" && tree.parent(inner)?.type === "MemberExpression"
        && [...tree.around(inner)].find(isClass) === node,
    );
}

/**
 * @param {Tree} tree
 * @param {ClassNode} node
 * @param {Report} report
 */
function checkMembers(tree, node, report) {
    const [first] = node.body.body;
    const start = first ? first.start : node.body.end;
    if (tree.code.slice(node.body.start, start).includes(";")) {
        report(node.body, "class-member", "a semicolon before the first");
    }
    for (const member of node.body.body) {
        if (member.type !== "MethodDefinition") {
            report(member, "class-field");
        } else if (member.key.type === "PrivateIdentifier") {
            report(member.key, "private-name");
        } else if (!member.computed && !isPlainName(member)) {
            report(member, "class-member", `\`${keyOf(member)}\``);
        }
    }
}

/** @param {{ key: import("acorn").Node }} member */
function isPlainName(member) {
    const name = nameOf(member.key);
    return name !== undefined && !RESERVED.has(name);
}

/**
 * @param {Tree} tree
 * @param {AnyNode} node
 * @param {Report} report
 */
function checkSuper(tree, node, report) {
    const method = tree.functionOf(node);
    if (method.type === "ArrowFunctionExpression") {
        report(node, "super-arrow");
    } else if (tree.parent(method)?.type === "Property") {
        report(node, "super-object");
    }
}

/**
 * A static member that only a base class has.
 * @param {Scopes} scopes
 * @param {import("acorn").MemberExpression & AnyNode} node
 * @param {Report} report
 */
function checkStatic(scopes, node, report) {
    const name = propertyOf(node);
    const owner = nameOf(node.object) === undefined ? undefined : scopes.valueOf(node.object);
    if (name === undefined || !owner || !isClass(owner) || hasStatic(owner, name)) {
        return;
    }
    /** @type {Set<AnyNode>} */
    const seen = new Set();
    for (let base = scopes.valueOf(owner.superClass); base && isClass(base) && !seen.has(base);) {
        if (hasStatic(base, name)) {
            report(node, "static-inheritance", `\`${name}\``);
            return;
        }
        seen.add(base);
        base = scopes.valueOf(base.superClass);
    }
}

/**
 * @param {ClassNode} node
 * @param {string} name
 */
function hasStatic(node, name) {
    return node.body.body.some((member) =>
        member.type === "MethodDefinition" && member.static && keyOf(member) === name,
    );
}
