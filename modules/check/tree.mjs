// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** A parsed file in the form that the rules need: all nodes, and each one's parent. */
import { fullAncestor } from "acorn-walk";

/** @typedef {import("acorn").AnyNode} AnyNode */
/** @typedef {import("acorn").Node} Node */
/** @typedef {import("acorn").Function & AnyNode} FunctionNode */
/** @typedef {import("acorn").Class & AnyNode} ClassNode */

/** Methods that call the function given to them before they return. */
const SYNCHRONOUS = new Set(
    "forEach map filter some every find findIndex reduce sort replace call apply".split(" "),
);

export class Tree {
    /** @param {import("acorn").Program} program @param {string} code */
    constructor(program, code) {
        this.program = program;
        this.code = code;
        /** @type {AnyNode[]} */
        this.nodes = [];
        /** @type {Map<Node, AnyNode>} */
        this._parents = new Map();
        fullAncestor(program, (node, _state, ancestors) => {
            const parent = ancestors[ancestors.length - 2];
            this.nodes.push(node);
            if (parent) {
                this._parents.set(node, parent);
            }
        });
    }

    /** @param {Node} node */
    parent(node) {
        return this._parents.get(node);
    }

    /**
     * The nodes around a node, the nearest first.
     * @param {Node} node
     */
    *around(node) {
        for (let outer = this.parent(node); outer; outer = this.parent(outer)) {
            yield outer;
        }
    }

    /**
     * The function in whose body or parameters a node is, or the program.
     * @param {Node} node
     * @returns {AnyNode}
     */
    functionOf(node) {
        for (const outer of this.around(node)) {
            if (isFunction(outer)) {
                return outer;
            }
        }
        return this.program;
    }

    /**
     * Whether a function runs where it stands: it is called at once, or handed to something that
     * calls it before returning.
     * @param {Node} node
     */
    runsInPlace(node) {
        const parent = this.parent(node);
        if (parent?.type === "NewExpression") {
            return nameOf(parent.callee) === "Promise";
        }
        if (parent?.type === "MemberExpression" && parent.object === node) {
            const call = this.parent(parent);
            return call?.type === "CallExpression" && SYNCHRONOUS.has(propertyOf(parent) ?? "");
        }
        if (parent?.type !== "CallExpression") {
            return false;
        }
        const callee = parent.callee;
        return callee === node
            || (callee.type === "MemberExpression" && SYNCHRONOUS.has(propertyOf(callee) ?? ""));
    }

    /**
     * The function whose run a node is part of: functions that run where they stand are passed.
     * @param {Node} node
     */
    runOf(node) {
        let run = this.functionOf(node);
        while (isFunction(run) && this.runsInPlace(run)) {
            run = this.functionOf(run);
        }
        return run;
    }
}

/**
 * @param {AnyNode} node
 * @returns {node is FunctionNode}
 */
export function isFunction(node) {
    return node.type === "FunctionDeclaration" || node.type === "FunctionExpression"
        || node.type === "ArrowFunctionExpression";
}

/**
 * @param {AnyNode} node
 * @returns {node is ClassNode}
 */
export function isClass(node) {
    return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

/**
 * The name of an identifier, or undefined for any other node.
 * @param {Node | null | undefined} node
 */
export function nameOf(node) {
    const any = /** @type {AnyNode | null | undefined} */ (node);
    return any?.type === "Identifier" ? any.name : undefined;
}

/**
 * The property that a member expression names; undefined if it is computed at run time.
 * @param {import("acorn").MemberExpression} node
 */
export function propertyOf(node) {
    if (!node.computed) {
        return nameOf(node.property);
    }
    return stringOf(node.property);
}

/**
 * The name of a property or class member, or undefined if it is computed or private.
 * @param {{ key: Node, computed: boolean }} member
 */
export function keyOf(member) {
    if (member.computed) {
        return undefined;
    }
    return nameOf(member.key) ?? stringOf(member.key);
}

/**
 * The value of a string literal, or undefined for any other node.
 * @param {Node | null | undefined} node
 */
export function stringOf(node) {
    const any = /** @type {AnyNode | null | undefined} */ (node);
    return any?.type === "Literal" && typeof any.value === "string" ? any.value : undefined;
}

/**
 * All identifiers that a pattern declares or assigns.
 * @param {Node} node
 * @returns {import("acorn").Identifier[]}
 */
export function identifiersOf(node) {
    const pattern = /** @type {AnyNode} */ (node);
    switch (pattern.type) {
        case "Identifier":
            return [pattern];
        case "AssignmentPattern":
            return identifiersOf(pattern.left);
        case "RestElement":
            return identifiersOf(pattern.argument);
        case "ArrayPattern":
            return pattern.elements.flatMap((element) => (element ? identifiersOf(element) : []));
        case "ObjectPattern":
            return pattern.properties.flatMap((property) =>
                identifiersOf(property.type === "Property" ? property.value : property),
            );
        default:
            return [];
    }
}
