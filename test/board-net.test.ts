// SPDX-License-Identifier: Apache-2.0
/**
 * Networks of the Raspberry Pi Pico with Espruino's own firmware, in an emulator: a modem with ESP-AT
 * firmware on its UART. The console carries nothing but what the programs print.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
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

    const ca = (identity: Identity): string => `atob("${Buffer.from(identity.rootDer).toString("base64")}")`;

    const MODEM = `
        require("tls").setTransport(require("tls-at").create(Serial1, { tx: D0, rx: D1 }));`;

    /** A program that gets a page and tells what happened. */
    const getPage = (port: number, identity: Identity, host = identity.host): string => `${MODEM}
        require("https").get({ host: "${host}", port: ${port}, path: "/", ca: ${ca(identity)} }, function (response) {
            var length = 0;
            response.on("data", function (data) { length += data.length; });
            response.on("end", function () {
                print("@@", response.statusCode, length > 1000, response.socket.getProtocol());
                print("DONE");
            });
        }).on("error", function (error) { print("@@", error.code, error.message); print("DONE"); });`;

    const openssl = async function (identity: Identity, version: Version): Promise<number> {
        const server = await opensslServer({ identity, version, mode: "www" });
        servers.push(server);
        return server.port;
    };

    for (const version of ["1.2", "1.3"] as const) {
        for (const kind of ["ec", "rsa"] as const) {
            it(`gets a page over TLS ${version} with an ${kind.toUpperCase()} chain`, async function () {
                const lines = await pico.run(getPage(await openssl(pki[kind], version), pki[kind]));
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
