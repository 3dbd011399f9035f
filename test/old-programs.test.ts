// SPDX-License-Identifier: Apache-2.0
/**
 * Programs as they are written for the `tls` of Espruino's own firmware, unchanged on ours: on Espruino
 * for 32-bit ARM Linux, named by ESPRUINO_ARM, and on the Pico's own firmware, named by
 * ESPRUINO_RP2040_UF2 and RP2040_BOOTROM. Espruino's MQTT module is taken from the file that
 * ESPRUINO_MQTT names (MQTT.js of espruino.com/modules).
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import { until } from "./support/attempt.ts";
import { openPlaces } from "./device/places.ts";
import type { Place } from "./device/places.ts";
import { mosquitto } from "./support/mosquitto.ts";
import { cachedPki } from "./support/pki.ts";
import type { Identity, Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { gnutlsServer, opensslServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

const MQTT = process.env["ESPRUINO_MQTT"];

const base64 = (der: Uint8Array): string => Buffer.from(der).toString("base64");

/** An argument of a program: a certificate as the documentation of `tls.connect` shows it. */
const decoded = (der: Uint8Array): string => `atob("${base64(der)}")`;

/** Sends a line to a server that reverses lines, and prints what comes back. */
const REVERSE = `
    function use(c) {
        print("@@ connected");
        c.on("data", function (d) { print("@@ data", JSON.stringify(d)); c.end(); });
        c.on("close", function () { print("@@ closed"); print("DONE"); });
        c.write("hello\\n");
    }
    function failed(e) { print("@@", e.code); print("DONE"); }`;

/** The programs at one place. */
const programs = function (board: Place): void {
    describe(`programs for Espruino's own tls, ${board.name}`, function () {
        this.timeout(600_000);
        const folder = mkdtempSync(join(tmpdir(), "old-programs-"));
        let pki: Pki;
        let server: Server | undefined;

        before(async function () {
            board.check(this);
            pki = await cachedPki();
            await board.open();
        });
        afterEach(async () => {
            await server?.close();
            server = undefined;
        });
        after(async () => {
            await board.close();
            rmSync(folder, { recursive: true, force: true });
        });

        /** A server that reverses lines; with `client` it insists on that one's certificate. */
        const reverse = async function (identity: Identity, client?: Identity): Promise<number> {
            let clientRootFile: string | undefined;
            if (client) {
                // These programs send one certificate, so the server has to know the one above it.
                clientRootFile = join(folder, "issuers.pem");
                writeFileSync(clientRootFile, client.rootPem + client.issuersPem);
            }
            server = await opensslServer({ identity, clientRootFile, mode: "reverse" });
            return server.port;
        };
        const REVERSED = ["connected", 'data "olleh\\n"', "closed"];

        it("ca as atob, options of url.parse", async function () {
            if (!board.hasFiles) {
                console.log(`      not run: ${board.name} there is no url.parse`);
                this.skip();
            }
            const port = await reverse(pki.ec);
            const program = `${REVERSE}
                var options = url.parse("tls://localhost:${port}/");
                options.ca = ${decoded(pki.ec.rootDer)};
                require("tls").connect(options, use).on("error", failed);`;
            assert.deepEqual(await board.run(program), REVERSED);
        });

        it("ca, cert and key as atob, from a server that insists on a certificate", async () => {
            const client = pki.clients.ec;
            const port = await reverse(pki.rsa, client);
            const options = `{ host: "localhost", port: ${port}, ca: ${decoded(pki.rsa.rootDer)}`;
            const own = `cert: ${decoded(client.certDer)}, key: ${decoded(client.keyDer)} }`;
            const connect = `require("tls").connect(options, use).on("error", failed);`;
            assert.deepEqual(await board.run(`${REVERSE} var options = ${options}, ${own}; ${connect}`), REVERSED);
            const without = await board.run(`${REVERSE} var options = ${options} }; ${connect}`);
            assert.equal(without[1], "ETLS_ALERT_CERTIFICATE_REQUIRED");
        });

        it("ca, cert and key as names of files", async () => {
            const client = pki.clients.rsa;
            const port = await reverse(pki.ec, client);
            const key = board.hasFiles ? "client-key-of-the-sensor-in-the-cellar.pem" : "client-key.pem";
            const files = { "ca.pem": pki.ec.rootPem, "client.pem": client.certPem, [key]: client.keyPem };
            const program = (ca: string): string => `${REVERSE}
                require("tls").connect({ host: "localhost", port: ${port}, ca: "${ca}",
                    cert: "client.pem", key: "${key}" }, use).on("error", failed);`;
            assert.deepEqual(await board.run(program("ca.pem"), files), REVERSED);
            assert.deepEqual(await board.run(program("none.pem"), files), ["ETLS_BAD_CERTIFICATE"]);
        });

        it("ca, cert and key as functions", async () => {
            const client = pki.clients.ec;
            const port = await reverse(pki.ec, client);
            const program = `${REVERSE}
                require("Storage").write("key", ${decoded(client.keyDer)});
                require("tls").connect({ host: "localhost", port: "${port}",
                    ca: function () { return ${decoded(pki.ec.rootDer)}; },
                    cert: function () { return ${decoded(client.certDer)}; },
                    key: function () { return require("Storage").read("key"); }
                }, use).on("error", failed);`;
            assert.deepEqual(await board.run(program), REVERSED);
        });

        for (const scheme of ["mqtt://", "tls://", ""]) {
            it(`a URL as ${scheme}host:port, with the certificates of the board`, async () => {
                const port = await reverse(pki.ec);
                const program = `${REVERSE}
                    require("tls").connect("${scheme}localhost:${port}", use).on("error", failed);`;
                const trust = `require("Storage").write("tls-ca", ${decoded(pki.ec.rootDer)});`;
                assert.deepEqual(await board.run(trust + program), REVERSED);
                assert.deepEqual(await board.run(program), ["ETLS_NO_TRUST_ANCHOR"]);
            });
        }

        it("available() and read() without a listener", async () => {
            const port = await reverse(pki.ec);
            const program = `
                var c = require("tls").connect({ host: "localhost", port: ${port}, ca: ${decoded(pki.ec.rootDer)} });
                print("@@", c.available(), JSON.stringify(c.read()));
                c.on("connect", function (socket) { socket.write("one two\\n"); });
                var timer = setInterval(function () {
                    if (c.available() < 8) return;
                    clearInterval(timer);
                    print("@@", c.available(), JSON.stringify(c.read(3)), c.available(), JSON.stringify(c.read()), c.read().length);
                    c.end();
                    print("DONE");
                }, 10);`;
            assert.deepEqual(await board.run(program), ['0 ""', '8 "owt" 5 " eno\\n" 0']);
        });

        it("a write after the close is thrown", async () => {
            const port = await reverse(pki.ec);
            const program = `
                var c = require("tls").connect({ host: "localhost", port: ${port}, ca: ${decoded(pki.ec.rootDer)} }, function () { c.end(); });
                c.on("close", function () {
                    try { c.write("more"); } catch (e) { print("@@", e.code); }
                    print("DONE");
                });`;
            assert.deepEqual(await board.run(program), ["ETLS_CLOSED"]);
        });

        it("what the old one did not notice: another issuer, another name", async () => {
            const port = await reverse(pki.ec);
            const connect = (host: string, root: Uint8Array): string => `${REVERSE}
                require("tls").connect({ host: "${host}", port: ${port}, ca: ${decoded(root)} }, use).on("error", failed);`;
            assert.deepEqual(await board.run(connect("localhost", pki.rsa.rootDer)), ["ETLS_CERT_UNKNOWN_ISSUER"]);
            await server?.close();
            server = await gnutlsServer({ identity: pki.bad.wrongHost });
            const other = `${REVERSE} require("tls").connect({ host: "localhost", port: ${server.port},
                ca: ${decoded(pki.bad.wrongHost.rootDer)} }, use).on("error", failed);`;
            assert.deepEqual(await board.run(other), ["ETLS_CERT_NAME_MISMATCH"]);
        });

        describe("Espruino's MQTT module and mosquitto", function () {
            let module = "";

            before(function () {
                skipWithout(this, "mosquitto");
                if (MQTT === undefined) {
                    console.log("Espruino's MQTT module was not run: the environment variable ESPRUINO_MQTT does not name MQTT.js.");
                    this.skip();
                }
                module = `Modules.addCached("MQTT", ${JSON.stringify(readFileSync(MQTT, "latin1"))});\n`;
            });

            const LOGIN = ["espruino", "open sesame"] as const;
            const program = (port: number, identity: Identity, rest: string, password: string = LOGIN[1]): string => `${module}
                require("Storage").write("tls-ca", ${decoded(identity.rootDer)});
                var mqtt = require("MQTT").create("localhost", { username: "${LOGIN[0]}", password: "${password}" });
                mqtt.on("error", function (e) { print("@@ error", e); print("DONE"); });
                mqtt.on("disconnected", function () { print("@@ disconnected"); print("DONE"); });
                require("tls").connect("mqtt://localhost:${port}", function (client) { mqtt.connect(client); })
                    .on("error", function (e) { print("@@", e.code); print("DONE"); });
                ${rest}`;

            it("publishes and hears, also many messages in one piece", async () => {
                server = await mosquitto({ identity: pki.rsa, login: LOGIN });
                const rest = `
                    var heard = [];
                    mqtt.on("connected", function () {
                        mqtt.subscribe("t/#", { qos: 1 });
                    });
                    mqtt.on("subscribed", function () {
                        for (var i = 0; i < 30; i++) mqtt.publish("t/" + i, "message " + i, { qos: i & 1 });
                    });
                    mqtt.on("publish", function (m) {
                        heard.push(m.topic.substr(2) === m.message.substr(8) ? +m.topic.substr(2) : m);
                        if (heard.length < 30) return;
                        print("@@", JSON.stringify(heard.sort(function (a, b) { return a - b; })));
                        mqtt.disconnect();
                        setTimeout(function () { print("DONE"); }, 300);
                    });`;
                const numbers = Array.from({ length: 30 }, (_, index) => index);
                assert.deepEqual(await board.run(program(server.port, pki.rsa, rest)), [JSON.stringify(numbers), "disconnected"]);
                assert.match(server.output(), /Received DISCONNECT/);
            });

            it("is told that a password is wrong", async () => {
                server = await mosquitto({ identity: pki.ec, login: LOGIN });
                assert.deepEqual(await board.run(program(server.port, pki.ec, "", "guess")), ["disconnected"]);
                assert.match(server.output(), /not authori[sz]ed/);
            });

            it("is told that the broker is gone", async () => {
                const broker = await mosquitto({ identity: pki.ec, login: LOGIN });
                const rest = 'mqtt.keep_alive = 6; mqtt.ping_interval = 1; mqtt.on("connected", function () { print("@@ connected"); });';
                const told = board.run(program(broker.port, pki.ec, rest));
                await until(() => /Received PINGREQ/.test(broker.output()), 120_000);
                await broker.close();
                const lines = await told;
                assert.equal(lines[0], "connected");
                assert.ok(lines.includes("disconnected"), lines.join());
            });

            it("refuses a broker that is another", async () => {
                server = await mosquitto({ identity: pki.ec, login: LOGIN });
                assert.deepEqual(await board.run(program(server.port, pki.rsa, "")), ["ETLS_CERT_UNKNOWN_ISSUER"]);
                assert.doesNotMatch(server.output(), /New client connected/);
            });
        });
    });
};

for (const place of openPlaces()) programs(place);
