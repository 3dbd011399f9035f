/** Regular expressions. */
import { pair } from "./pair.ts";
import type { Sample } from "./pair.ts";

const regexp = (rejected: string, accepted: string): Sample =>
    pair("regexp", `exports.result = ${rejected};`, `exports.result = ${accepted};`);

export const regexpSamples: Sample[] = [
    pair(
        "regexp-statement",
        'var r = "none"; if (r === "") { r = "empty"; }\n/b/.test("a") && (r = "found"); exports.result = r;',
        'var r = "none"; if (r === "") { r = "empty"; }\nif (/b/.test("a")) r = "found"; exports.result = r;',
    ),
    regexp('/^[0-9]{2}$/.test("12")', '/^[0-9][0-9]$/.test("12")'),
    regexp('/ab?c/.test("ac")', '/ab*c/.test("ac")'),
    regexp('/(?:ab)c/.test("abc")', '/(ab)c/.test("abc")'),
    regexp('/\\bb/.test("a b")', '/[^a-z]b/.test("a b")'),
    regexp('/"(.*?)"/.exec(\'"a" "b"\')[1]', '/"([^"]*)"/.exec(\'"a" "b"\')[1]'),
    regexp('/a(?=b)/.test("ab")', '/ab/.test("ab")'),
    regexp('/(?<!b)a/.test("ca")', '/[^b]a/.test("ca")'),
    regexp('/(?<x>a)/.exec("ab")[1]', '/(a)/.exec("ab")[1]'),
    regexp('/^b/m.test("a\\nb")', '/\\nb/.test("a\\nb")'),
    regexp('/(a)\\1/.test("aa")', '/(a)a/.test("aa")'),
    regexp('/^(ab|cd)e/.test("abx")', '/^abe|^cde/.test("abx")'),
    regexp('/x(a)|(b)/.exec("b")[2]', '/(b)/.exec("b")[1]'),
    regexp('/^a|b/.test("xb")', '/^a/.test("xb") || /b/.test("xb")'),
    regexp('/^(a)*$/.test("aa")', '/^a*$/.test("aa")'),
    regexp('/(a(b))/.exec("ab")[1]', '/(ab)/.exec("ab")[1]'),
    regexp('/[^/]/.test("a")', '/[^\\/]/.test("a")'),
    regexp('/[[]/.test("[")', '/[\\[]/.test("[")'),
    regexp('/a[|]b/.test("]b")', '/a[\\|]b/.test("]b")'),
    regexp('/[a-c-e]/.test("-")', '/[a-ce-]/.test("-")'),
    {
        ...regexp('/[\\x01-\\xff]/.test("a")', '/[\\x01-\\x7f\\x80-\\xff]/.test("a")'),
        signedOnly: true,
    },
    regexp('/a.b/.test("a\\nb")', '/a[^\\n]b/.test("a\\nb")'),
    regexp('/\\u0041/.test("A")', '/\\x41/.test("A")'),
    regexp('/[\\u0041]/.test("A")', '/[\\x41]/.test("A")'),
    regexp(
        '/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)/.exec("abcdefghij")[10]',
        '/(a)(b)(c)(d)(e)(f)(g)(h)(ij)/.exec("abcdefghij")[9][1]',
    ),
    regexp('/[a-z]*a|b/.exec("bab")[0]', '/[a-z]*a/.exec("bab")[0]'),
    regexp('/^[a-z]+[a-z0-9]$/.test("a")', '/^[a-z][a-z]*[a-z0-9]$/.test("a")'),
    regexp('/^[^a]+$/.test("")', '/^[^a][^a]*$/.test("")'),
    regexp('/a\\D+/.test("a")', '/a\\D\\D*/.test("a")'),
    regexp('/x*$/.exec("b") !== null', '/(x*)b$/.exec("b") !== null'),
    regexp('"a-b".split(/(-)/).length - 1', '"a-b".split(/-/).length'),
    regexp('"ab".split(/x*/).length', '"ab".split("").length'),
    regexp('new RegExp("a{2}").test("aa")', 'new RegExp("aa").test("aa")'),
];
