/** When functions and variables begin to exist. */
import { pair } from "./pair.ts";
import type { Sample } from "./pair.ts";

export const orderSamples: Sample[] = [
    pair(
        "use-before-define",
        "exports.result = f(); function f() { return 1; }",
        "function f() { return 1; } exports.result = f();",
    ),
    pair(
        "use-before-define",
        "exports.f = f; function f() { return 1; } exports.result = typeof exports.f;",
        "function f() { return 1; } exports.f = f; exports.result = typeof exports.f;",
    ),
    pair(
        "use-before-define",
        "exports.result = (function () { return f(); function f() { return 1; } })();",
        "exports.result = (function () { function f() { return 1; } return f(); })();",
    ),
    pair(
        "use-before-define",
        "var v = 1; (function () { v = 2; var v; })(); exports.result = v;",
        "var v = 1; (function () { var v; v = 2; })(); exports.result = v;",
    ),
    pair(
        "use-before-define",
        "var g = function () { return h(); }; exports.result = g(); function h() { return 1; }",
        "var g = function () { return h(); }; function h() { return 1; } exports.result = g();",
    ),
    pair(
        "use-before-define",
        "class B { constructor() { this.n = n(); } } exports.result = new B().n;" +
            "function n() { return 1; }",
        "class B { constructor() { this.n = n(); } } function n() { return 1; }" +
            "exports.result = new B().n;",
    ),
    pair(
        "use-before-define",
        "exports.result = [1].map(function (x) { return f(x); }); function f(x) { return x; }",
        "function f(x) { return x; } exports.result = [1].map(function (x) { return f(x); });",
    ),
    pair(
        "var-in-block",
        "exports.result = (function (x) { if (x) { var v = 1; } return v === undefined; })(0);",
        "exports.result = (function (x) { var v; if (x) { v = 1; } return v === undefined; })(0);",
    ),
    pair(
        "loop-closure",
        "var f = []; for (let i = 0; i < 3; i++) f.push(function () { return i; });" +
            "exports.result = f.map(function (g) { return g(); });",
        "var f = []; for (let i = 0; i < 3; i++) { const j = i; f.push(() => j); }" +
            "exports.result = f.map(function (g) { return g(); });",
    ),
    pair(
        "loop-closure",
        "var f = []; for (const i of [5, 6]) f.push(() => i);" +
            "exports.result = f.map(function (g) { return g(); });",
        "var f = []; [5, 6].forEach(function (i) { f.push(() => i); });" +
            "exports.result = f.map(function (g) { return g(); });",
    ),
    pair(
        "loop-closure",
        "var f = []; for (const k in { a: 1, b: 2 }) f.push(() => k);" +
            "exports.result = f.map(function (g) { return g(); });",
        "var f = []; for (const k in { a: 1, b: 2 }) { const n = k; f.push(() => n); }" +
            "exports.result = f.map(function (g) { return g(); });",
    ),
];
