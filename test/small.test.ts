// SPDX-License-Identifier: Apache-2.0
/**
 * Profile `small` on an emulated RP2040: the same handshakes and refusals with TLS 1.2, and for what it
 * does not have, the error that says so.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { EspruinoTls } from "../wasm/node.ts";
import { assertRefused, attempt } from "./support/attempt.ts";
import { chipSuite } from "./support/chip-suite.ts";
import { closeClean, converse } from "./support/core.ts";
import { openHost } from "./support/host.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { opensslServer } from "./support/servers.ts";

const HOST = "rp2040-small";

chipSuite(HOST, [], ["1.2"], ["wrongHost", "rsa1024"]);

describe("what profile small does not have", function () {
    this.timeout(120_000);
    let pki: Pki;
    let core: EspruinoTls;

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
        core = await openHost({ arena: 65536, store: 65536 }, HOST);
    });
    after(async () => {
        if (core !== undefined) await closeClean(core);
    });

    it("TLS 1.3 and own certificates: ETLS_UNSUPPORTED, and nothing is lost", async () => {
        const { ec, rsa } = pki;
        const server = await opensslServer({ identity: rsa, version: "1.2" });
        const options = { host: "127.0.0.1", port: server.port, servername: rsa.host, ca: rsa.rootPem };
        for (const more of [{ minVersion: "TLSv1.3" }, { cert: ec.chainPem, key: ec.keyPem }] as const) {
            assertRefused(await attempt(core, { ...options, ...more }), "ETLS_UNSUPPORTED");
        }
        await server.close();
    });

    it("sessions: none is handed out, and the next handshake is a full one", async () => {
        const server = await opensslServer({ identity: pki.rsa, version: "1.2" });
        for (let round = 0; round < 2; round += 1) {
            let handedOut = 0;
            const options = { host: "127.0.0.1", port: server.port, servername: pki.rsa.host, ca: pki.rsa.rootPem, handshakeTimeout: 100_000 };
            const outcome = await converse(core, options, (socket) => {
                socket.on("session", () => (handedOut += 1));
                assert.equal(socket.isSessionReused(), false);
                socket.end();
            });
            assert.equal(outcome.error, undefined, outcome.error?.message);
            assert.equal(handedOut, 0);
        }
        await server.close();
    });
});
