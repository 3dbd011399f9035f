// @ts-check
// SPDX-License-Identifier: Apache-2.0
/** Rules that one node and what is around it decide. */
import { isFunction, propertyOf } from "./tree.mjs";

/** @typedef {import("./tree.mjs").AnyNode} AnyNode */
/** @typedef {import("./tree.mjs").Tree} Tree */
/** @typedef {import("./rules.mjs").Rule} Rule */
/** @typedef {import("../check.mjs").Report} Report */

/**
 * @param {Tree} tree
 * @param {Report} report
 */
export function checkSyntax(tree, report) {
    for (const node of tree.nodes) {
        const rule = findRule(tree, node);
        if (rule) {
            report(node, rule);
        }
        if (node.type === "TemplateLiteral") {
            checkTemplate(tree, node, report);
        }
    }
}

/**
 * @param {Tree} tree
 * @param {AnyNode} node
 * @returns {Rule | undefined}
 */
function findRule(tree, node) {
    switch (node.type) {
        case "RestElement":
            return tree.parent(node)?.type === "ObjectPattern" ? "destructuring" : "rest";
        case "SpreadElement":
            return "spread";
        case "AssignmentPattern":
            return isFunction(/** @type {AnyNode} */ (tree.parent(node)))
                ? "default-parameter" : "destructuring";
        case "ObjectPattern":
        case "ArrayPattern":
            return "destructuring";
        case "FunctionDeclaration":
        case "FunctionExpression":
        case "ArrowFunctionExpression":
            return node.generator ? "generator" : node.async ? "async" : undefined;
        case "ChainExpression":
            return "optional-chaining";
        case "BinaryExpression":
            return node.operator === "**" ? "exponent" : wideShift(node.operator, node.right);
        case "AssignmentExpression":
            return assignment(node);
        case "ExpressionStatement":
            return tree.code[node.start] === "/" ? "regexp-statement" : undefined;
        case "UpdateExpression":
            return isLength(node.argument) ? "assign-length" : undefined;
        case "Property":
            return node.computed ? "computed-key" : undefined;
        case "MethodDefinition":
            return node.computed ? "computed-key" : undefined;
        case "LabeledStatement":
            return "label";
        case "SwitchStatement":
            return node.cases.slice(0, -1).some(({ test }) => !test)
                ? "default-before-case" : undefined;
        case "TaggedTemplateExpression":
            return "tagged-template";
        case "MetaProperty":
            return "new-target";
        case "WithStatement":
        case "DebuggerStatement":
            return "statement";
        case "Identifier":
            return identifier(tree, node);
        case "Literal":
            return literal(tree, node);
        default:
            return undefined;
    }
}

/**
 * @param {import("acorn").AssignmentExpression} node
 * @returns {Rule | undefined}
 */
function assignment(node) {
    if (/^(\?\?|\|\||&&)=$/.test(node.operator)) {
        return "logical-assignment";
    }
    if (node.operator === "**=") {
        return "exponent";
    }
    const left = /** @type {AnyNode} */ (node.left);
    return isLength(left) ? "assign-length" : wideShift(node.operator, node.right);
}

/**
 * Our own classes may have a length; arrays, strings and functions are held to have none to set.
 * @param {AnyNode} node
 */
function isLength(node) {
    return node.type === "MemberExpression" && node.object.type !== "ThisExpression"
        && propertyOf(node) === "length";
}

/**
 * @param {string} operator
 * @param {AnyNode} count
 * @returns {Rule | undefined}
 */
function wideShift(operator, count) {
    if (!/^(<<|>>|>>>)=?$/.test(operator)) {
        return undefined;
    }
    if (count.type === "UnaryExpression" && count.operator === "-") {
        return "wide-shift";
    }
    const wide = count.type === "Literal" && typeof count.value === "number" && count.value > 31;
    return wide ? "wide-shift" : undefined;
}

/**
 * @param {Tree} tree
 * @param {import("acorn").Identifier} node
 * @returns {Rule | undefined}
 */
function identifier(tree, node) {
    if (node.name === "of") {
        return "reserved-name";
    }
    const inArrow = tree.functionOf(node).type === "ArrowFunctionExpression";
    return node.name === "arguments" && inArrow ? "arrow-arguments" : undefined;
}

/**
 * @param {Tree} tree
 * @param {import("acorn").Literal} node
 * @returns {Rule | undefined}
 */
function literal(tree, node) {
    const raw = tree.code.slice(node.start, node.end);
    if (node.bigint !== undefined && node.bigint !== null) {
        return "bigint";
    }
    if (typeof node.value === "string" && hasLongEscape(raw)) {
        return "string-escape";
    }
    const text = typeof node.value === "string" ? node.value : "";
    return isBytes(raw, text) ? undefined : "non-latin1";
}

/** @param {string} raw */
function hasLongEscape(raw) {
    return /\\(u\{|\r|\n|\u2028|\u2029)/.test(raw.replace(/\\\\/g, ""));
}

/**
 * Whether a literal is written in ASCII and holds bytes only.
 * @param {string} raw
 * @param {string} text
 */
function isBytes(raw, text) {
    return !/[^\t\r\n -~]/.test(raw) && !/[^\0-\xff]/.test(text);
}

/**
 * @param {Tree} tree
 * @param {import("acorn").TemplateLiteral} node
 * @param {Report} report
 */
function checkTemplate(tree, node, report) {
    for (const part of node.quasis) {
        const raw = tree.code.slice(part.start, part.end);
        if (hasLongEscape(raw)) {
            report(part, "string-escape");
        } else if (/\\\$/.test(raw.replace(/\\\\/g, ""))) {
            report(part, "template-brace");
        } else if (!isBytes(raw, part.value.cooked ?? "")) {
            report(part, "non-latin1");
        }
    }
    const inside = tree.nodes.some((inner) =>
        inner.type === "Literal" && /[{}]/.test(tree.code.slice(inner.start, inner.end))
        && node.expressions.some(({ start, end }) => start <= inner.start && inner.end <= end),
    );
    if (inside) {
        report(node, "template-brace");
    }
}
