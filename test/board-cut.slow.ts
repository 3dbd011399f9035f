// SPDX-License-Identifier: Apache-2.0
/**
 * The cable is pulled at ten points of an install on the Pico's own firmware, in the middle of a change
 * of its flash: the board boots with all that the user has on it, half an installation is never used,
 * and the next install completes it. Needs ESPRUINO_RP2040_UF2 and RP2040_BOOTROM.
 */
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Pico, skipWithoutFirmware } from "./device/pico.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

const CUTS = 10;

/** The user's own: a file, and code that runs at the start. */
const MINE =
    'var s = require("Storage"); s.write("mine", "0123456789"); s.write(".bootrst", "global.mine = 7;");' +
    'print("@@ written"); print("DONE");';

/** Tells whether the user's own is there, and what becomes of a connection to a port where nobody listens. */
const LOOK = `
    print("@@", global.mine, require("Storage").read("mine"));
    function end(error) { print("@@", error.code || error.message); print("DONE"); }
    try { require("tls").connect({ host: "127.0.0.1", port: 1 }).on("error", end); } catch (error) { end(error); }`;

/** What is told when all but the port works. */
const WORKS = ["@@ 7 0123456789", "@@ ETLS_CONNECT_FAILED"];

/** What is told otherwise: there is no module, half of the last one that is written, or no image. */
const UNUSED = /Module "?tls"? not found|Got .+ expected|ETLS_CORE_FAILED/;

describe("the cable is pulled during an install", function () {
    this.timeout(1_800_000);
    const pico = new Pico();
    const start = (): string => join(pico.folder, "flash-before");
    let pki: Pki;
    let trust = "";
    let changes = 0;

    before(async function () {
        skipWithoutFirmware(this);
        pki = await cachedPki();
        trust = join(pico.folder, "root.pem");
        writeFileSync(trust, pki.ec.rootPem);
        await pico.start();
        assert.deepEqual(await pico.run(MINE), ["@@ written"]);
        await pico.stop();
        copyFileSync(pico.flash, start());
    });
    after(() => pico.remove());

    const install = (): ReturnType<Pico["cli"]> => pico.cli("install", "--profile", "small", "--ca", trust);

    it("an install that nothing disturbs changes flash a number of times", async function () {
        await pico.start();
        const before = await pico.changes();
        const { code, output } = await install();
        assert.equal(code, 0, output);
        changes = (await pico.changes()) - before;
        assert.ok(changes > 500, `${changes} changes`);
        assert.deepEqual(await pico.run(LOOK), WORKS);
        await pico.stop();
        copyFileSync(pico.flash, join(pico.folder, "flash-after"));
    });

    for (let cut = 1; cut <= CUTS; cut += 1) {
        it(`after ${cut} of ${CUTS} parts of them`, async function () {
            copyFileSync(start(), pico.flash);
            await pico.start();
            // The last ones lie in the last files, where all but the end is done.
            const at = cut < CUTS ? Math.ceil((changes * cut) / CUTS) : changes - 1;
            const [{ code, output }] = await Promise.all([install(), pico.cut(at)]);
            assert.equal(code, 3, output);
            assert.match(output, /the board is gone|no board answers/);

            await pico.start();
            const [mine, state] = await pico.run(LOOK);
            assert.equal(mine, "@@ 7 0123456789");
            assert.match(state ?? "", UNUSED);
            const again = await install();
            assert.equal(again.code, 0, again.output);
            assert.match(again.output, /Installed: .*tls/);
            assert.deepEqual(await pico.run(LOOK), WORKS);
            await pico.stop();
        });
    }

    it("trust that is half written trusts nobody, until the next install", async function () {
        copyFileSync(join(pico.folder, "flash-after"), pico.flash);
        writeFileSync(trust, pki.ec.rootPem + pki.rsa.rootPem);
        await pico.start();
        const [{ code }] = await Promise.all([install(), pico.cut(3)]);
        assert.equal(code, 3);
        await pico.start();
        assert.deepEqual(await pico.run(LOOK), ["@@ 7 0123456789", "@@ ETLS_BAD_CERTIFICATE"]);
        const again = await install();
        assert.match(again.output, /Installed: tls-ca\n/);
        assert.deepEqual(await pico.run(LOOK), WORKS);
        await pico.stop();
    });
});
