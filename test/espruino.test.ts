// SPDX-License-Identifier: Apache-2.0
/**
 * The device modules on the real Espruino interpreter, built for this machine (`make BOARD=LINUX`
 * in its source) and named by the environment variable ESPRUINO.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { before, describe, it } from "mocha";
import { ESPRUINO, runInEspruino, runInNode } from "./device/engines.ts";
import { randomUses } from "./device/random-regexps.ts";
import { samples } from "./device/samples.ts";
import { builtScripts, compileDevice, ENTRIES, GLOBALS, MISSING, ROOT, RULES, STATICS } from "./device/tools.ts";
import type { Script } from "./device/tools.ts";

const root = fileURLToPath(ROOT);

/** Milliseconds that the programs need for their timers. */
const PATIENCE = 500;

/** Names that only exist inside functions and modules, or have no value. */
const NO_GLOBALS = /^(arguments|require|exports|module|undefined)$/;

describe("on Espruino", function () {
    this.timeout(300_000);
    let narrow = false;

    before(async function () {
        if (ESPRUINO === undefined) {
            console.log(
                "Tests on the real interpreter were not run: the environment variable ESPRUINO" +
                    " does not name one.",
            );
            this.skip();
        }
        const { result } = await runInEspruino("exports.result = process.memory().blocksize;");
        narrow = (result as number) < 20; // 32-bit ARM, as on boards
    });

    describe("the check's rules hold", function () {
        for (const rule of Object.keys(RULES)) {
            it(rule, async function () {
                const pairs = samples.filter((sample) => sample.rule === rule);
                await Promise.all(pairs.map(async ({ rejected, accepted, boardOnly, signedOnly }) => {
                    const right = await runInNode(accepted);
                    assert.deepEqual(await runInEspruino(accepted), right, accepted);
                    if (!boardOnly && !(signedOnly && narrow)) {
                        assert.notDeepEqual(await runInEspruino(rejected), right, rejected);
                    }
                }));
            });
        }
    });

    it("regular expressions that are accepted mean the same as in Node", async function () {
        for (let seed = 1; seed <= 10; seed++) {
            const code = randomUses(seed, 150)
                .map((text, index) => `r[${index}] = ${text};`)
                .join("\n");
            const program = `var r = []; exports.result = r;\n${code}`;
            assert.deepEqual(await runInEspruino(program), await runInNode(program));
        }
    });

    describe("the check's lists hold", function () {
        it("globals exist", async function () {
            const names = [...GLOBALS].filter((name) => !NO_GLOBALS.test(name));
            assert.deepEqual(await missing(names), []);
        });

        it("members of globals exist", async function () {
            const names = Object.entries(STATICS).flatMap(([owner, members]) =>
                [...members].map((member) => `${owner}.${member}`),
            );
            assert.deepEqual(await missing(names), []);
        });

        it("methods are missing", async function () {
            const values: Record<string, string> = {
                array: "[]",
                string: '""',
                typed: "(new Uint8Array(2))",
                buffer: "(new ArrayBuffer(2))",
                number: "(5)",
                regexp: "/a/",
                promise: "Promise.resolve()",
            };
            const names = Object.entries(MISSING).flatMap(([kind, methods]) =>
                methods.map((method) => `${values[kind]}.${method}`),
            );
            assert.deepEqual(await missing(names), names);
        });
    });

    describe("programs give the same as in Node", function () {
        it("emitter", async function () {
            const outcome = await runBoth("emitter");
            assert.deepEqual(outcome.uncaught, ["Error: a listener's own fault"]);
            assert.deepEqual(outcome.result, [
                false,
                ["first", 1, "me"], ["last", 1], ["first", 1, "me"], true, ["after emit", 4, 0],
                ["last", 2], ["first", 2, "nobody"],
                "once", "added",
                false, 1,
                false,
                ["in", 5], true, false, ["out", 5], ["in", 6], ["out", 6],
            ]);
        });

        it("bytes and URLs", async function () {
            const { result, uncaught } = await runBoth("text");
            assert.deepEqual(uncaught, []);
            const [same, long, empty, urls] = result as [boolean, number[], string, unknown[]];
            assert.deepEqual([same, long, empty], [true, [1500, 200, 200], ""]);
            assert.equal(urls.filter((url) => url === "ETLS_BAD_URL").length, 6);
        });

        it("https", async function () {
            const { result, uncaught } = await runBoth("https");
            assert.deepEqual(uncaught, []);
            assert.deepEqual(result, [
                "ETLS_HTTP_URL", ["with", "no session"],
                "GET /1 HTTP/1.1", [200, { "content-length": "5", "x-a": "1, 2" }], "hello",
                "GET /2 HTTP/1.1", [404, { "transfer-encoding": "chunked" }], "long!",
                "GET /3 HTTP/1.1", "closed", "ETLS_HTTP_LENGTH",
                ["connections", 1],
                ["with", "session 1"], "GET /4 HTTP/1.1", [200, { "content-length": "5", "x-a": "1, 2" }], "hello", "closed",
            ]);
        });
    });

    describe("the built modules", function () {
        for (const { name, source } of ENTRIES) {
            if (source === undefined) continue;
            it(`${name} exports what its source does`, async function () {
                const built = builtScripts();
                const program = `exports.result = Object.keys(require("${name}")).sort();`;
                const outcome = await runInEspruino(program, built);
                assert.deepEqual(outcome, await runInNode(program, built));
                const url = new URL(`dist/${source.replace(/\.ts$/, ".js")}`, ROOT).href;
                const names = Object.keys((await import(url)) as object);
                const result = outcome.result as string[];
                assert.deepEqual(names.filter((one) => !result.includes(one)), []);
            });
        }
    });
});

/** Which expressions have no value on Espruino. */
async function missing(expressions: string[]): Promise<string[]> {
    const tests = expressions.map(
        (text) => `if (typeof ${text} === "undefined") r.push(${JSON.stringify(text)});`,
    );
    const outcome = await runInEspruino(`var r = exports.result = [];\n${tests.join("\n")}`);
    return (outcome.result as string[] | undefined) ?? [outcome.failed ?? "failed"];
}

/** Builds a program and runs it in both engines, which must agree. */
async function runBoth(name: string): ReturnType<typeof runInNode> {
    const source = `test/device/programs/${name}.ts`;
    const [program] = await compileDevice(root, [{ name, source, requires: [] }]);
    const main = `exports.result = require("${name}").result;`;
    const modules = [program as Script];
    const outcome = await runInNode(main, modules, PATIENCE);
    assert.deepEqual(await runInEspruino(main, modules, PATIENCE), outcome);
    return outcome;
}
