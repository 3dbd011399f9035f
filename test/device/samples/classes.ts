/** Classes and `super`. */
import { pair } from "./pair.ts";
import type { Sample } from "./pair.ts";

export const classSamples: Sample[] = [
    pair(
        "class-field",
        "class A { x = []; } new A().x.push(1); exports.result = new A().x.length;",
        "class A { constructor() { this.x = []; } } new A().x.push(1);" +
            "exports.result = new A().x.length;",
    ),
    pair(
        "class-field",
        "class A { static { exports.result = 1; } }",
        "class A { } exports.result = 1;",
    ),
    pair(
        "private-name",
        "class A { #f() { return 1; } g() { return this.#f(); } } exports.result = new A().g();",
        "class A { _f() { return 1; } g() { return this._f(); } } exports.result = new A().g();",
    ),
    pair(
        "class-member",
        "class A { delete() { return 1; } } exports.result = new A().delete();",
        "class A { remove() { return 1; } } exports.result = new A().remove();",
    ),
    pair(
        "class-member",
        'class A { "f"() { return 1; } } exports.result = new A().f();',
        "class A { f() { return 1; } } exports.result = new A().f();",
    ),
    pair(
        "class-member",
        "class A { ; f() { return 1; } } exports.result = new A().f();",
        "class A { f() { return 1; } } exports.result = new A().f();",
    ),
    pair(
        "class-member",
        "var o = { get delete() { return 1; } }; exports.result = o.delete;",
        "var o = { delete() { return 1; } }; exports.result = o.delete();",
    ),
    pair(
        "computed-key",
        'var k = "f"; class A { [k]() { return 1; } } exports.result = new A().f();',
        'var k = "f"; class A { } A.prototype[k] = function () { return 1; };' +
            "exports.result = new A().f();",
    ),
    pair(
        "static-inheritance",
        "class A { static f() { return 1; } } class B extends A { } exports.result = B.f();",
        "class A { static f() { return 1; } } class B extends A { } exports.result = A.f();",
    ),
    pair(
        "super-arrow",
        "class A { f() { return 1; } } class B extends A { f() { return (() => super.f())(); } }" +
            "exports.result = new B().f();",
        "class A { f() { return 1; } } class B extends A { f() { var n = super.f();" +
            "return (() => n)(); } } exports.result = new B().f();",
    ),
    pair(
        "super-chain",
        "class A { f() { return 1; } } class B extends A { f() { return super.f() + 1; } }" +
            "class C extends B { f() { return super.f() + 1; } } exports.result = new C().f();",
        "class A { f() { return 1; } }" +
            "class B extends A { f() { return A.prototype.f.call(this) + 1; } }" +
            "class C extends B { f() { return super.f() + 1; } } exports.result = new C().f();",
    ),
    pair(
        "super-chain",
        "class A { f() { return 1; } } class B extends A { f() { return super.f() + 1; } }" +
            "class C extends B { } exports.result = new C().f();",
        "class A { f() { return 1; } } class B extends A { f() { return super.f() + 1; } }" +
            "exports.result = new B().f();",
    ),
    pair(
        "super-object",
        "var p = { f() { return 1; } }; var o = { __proto__: p, f() { return super.f() + 1; } };" +
            "exports.result = o.f();",
        "var p = { f() { return 1; } }; var o = { __proto__: p, f() { return p.f() + 1; } };" +
            "exports.result = o.f();",
    ),
    pair(
        "extends-builtin",
        'class A extends Error { } exports.result = new A("hi").message;',
        'var make = function (m) { var e = new Error(m); e.code = 1; return e; };' +
            'exports.result = make("hi").message;',
    ),
    pair(
        "extends-builtin",
        "class A extends Array { } var a = new A(); a.push(1); exports.result = a.length;",
        "class A { constructor() { this.a = []; } } var a = new A(); a.a.push(1);" +
            "exports.result = a.a.length;",
    ),
    pair(
        "extends-expression",
        "class A { f() { return 1; } } var o = { A }; class B extends o.A { }" +
            "exports.result = new B().f();",
        "class A { f() { return 1; } } var o = { A }; var C = o.A; class B extends C { }" +
            "exports.result = new B().f();",
    ),
    pair(
        "extends-function",
        "var P = function () { this.x = 1; }; class A extends P { constructor() { super(); } }" +
            "exports.result = new A().x;",
        "class P { constructor() { this.x = 1; } }" +
            "class A extends P { constructor() { super(); } } exports.result = new A().x;",
    ),
];
