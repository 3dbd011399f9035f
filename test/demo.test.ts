// SPDX-License-Identifier: Apache-2.0
// The demo, run as a program.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { describe, it } from "mocha";
import { run } from "./support/processes.ts";

const DEMO = fileURLToPath(new URL("../cli/demo.js", import.meta.url));

describe("demo", function () {
    this.timeout(60_000);

    it("verifies four servers and refuses five", async () => {
        const { code, stdout, stderr } = await run(process.execPath, [DEMO], { timeout: 50_000 });
        const text = stdout.toString();
        assert.equal(code, 0, text + stderr);
        assert.equal(stderr, "");
        for (const title of ["TLS 1.2, EC", "TLS 1.2, RSA", "TLS 1.3, EC", "TLS 1.3, RSA"]) {
            assert.match(text, new RegExp(`✓ ${title} chain from .*: status 200, `));
            assert.match(text, new RegExp(`^ +${title} chain +\\d+,\\d+ +\\d+,\\d+$`, "m"));
        }
        const codes = ["NAME_MISMATCH", "EXPIRED", "UNKNOWN_ISSUER", "SELF_SIGNED", "WEAK_KEY"];
        for (const refusal of codes) assert.match(text, new RegExp(`✓ .* ETLS_CERT_${refusal}\n`));
        assert.match(text, /npx espruino-tls get https:\/\//);
        assert.doesNotMatch(text, /\x1b/, "colours only on terminals");
        assert.ok(text.split("\n").length <= 60, "fits on a screen or two");
        assert.deepEqual(text.split("\n").filter((line) => line.length > 100), []);
    });
});
