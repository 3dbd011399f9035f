// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * What Espruino cannot run, and what to write instead: one sentence per rule, printed with every
 * finding. Each rule has samples in test/device-samples.ts, which are tried on the real
 * interpreter by test/espruino.test.ts.
 */

/** @typedef {keyof typeof RULES} Rule */

export const RULES = Object.freeze({
    "syntax": "not JavaScript in any engine",

    "default-parameter": "no default parameters: begin the body with `if (x === undefined) x = …`",
    "rest": "no rest parameters: use `arguments`, or name the parameters",
    "spread": "no spread: use concat, Object.assign or apply (tsc makes one in a derived class with"
        + " initialised fields and no constructor: write the constructor)",
    "destructuring": "no destructuring: read the fields one by one",
    "generator": "no generators: collect into an array, or pass a function",
    "async": "no async functions and no await: use Promise and then",
    "optional-chaining": "no optional chaining: test with `a && a.b`",
    "exponent": "no `**`: use Math.pow or multiply",
    "logical-assignment": "no `??=`, `||=`, `&&=`: write `if (…) x = …`",
    "computed-key": "no computed keys: make the object first, then assign `object[key]`",
    "label": "no labels: move the inner loop into a function and return from it",
    "default-before-case": "a `default` before a `case` is a syntax error: put it last",
    "tagged-template": "no tagged templates: call the function with arguments",
    "template-brace": "a template literal ends at the wrong brace if an expression in it holds a"
        + " brace in a string or regular expression, or if it has `\\${`: use `+`",
    "new-target": "no new.target: test with instanceof",
    "bigint": "no BigInt: keep large numbers in strings or byte arrays",
    "statement": "no `with`; `debugger` stops the board: leave them out",
    "arrow-arguments": "arrow functions have their own, empty `arguments`: use a function",
    "reserved-name": "`of` is a reserved word: choose another name for the variable",
    "string-escape": "no `\\u{…}` and no line continued with a backslash in a string",
    "non-latin1": "strings hold bytes: no characters above U+00FF, and those above U+007E written"
        + " as \\xNN, since the file is read as bytes",

    "class-field": "class fields are evaluated once and shared by all objects, without `this`:"
        + " assign in the constructor (tsc does, with useDefineForClassFields: false)",
    "private-name": "no `#private` names: use a leading underscore",
    "class-member": "a class member must be a plain name that is no reserved word, with nothing"
        + " but methods between the braces (in objects the same holds for getters and setters)",
    "static-inheritance": "static members are not inherited: name the class that has the member",
    "super-arrow": "no `super` in an arrow function: call it outside, or keep `this` in a variable",
    "super-chain": "in a class that is extended, super.method() finds the class itself and"
        + " recurses: call Base.prototype.method.call(this)",
    "super-object": "no `super` in object literals: name the prototype",
    "extends-builtin": "built-in classes cannot be extended (the message of an Error is lost):"
        + " make a plain object and add fields",
    "extends-expression": "a class can extend a plain name only: put the base into a const first",
    "extends-function": "super() does not call a plain function: make the base a class",

    "regexp": "Espruino's regular expressions are simpler",
    "regexp-statement": "a statement must not begin with a regular expression: after `)` or `}` its"
        + " slash divides",

    "use-before-define": "neither functions nor variables are hoisted: move the definition up",
    "var-in-block": "a var in a block that was not entered does not exist, and assigning to it"
        + " makes a global: declare it before the block",
    "loop-closure": "closures share one variable of the loop's head and see its last value:"
        + " copy it into a const inside the body",

    "unknown-global": "Espruino has no such global",
    "missing-static": "Espruino has no such member of a built-in object",
    "missing-method": "Espruino has no such method",
    "prototype-method": "methods are not on the prototypes of Array, String, Function, Promise,"
        + " RegExp and typed arrays: take them from a value, as in [].slice.call(…)",
    "typed-array-copy": "slice() and filter() of a typed array give a plain Array: use subarray, or"
        + " fill a new typed array",
    "assign-length": "length cannot be assigned: use splice, or a new array",
    "wide-shift": "a shift by 32 or more gives 0 on ARM: keep the count within 0 to 31",
    "error-class": "`instanceof Error` is false for TypeError and all errors of the interpreter:"
        + " test for a field such as message or code",
    "clear-timer": "without a timer this stops every timer of the program, and with undefined it"
        + " throws: test the variable first",
    "ignored-argument": "Espruino ignores or refuses this argument",
    "index-of": "with more than one character this finds one at the end of the text that is cut off"
        + " there (\"abcx\" has \"xyz\" at 3): use lastIndexOf or a regular expression",
    "split-separator": "a text shorter than the separator gives no part at all: use a separator of"
        + " one character, or a regular expression",
    "match-global": "a global match that finds nothing gives [], not null: use exec, or replace",
    "number-octal": "a leading zero means octal, Number(\"010\") is 8: use parseInt(text, 10)",
    "subarray-end": "an end behind the array's end gives bytes that are not its own: use Math.min",
    "replacement": "no `$$`, `$&`, `` $` `` and `$'` in the replacement, and no function if what is"
        + " replaced is a string: use a regular expression and a function",
});
