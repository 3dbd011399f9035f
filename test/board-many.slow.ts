// SPDX-License-Identifier: Apache-2.0
/**
 * A hundred connections, one after the other, on the Pico's own firmware: each shakes hands anew, and
 * in the end no block of JavaScript's memory and no byte of the arena is missing.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Pico, skipWithoutFirmware } from "./device/pico.ts";
import { cachedPki } from "./support/pki.ts";
import { opensslServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

/** Connections of a round: one of each version and kind of chain. */
const ROUND = 4;
const ROUNDS = 25;

describe("a hundred connections on the Pico's own firmware", function () {
    this.timeout(3_600_000);
    const pico = new Pico();
    const servers: Server[] = [];
    const sites: string[] = [];

    before(async function () {
        skipWithoutFirmware(this);
        const pki = await cachedPki();
        for (const version of ["1.2", "1.3"] as const) {
            for (const identity of [pki.ec, pki.rsa]) {
                const server = await opensslServer({ identity, version, mode: "www" });
                servers.push(server);
                const ca = Buffer.from(identity.rootDer).toString("base64");
                sites.push(`{ host: "${identity.host}", port: ${server.port}, path: "/", agent: false, ca: atob("${ca}") }`);
            }
        }
        await pico.start();
        assert.match((await pico.cli("install")).output, /Installed: /);
    });
    after(async function () {
        await pico.remove();
        for (const server of servers) await server.close();
    });

    it("lose nothing", async function () {
        const lines = await pico.run(`
            var tls = require("tls"), https = require("https"), done = 0, failed = 0, resumed = 0;
            var sites = [${sites.join(",\n")}];
            function next() {
                if (done % ${ROUND} == 0) print("@@", done, failed, resumed, process.memory().usage, tls.memory().inUse);
                if (done == ${(ROUNDS + 1) * ROUND}) return print("DONE");
                var request = https.get(sites[done % ${ROUND}], function (response) {
                    response.on("data", function () {});
                    if (response.socket.isSessionReused()) resumed++;
                    response.socket.on("close", function () { done++; setTimeout(next, 100); });
                });
                request.on("error", function (error) { print(error.message); failed++; done++; setTimeout(next, 100); });
            }
            next();`);
        const rounds = lines.map((line) => line.split(" ").slice(1).map(Number));
        const [, first = [], ...others] = rounds;
        assert.equal(others.length, ROUNDS, lines.join("\n"));
        for (const [index, [done, ...rest]] of others.entries()) {
            assert.equal(done, (index + 2) * ROUND);
            assert.deepEqual(rest, first.slice(1), lines.join("\n"));
        }
        assert.deepEqual(first.slice(1, 3), [0, 0], "none failed, none was resumed");
        console.log(`      ${(ROUNDS + 1) * ROUND} connections: ${first[3]} blocks and ${first[4]} bytes after each round`);
    });
});
