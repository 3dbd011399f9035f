// SPDX-License-Identifier: Apache-2.0
/**
 * Networks of the Raspberry Pi Pico with Espruino's own firmware, in an emulator: a modem with ESP-AT
 * firmware on its UART. The console carries nothing but what the programs print.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { getPage } from "./device/page.ts";
import { Pico, skipWithoutFirmware } from "./device/pico.ts";
import { cachedPki } from "./support/pki.ts";
import type { Identity, Pki } from "./support/pki.ts";
import { opensslServer } from "./support/servers.ts";
import type { Server, Version } from "./support/servers.ts";

describe("a modem on the Pico's UART", function () {
    this.timeout(600_000);
    const pico = new Pico();
    let pki: Pki;
    const servers: Server[] = [];

    before(async function () {
        skipWithoutFirmware(this);
        pki = await cachedPki();
        await pico.start();
        const installed = await pico.cli("install");
        assert.match(installed.output, /Installed: /);
    });
    afterEach(async () => {
        for (const server of servers.splice(0)) await server.close();
    });
    after(() => pico.remove());

    const MODEM = `
        require("tls").setTransport(require("tls-at").create(Serial1, { tx: D0, rx: D1 }));`;

    const openssl = async function (identity: Identity, version: Version): Promise<number> {
        const server = await opensslServer({ identity, version, mode: "www" });
        servers.push(server);
        return server.port;
    };

    for (const version of ["1.2", "1.3"] as const) {
        for (const kind of ["ec", "rsa"] as const) {
            it(`gets a page over TLS ${version} with an ${kind.toUpperCase()} chain`, async function () {
                const identity = pki[kind];
                const page = { host: identity.host, port: await openssl(identity, version), identity };
                const lines = await pico.run(MODEM + getPage({ ...page, failure: "error.code, error.message" }));
                assert.deepEqual(lines, [`@@ 200 true TLSv${version}`]);
                let state = await pico.modem();
                for (let tries = 0; tries < 100 && state.open > 0; tries += 1) {
                    await new Promise((resolve) => setTimeout(resolve, 300));
                    state = await pico.modem();
                }
                assert.equal(state.lost, 0);
                assert.equal(state.open, 0);
            });
        }
    }
});
