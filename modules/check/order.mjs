// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Rules on when things exist: nothing is hoisted, and loops have one variable for all turns. */
import { isClass, isFunction, propertyOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./scopes.mjs").Binding} Binding */
/** @typedef {import("./scopes.mjs").Reference} Reference */
/** @typedef {import("./scopes.mjs").Scopes} Scopes */
/** @typedef {import("../check.mjs").Report} Report */

/**
 * @param {Scopes} scopes
 * @param {Report} report
 */
export function checkOrder(scopes, report) {
    const { tree } = scopes;
    for (const { node, binding, name } of scopes.references) {
        const sameRun = binding && tree.runOf(node) === tree.runOf(binding.declaration);
        if (sameRun && node.start < binding.from) {
            report(node, "use-before-define", `\`${name}\``);
        } else if (binding?.kind === "loop" && !sameRun) {
            report(node, "loop-closure", `\`${name}\``);
        }
    }
    checkCalls(scopes, report);
    for (const binding of scopes.bindings.filter(({ kind }) => kind === "var")) {
        checkRegion(scopes, binding, report);
    }
}

/**
 * Calls of functions that need something which is defined only after the call.
 * @param {Scopes} scopes
 * @param {Report} report
 */
function checkCalls(scopes, report) {
    const { tree } = scopes;
    const needs = new Needs(scopes);
    for (const node of tree.nodes) {
        const run = tree.runOf(node);
        for (const called of needs.calledBy(node)) {
            const late = needs.of(called).find(({ binding }) =>
                binding && tree.runOf(binding.declaration) === run && node.start < binding.from,
            );
            if (late) {
                report(node, "use-before-define", `this call needs \`${late.name}\``);
            }
        }
    }
}

/** What functions refer to when they are called, and when the functions that they call are. */
class Needs {
    /** @param {Scopes} scopes */
    constructor(scopes) {
        this._scopes = scopes;
        const { tree } = scopes;
        this._references = groupBy(scopes.references, ({ node }) => tree.runOf(node));
        this._nodes = groupBy(tree.nodes, (node) => tree.runOf(node));
    }

    /**
     * What has to exist when a function is called, except what it makes itself.
     * @param {AnyNode} called
     * @returns {Reference[]}
     */
    of(called) {
        /** @type {Set<AnyNode>} */
        const runs = new Set();
        this._collect(called, runs);
        const { tree } = this._scopes;
        return [...runs].flatMap((run) => this._references.get(run) ?? [])
            .filter(({ binding }) => binding && !runs.has(tree.runOf(binding.declaration)));
    }

    /**
     * @param {AnyNode} run
     * @param {Set<AnyNode>} runs Gets the function and all that it calls.
     */
    _collect(run, runs) {
        if (runs.has(run)) {
            return;
        }
        runs.add(run);
        for (const called of (this._nodes.get(run) ?? []).flatMap((node) => this.calledBy(node))) {
            this._collect(called, runs);
        }
    }

    /**
     * The functions that a node calls, as far as they are known by name.
     * @param {AnyNode} node
     * @returns {AnyNode[]}
     */
    calledBy(node) {
        if (node.type !== "CallExpression" && node.type !== "NewExpression") {
            return [];
        }
        const { callee } = node;
        const method = callee.type === "MemberExpression" ? propertyOf(callee) : undefined;
        const handed = /^(forEach|map|filter|some|every|find|findIndex|reduce|sort|replace)$/;
        const called = method !== undefined && handed.test(method) ? node.arguments : [callee];
        return called.flatMap((name) => {
            const value = name.type === "Identifier" ? this._scopes.valueOf(name) : undefined;
            return value ? this._bodies(value, new Set()) : [];
        });
    }

    /**
     * The functions that calling a value runs: itself, or the constructors of a class.
     * @param {AnyNode} value
     * @param {Set<AnyNode>} seen
     * @returns {AnyNode[]}
     */
    _bodies(value, seen) {
        if (isFunction(value)) {
            return [value];
        }
        if (!isClass(value) || seen.has(value)) {
            return [];
        }
        seen.add(value);
        const base = this._scopes.valueOf(value.superClass);
        const inherited = base ? this._bodies(base, seen) : [];
        const own = value.body.body.flatMap((member) =>
            member.type === "MethodDefinition" && member.kind === "constructor"
                ? [member.value] : [],
        );
        return [...own, ...inherited];
    }
}

/**
 * A `var` that may never have been reached where it is used.
 * @param {Scopes} scopes
 * @param {Binding} binding
 * @param {Report} report
 */
function checkRegion({ tree }, binding, report) {
    /** @type {AnyNode} */
    let inner = /** @type {AnyNode} */ (binding.declaration);
    for (const outer of tree.around(binding.declaration)) {
        if (isFunction(outer)) {
            return;
        }
        if (isConditional(outer, inner)) {
            break;
        }
        inner = outer;
    }
    const outside = binding.references.find(
        ({ node }) => node.start < inner.start || node.end > inner.end,
    );
    if (outside) {
        report(outside.node, "var-in-block", `\`${binding.name}\``);
    }
}

/**
 * Whether a part of a statement may be left out when the statement is executed.
 * @param {AnyNode} statement
 * @param {AnyNode} part
 */
function isConditional(statement, part) {
    switch (statement.type) {
        case "IfStatement":
            return part !== statement.test;
        case "ForStatement":
        case "ForInStatement":
        case "ForOfStatement":
        case "WhileStatement":
            return part === statement.body;
        case "SwitchCase":
            return true;
        case "TryStatement":
            return part !== statement.finalizer;
        default:
            return false;
    }
}

/**
 * @template K, V
 * @param {V[]} values
 * @param {(value: V) => K} key
 */
function groupBy(values, key) {
    /** @type {Map<K, V[]>} */
    const groups = new Map();
    for (const value of values) {
        const group = groups.get(key(value));
        if (group) {
            group.push(value);
        } else {
            groups.set(key(value), [value]);
        }
    }
    return groups;
}
