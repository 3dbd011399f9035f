// SPDX-License-Identifier: Apache-2.0
/**
 * The check of the device modules: each rule on its samples, the built files, and what a developer
 * gets to see. That the samples tell the truth about Espruino is tested in espruino.test.ts.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "mocha";
import { runInNode } from "./device/engines.ts";
import { samples } from "./device/samples.ts";
import { check, compileDevice, DeviceError, ENTRIES, ROOT, RULES } from "./device/tools.ts";

const root = fileURLToPath(ROOT);

describe("device check: rules", function () {
    for (const rule of Object.keys(RULES)) {
        it(rule, async function () {
            const pairs = samples.filter((sample) => sample.rule === rule);
            assert.ok(pairs.length > 0, "the rule has no sample");
            for (const { rejected, accepted } of pairs) {
                const rules = new Set(check(rejected).map((finding) => finding.rule));
                assert.deepEqual([...rules], [rule], rejected);
                assert.deepEqual(check(accepted), [], accepted);
                if (rule !== "syntax") {
                    const right = await runInNode(accepted);
                    assert.deepEqual(await runInNode(rejected), right, rejected);
                }
            }
        });
    }

    it("samples are of rules that exist", function () {
        assert.deepEqual(samples.filter(({ rule }) => !(rule in RULES)), []);
    });

    it("names the place", function () {
        const [finding] = check("var a = 1;\nvar b = a ** 2;\n");
        assert.deepEqual([finding?.line, finding?.column, finding?.excerpt], [2, 9, "a ** 2"]);
    });

    it("takes methods of a program's own for what they are", function () {
        const use = "exports.f = function (a) { return a.once(); };";
        assert.deepEqual(check(`class A { once() { return 1; } } exports.A = A; ${use}`), []);
        assert.deepEqual(check(use).map((finding) => finding.rule), ["missing-method"]);
    });

    it("lets functions recurse and call what is defined by the time they run", function () {
        const good =
            "var f = function (n) { var m = n; if (n) f(n - 1); return g(m); };" +
            "var g = function (n) { return n; }; exports.f = f; exports.result = f(2);";
        assert.deepEqual(check(good), []);
    });
});

describe("device check: built modules", function () {
    for (const { name } of ENTRIES) {
        it(`${name}.js`, function () {
            const code = readFileSync(join(root, "dist", "device", `${name}.js`), "utf8");
            assert.deepEqual(check(code), []);
            assert.doesNotMatch(code, /use strict|__esModule/);
            assert.doesNotMatch(code, /[^\n -~]/, "the file is read as bytes");
        });
    }
});

describe("device build", function () {
    let folder: string;

    before(function () {
        folder = mkdtempSync(join(tmpdir(), "device-build-"));
        mkdirSync(join(folder, "src"));
    });

    after(function () {
        rmSync(folder, { recursive: true, force: true });
    });

    const write = function (name: string, lines: string[]): void {
        writeFileSync(join(folder, "src", name), lines.join("\n"));
    };

    it("shows file, line, rule and what to write instead", async function () {
        write("bad.ts", ["/** Doubles. */",
            "export const f = function (a: number, b = 2): number {", "    return a * b;", "};"]);
        await assert.rejects(
            compileDevice(folder, [{ name: "bad", source: "src/bad.ts", requires: [] }]),
            (error: Error) => {
                assert.ok(error instanceof DeviceError);
                assert.match(error.message, /^src\/bad\.ts:2:\d+: default-parameter: .*undefined/);
                assert.match(error.message, /\n {4}b = 2/);
                return true;
            },
        );
    });

    it("refuses a module whose source is missing", async function () {
        await assert.rejects(
            compileDevice(folder, [{ name: "gone", source: "src/gone.ts", requires: [] }]),
            /src\/gone\.ts is missing/,
        );
    });

    it("requires what another module has, under the same private names", async function () {
        write("numbers.gen.ts", ["export const ANSWER = 42;"]);
        write("base.ts", ["export class Base {", "    _hidden: number;", "    constructor() {",
            "        this._hidden = 1;", "    }", "}"]);
        write("one.ts", ['import { Base } from "./base.ts";',
            'import { ANSWER } from "./numbers.gen.ts";',
            "export const make = function (): Base { return new Base(); };",
            "export const answer = function (): number { return ANSWER; };"]);
        write("two.ts", ['import { Base } from "./base.ts";', 'import { answer } from "./one.ts";',
            'import { ANSWER } from "./numbers.gen.ts";', "export class Two extends Base {",
            "    sum(): number { return this._hidden + answer() + ANSWER; }", "}"]);
        const modules = await compileDevice(folder, [
            { name: "one", source: "src/one.ts", requires: [] },
            { name: "two", source: "src/two.ts", requires: ["one"] },
        ]);
        const code = modules.map((module) => module.code);
        assert.doesNotMatch(code[1] ?? "", /hidden|class.*class/);
        assert.match(code[1] ?? "", /require\("one"\)/);
        const main = 'exports.result = new (require("two").Two)().sum();';
        assert.deepEqual(await runInNode(main, modules), { result: 85, uncaught: [] });
    });

    it("does nothing when nothing has changed", function () {
        const build = join(root, "modules", "build.mjs");
        assert.ok(existsSync(join(root, "build", "device.stamp")), "the build has run");
        assert.equal(execFileSync(process.execPath, [build], { encoding: "utf8" }), "");
    });

    it("checks files by hand", function () {
        write("hand.js", ["var a = 1;", "exports.b = a?.b;"]);
        const script = join(root, "modules", "check.mjs");
        const file = join(folder, "src", "hand.js");
        const run = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
        assert.equal(run.status, 1);
        assert.match(run.stderr, /hand\.js:2:13: optional-chaining: .*a && a\.b/);
    });
});
