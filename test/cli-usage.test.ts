// SPDX-License-Identifier: Apache-2.0
// The command line tool: what it says of itself, and of command lines that are wrong.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "mocha";
import { run } from "./support/processes.ts";
import type { Finished } from "./support/processes.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));

const cli = function (args: string[]): Promise<Finished> {
    return run(process.execPath, [MAIN, ...args]);
};

describe("cli: help and usage", function () {
    this.timeout(30_000);

    it("lists the commands, and each explains itself with an example", async () => {
        const { code, stdout } = await cli(["--help"]);
        assert.equal(code, 0);
        const [, list = ""] = /Commands:\n((?: {2}\S.*\n)+)/.exec(stdout.toString()) ?? [];
        const names = [...list.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1] ?? "");
        assert.ok(names.includes("get"));
        for (const name of names) {
            const help = await cli([name, "--help"]);
            assert.equal(help.code, 0);
            const text = help.stdout.toString();
            assert.match(text, /^Usage: espruino-tls /);
            assert.match(text, new RegExp(`Examples:\n[^]*espruino-tls ${name} `));
            assert.match(text, /Exit codes:/);
            assert.deepEqual(text.split("\n").filter((line) => line.length > 100), []);
        }
    });
    it("tells its version", async () => {
        const file = new URL("../../package.json", import.meta.url);
        const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
        assert.equal((await cli(["--version"])).stdout.toString(), `${version}\n`);
    });
    const wrong: [args: string, message: RegExp][] = [
        ["", /no command; espruino-tls --help/],
        ["gte", /unknown command gte; did you mean get\?/],
        ["--hepl", /unknown option --hepl; did you mean --help\?/],
        ["https://a/", /did you mean espruino-tls get https:\/\/a\/\?/],
        ["get", /no URL/],
        ["get https://a/ b", /one URL at a time/],
        ["get https://a/ --buget 1", /unknown option --buget; did you mean --budget\?/],
        ["get https://a/ -q", /unknown option -q; espruino-tls get --help lists/],
        ["get https://a/ -x", /unknown option -x; did you mean -X\?/],
        ["get https://a/ --__proto__", /unknown option --__proto__/],
        ["get https://a/ --ca", /--ca needs a value: --ca FILE/],
        ["get https://a/ --ca -v", /--ca needs a value/],
        ["get https://a/ --json=yes", /--json takes no value/],
        ["get https://a/ --ca /no/such/file", /--ca: ENOENT/],
        ["get https://a/ --ca /dev/null", /--ca \/dev\/null is not a certificate .*: it is empty/],
        ["get https://a/ --budget 100", /--budget 100 is not between/],
        ["get https://a/ --budget x", /--budget x is not between/],
        ["get https://a/ --tls 1.1", /--tls 1.1 is neither 1.2 nor 1.3/],
        ["get https://a/ --timeout 0", /--timeout 0 is not a number of seconds/],
        ["get https://a/ --cert /dev/null", /--cert needs --key too/],
        ["get https://a/ -H x", /-H "x" is not of the form 'Name: value'/],
        ["get https://a/ --include-body", /--include-body goes with --json/],
        ["get http://a/", /not be encrypted; try https:\/\/a\//],
        ["get example.org", /not a URL; did you mean https:\/\/example.org\?/],
        ["get htps://a/", /htps: URLs are not supported; did you mean https\?/],
        ["get https://a:b/", /ETLS_BAD_URL: malformed URL/],
        ["get https://a/ -X G(T", /ETLS_HTTP_METHOD/],
    ];
    for (const [args, message] of wrong) {
        it(`exit code 2: ${args || "no arguments"}`, async () => {
            const finished = await cli(args === "" ? [] : args.split(" "));
            assert.match(finished.stderr, message);
            assert.match(finished.stderr, /^espruino-tls: ETLS_\w+: .*\n$/, "one sentence");
            assert.deepEqual([finished.code, finished.stdout.toString()], [2, ""]);
        });
    }
    it("tells a wrong command line to programs too", async () => {
        const finished = await cli(["get", "--json", "--cq"]);
        assert.equal(finished.code, 2);
        const { error } = JSON.parse(finished.stdout.toString()) as { error: { code: string } };
        assert.equal(error.code, "ETLS_USAGE");
    });
});
