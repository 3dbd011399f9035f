// SPDX-License-Identifier: Apache-2.0
// What the command line tool shows to people.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "mocha";
import { exitCodeOf } from "../cli/exit.ts";
import { nameText } from "../cli/get_report.ts";
import { Progress, progressLine, size } from "../cli/progress.ts";
import { duration, harmless, paintsFor } from "../cli/terminal.ts";
import { ERRORS, ERR_NO_CLOCK, ERR_NO_TRUST_ANCHOR } from "../modules/errors.gen.ts";

const draw = async function (isTTY: boolean, ms: number): Promise<string> {
    let text = "";
    const stream = { isTTY, columns: 60, write: (more: string) => (text += more) };
    const progress = new Progress(stream, 4_000_000);
    progress.add(1_000_000);
    await sleep(ms);
    progress.stop();
    const shown = text;
    await sleep(150);
    assert.equal(text, shown, "nothing is drawn after the end");
    return text;
};

describe("cli: texts", () => {
    it("shows sizes with the unit that fits", () => {
        const sizes: [number, string][] = [
            [0, "0 B"], [999, "999 B"], [1000, "1.0 KB"], [999_949, "999.9 KB"],
            [999_950, "1.0 MB"], [5_242_880, "5.2 MB"], [3.2e15, "3200.0 TB"],
        ];
        for (const [count, text] of sizes) assert.equal(size(count), text);
    });
    it("shows times with the digits that matter", () => {
        const shown = [0.44, 9.96, 123.4, 1234].map(duration);
        assert.deepEqual(shown, ["0.4 ms", "10.0 ms", "123 ms", "1.23 s"]);
    });
    it("draws a bar when the length is known", () => {
        assert.equal(
            progressLine(1_000_000, 4_000_000, 500),
            " 25% [######------------------]  1.0 MB of 4.0 MB  2.0 MB/s",
        );
        assert.equal(progressLine(1_000_000, undefined, 500), "1.0 MB  2.0 MB/s");
        assert.match(progressLine(5, 4, 0), /^100% \[#{24}\] /);
    });
    it("draws on terminals only, and only what takes a while", async () => {
        assert.equal(await draw(true, 50), "");
        assert.equal(await draw(false, 450), "");
        const text = await draw(true, 450);
        assert.match(text, /^\r 25% \[#+-+\] {2}1\.0 MB of 4\.0 MB/);
        assert.ok(text.endsWith("\r\x1b[K"), "takes itself away");
        assert.ok(text.split("\r").every((line) => line.replace("\x1b[K", "").length < 60));
    });
    it("makes harmless what a peer sent", () => {
        assert.equal(harmless("a\x1b[2J\r\nb\x7f\x9b"), "a\\x1b[2J\\x0d\\x0ab\\x7f\\x9b");
        assert.equal(harmless(Buffer.from("Zürich €").toString("latin1")), "Zürich €");
        assert.equal(harmless("Z\xfcrich"), "Zürich");
        const sneaky = Buffer.from("a\u202eb\u009bc").toString("latin1");
        assert.equal(harmless(sneaky), "a\\x202eb\\x9bc");
        assert.equal(nameText({ O: "a\nb", CN: "x" }), "CN=x, O=a\\x0ab");
        assert.equal(nameText({}), "(no name)");
    });
    it("has colours on terminals, unless NO_COLOR says otherwise", () => {
        const { NO_COLOR, TERM } = process.env;
        delete process.env["NO_COLOR"];
        process.env["TERM"] = "xterm";
        assert.equal(paintsFor({ isTTY: true }).bold("x"), "\x1b[1mx\x1b[22m");
        assert.equal(paintsFor({ isTTY: false }).bold("x"), "x");
        process.env["NO_COLOR"] = "1";
        assert.equal(paintsFor({ isTTY: true }).bold("x"), "x");
        Object.assign(process.env, { TERM });
        if (NO_COLOR === undefined) delete process.env["NO_COLOR"];
        if (TERM === undefined) delete process.env["TERM"];
    });
    it("has an exit code for every error", () => {
        const others = [ERR_NO_CLOCK, ERR_NO_TRUST_ANCHOR];
        for (const [key, entry] of Object.entries(ERRORS)) {
            const errno = Number(key);
            const code = exitCodeOf(`ETLS_${entry?.[0]}`);
            assert.ok(code >= 2 && code <= 7);
            const certificate = /^CERT_/.test(entry?.[0] ?? "") || (errno <= -60 && errno >= -80) || others.includes(errno);
            assert.equal(code === 4, certificate, entry?.[0]);
        }
        assert.equal(exitCodeOf(undefined), 5);
        assert.equal(exitCodeOf("ECONNRESET"), 5);
        assert.equal(exitCodeOf("ETLS_CERTAINLY_NOT"), 5);
    });
});
