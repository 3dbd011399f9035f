// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Which definition every identifier means, and from where on that definition exists. */
import { identifiersOf, isClass, isFunction, nameOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./tree.mjs").Node} Node */
/** @typedef {import("./tree.mjs").Tree} Tree */

/**
 * @typedef {object} Binding A variable, function, class or parameter.
 * @property {string} name
 * @property {"param" | "var" | "let" | "const" | "function" | "class" | "loop"} kind `loop`: `let`
 *   or `const` in the head of a loop.
 * @property {Node} scope The node in which it can be seen.
 * @property {number} from Where it begins to exist on an interpreter that does not hoist.
 * @property {Node} declaration Where it stands: a node of the code that makes it.
 * @property {AnyNode | undefined} value What it is for good: a function, class or initial value;
 *   undefined if it is assigned to again.
 * @property {Reference[]} references
 */

/**
 * @typedef {object} Reference
 * @property {string} name
 * @property {import("acorn").Identifier} node
 * @property {Binding | undefined} binding Undefined for a global of the interpreter.
 */

const SCOPES = new Set([
    "Program", "BlockStatement", "ForStatement", "ForInStatement", "ForOfStatement",
    "SwitchStatement", "CatchClause", "ClassExpression",
]);

export class Scopes {
    /** @param {Tree} tree */
    constructor(tree) {
        this.tree = tree;
        /** @type {Map<Node, Map<string, Binding>>} */
        this._scopes = new Map();
        /** @type {Set<Node>} */
        this._declaring = new Set();
        /** @type {Reference[]} */
        this.references = [];
        /** @type {Map<Node, Binding>} */
        this._meaning = new Map();
        tree.nodes.forEach((node) => this._declareAll(node));
        tree.nodes.forEach((node) => this._refer(node));
    }

    /** @returns {Binding[]} */
    get bindings() {
        return [...this._scopes.values()].flatMap((names) => [...names.values()]);
    }

    /**
     * What an identifier means; undefined for globals and for nodes that are no reference.
     * @param {Node | null | undefined} node
     */
    binding(node) {
        return node ? this._meaning.get(node) : undefined;
    }

    /**
     * What an expression certainly is: the value of a variable that is never changed, or itself.
     * @param {Node | null | undefined} node
     * @returns {AnyNode | undefined}
     */
    valueOf(node) {
        const binding = this.binding(node);
        return binding ? binding.value : /** @type {AnyNode | undefined} */ (node ?? undefined);
    }

    /** @param {AnyNode} node */
    _declareAll(node) {
        if (isFunction(node)) {
            this._declareFunction(node);
        } else if (isClass(node) && node.id) {
            const expression = node.type === "ClassExpression";
            const scope = expression ? node : this._scopeAround(node);
            const from = expression ? node.start : node.end;
            this._declare(node.id, "class", scope, from, node, expression ? node.id : node);
        } else if (node.type === "CatchClause" && node.param) {
            for (const name of identifiersOf(node.param)) {
                this._declare(name, "param", node, node.body.start, undefined);
            }
        } else if (node.type === "VariableDeclaration") {
            this._declareVariables(node);
        }
    }

    /** @param {import("./tree.mjs").FunctionNode} node */
    _declareFunction(node) {
        for (const name of node.params.flatMap(identifiersOf)) {
            this._declare(name, "param", node, node.start, undefined);
        }
        if (node.type === "FunctionDeclaration" && node.id) {
            this._declare(node.id, "function", this._scopeAround(node), node.end, node, node);
        } else if (node.type === "FunctionExpression" && node.id) {
            this._declare(node.id, "function", node, node.start, node);
        }
    }

    /** @param {import("acorn").VariableDeclaration & AnyNode} node */
    _declareVariables(node) {
        const parent = this.tree.parent(node);
        const each = parent?.type === "ForInStatement" || parent?.type === "ForOfStatement"
            ? parent.body.start : undefined;
        const isHead = each !== undefined || parent?.type === "ForStatement";
        const isVar = node.kind === "var";
        const kind = isVar ? "var" : isHead ? "loop" : node.kind === "const" ? "const" : "let";
        const scope = isVar ? this.tree.functionOf(node) : this._scopeAround(node);
        for (const { id, init, end } of node.declarations) {
            for (const name of identifiersOf(id)) {
                this._declare(name, kind, scope, each ?? end, name === id ? init : undefined);
            }
        }
    }

    /**
     * @param {import("acorn").Identifier} id
     * @param {Binding["kind"]} kind
     * @param {Node} scope
     * @param {number} from
     * @param {Node | null | undefined} value
     * @param {Node} [declaration]
     */
    _declare(id, kind, scope, from, value, declaration = id) {
        this._declaring.add(id);
        const names = this._scopes.get(scope) ?? new Map();
        this._scopes.set(scope, names);
        const before = names.get(id.name);
        if (before) {
            before.from = Math.min(before.from, from);
            before.value = undefined;
            return;
        }
        names.set(id.name, {
            name: id.name,
            kind,
            scope,
            from,
            declaration,
            value: /** @type {AnyNode | undefined} */ (value ?? undefined),
            references: [],
        });
    }

    /** @param {AnyNode} node */
    _refer(node) {
        if (node.type !== "Identifier" || this._declaring.has(node)) {
            return;
        }
        const binding = this._find(node);
        const reference = { name: node.name, node, binding };
        this.references.push(reference);
        if (binding) {
            this._meaning.set(node, binding);
            binding.references.push(reference);
            if (this._isWritten(node)) {
                binding.value = undefined;
            }
        }
    }

    /** @param {import("acorn").Identifier} node */
    _find(node) {
        for (const outer of this.tree.around(node)) {
            const found = this._scopes.get(outer)?.get(node.name);
            if (found) {
                return found;
            }
        }
        return undefined;
    }

    /** @param {Node} node */
    _isWritten(node) {
        const parent = this.tree.parent(node);
        return parent?.type === "UpdateExpression"
            || (parent?.type === "AssignmentExpression" && parent.left === node)
            || ((parent?.type === "ForInStatement" || parent?.type === "ForOfStatement")
                && parent.left === node)
            || parent?.type === "ArrayPattern";
    }

    /** @param {Node} node */
    _scopeAround(node) {
        for (const outer of this.tree.around(node)) {
            if (isFunction(outer) || SCOPES.has(outer.type)) {
                return outer;
            }
        }
        return this.tree.program;
    }

    /**
     * Whether a global is only asked for, as in `typeof name`.
     * @param {Reference} reference
     */
    isAskedFor(reference) {
        const parent = this.tree.parent(reference.node);
        return parent?.type === "UnaryExpression" && parent.operator === "typeof"
            && nameOf(parent.argument) === reference.name;
    }
}
