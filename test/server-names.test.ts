// SPDX-License-Identifier: Apache-2.0
/** Which name and protocol clients ask our servers for: SNI (RFC 6066) and ALPN (RFC 7301). */
import assert from "node:assert/strict";
import type * as tls from "node:tls";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { SNICallback } from "../modules/tls_server.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { curl, opensslClient } from "./support/clients.ts";
import { converse, openCore } from "./support/core.ts";
import { identityOptions, onlyVersion, ownHttpsServer, ownTlsServer } from "./support/own-servers.ts";
import type { OwnServer } from "./support/own-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import type { Version } from "./support/servers.ts";
import { visit } from "./support/visitor.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];

describe("server: names and protocols", () => {
    let pki: Pki;
    let core: EspruinoTls;
    let server: OwnServer;

    before(async () => {
        pki = await cachedPki();
    });

    beforeEach(async () => {
        core = await openCore();
    });

    afterEach(async () => {
        await server.drop();
        assert.equal(core.memory().inUse, 0, "the heap is back at its start");
        core.close();
    });

    /** Node as a client of that name, trusting both roots; returns the key of the certificate. */
    const keyFor = async function (servername: string): Promise<string> {
        const ca = [pki.ec.rootPem, pki.rsa.rootPem];
        let key = "";
        const checkServerIdentity = (_: string, certificate: tls.PeerCertificate): undefined => {
            key = certificate.bits === 2048 ? "RSA" : "EC";
        };
        const answer = await visit(server.port, { servername, ca, checkServerIdentity });
        return answer === "hello" ? key : answer;
    };

    for (const version of VERSIONS) {
        describe(`SNICallback, TLS ${version}`, () => {
            /** localhost has the EC certificate, server.example.test the RSA one, others none. */
            const start = async (answer: (go: () => void) => void): Promise<string[]> => {
                const contexts = {
                    localhost: core.tls.createSecureContext({ ca: [], ...identityOptions(pki.ec) }),
                    "server.example.test": core.tls.createSecureContext({
                        ca: [], ...identityOptions(pki.rsa), ...onlyVersion(version),
                    }),
                };
                const asked: string[] = [];
                const SNICallback: SNICallback = (name, callback) => {
                    asked.push(name);
                    answer(() => {
                        if (name in contexts) callback(null, contexts[name as keyof typeof contexts]);
                        else if (name === "a.example.test") callback(null);
                        else callback(new Error("no such name"));
                    });
                };
                const identity = identityOptions(pki.rsa);
                server = await ownTlsServer(core, { ...identity, ...onlyVersion(version), SNICallback });
                const { drop } = server;
                server.drop = async () => {
                    await drop();
                    for (const context of Object.values(contexts)) context.free();
                };
                return asked;
            };

            for (const [how, answer] of [
                ["at once", (go: () => void) => go()],
                ["later", (go: () => void) => void setTimeout(go, 20)],
            ] as const) {
                it(`chooses by the name, ${how}`, async () => {
                    const asked = await start(answer);
                    assert.equal(await keyFor("localhost"), "EC");
                    assert.equal(await keyFor("server.example.test"), "RSA");
                    assert.equal(await keyFor("a.example.test"), "RSA", "the server's own context");
                    assert.deepEqual(asked, ["localhost", "server.example.test", "a.example.test"]);
                    const names = server.accepted.map((socket) => socket.servername);
                    assert.deepEqual(names, asked);
                });

                it(`refuses an unknown name, ${how}`, async () => {
                    await start(answer);
                    assert.match(await keyFor("other.test"), /unrecognized name/);
                    await server.refusals(1);
                    assert.equal(server.refused[0]?.code, "ETLS_UNRECOGNIZED_NAME");
                    assert.match(server.refused[0]?.message ?? "", /other\.test/);
                });
            }

            it("is not asked for an IP address", async () => {
                const asked = await start((go) => go());
                const to = { host: "127.0.0.1", port: server.port, ca: pki.rsa.rootPem };
                const outcome = await converse(core, to, (socket) => socket.end("hello"));
                assert.equal(outcome.data.toString(), "hello");
                assert.deepEqual(asked, []);
            });

            it("answers our client and openssl", async function () {
                skipWithout(this, "openssl");
                await start((go) => go());
                const to = { host: "127.0.0.1", port: server.port, ca: pki.rsa.rootPem };
                const servername = "server.example.test";
                const ours = await converse(core, { ...to, servername }, (socket) => socket.end("hello"));
                assert.equal(ours.data.toString(), "hello");
                const unknown = await converse(core, { ...to, servername: "x.test" });
                assert.equal(unknown.error?.code, "ETLS_ALERT_UNRECOGNIZED_NAME");
                const { ok } = await opensslClient({
                    port: server.port, rootFile: pki.rsa.rootFile, host: servername, input: "bye",
                    until: (out) => out.includes("bye"),
                });
                assert.equal(ok, true);
            });
        });

        describe(`ALPN, TLS ${version}`, () => {
            const start = async (ALPNProtocols?: string[]): Promise<void> => {
                const options = { ...identityOptions(pki.ec), ...onlyVersion(version) };
                server = await ownTlsServer(core, { ...options, ALPNProtocols });
            };
            const come = (ALPNProtocols?: string[]): ReturnType<typeof visit> =>
                visit(server.port, { ca: pki.ec.rootPem, ...(ALPNProtocols ? { ALPNProtocols } : {}) });

            it("agrees on the server's favourite", async () => {
                await start(["mqtt", "http/1.1"]);
                assert.equal(await come(["http/1.1", "mqtt", "x"]), "hello");
                assert.equal(await come(["http/1.1"]), "hello");
                assert.deepEqual(server.accepted.map((s) => s.alpnProtocol), ["mqtt", "http/1.1"]);
            });

            it("goes on without when one side has none", async () => {
                await start(["mqtt"]);
                assert.equal(await come(), "hello");
                assert.equal(server.accepted[0]?.alpnProtocol, false);
                await server.drop();
                await start();
                assert.equal(await come(["mqtt"]), "hello");
                assert.equal(server.accepted[0]?.alpnProtocol, false);
            });

            it("refuses when none is common", async () => {
                await start(["mqtt"]);
                assert.match(await come(["http/1.1"]), /alert number 120|no application protocol/);
                await server.refusals(1);
                assert.equal(server.refused[0]?.code, "ETLS_NO_APPLICATION_PROTOCOL");
                const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
                const ours = await converse(core, { ...to, ALPNProtocols: ["coap"] });
                assert.equal(ours.error?.code, "ETLS_ALERT_NO_APPLICATION_PROTOCOL");
            });

            it("names of 1 and 255 bytes with our client", async () => {
                const long = "x".repeat(255);
                await start([long, "y"]);
                const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
                for (const name of [long, "y"]) {
                    const outcome = await converse(core, { ...to, ALPNProtocols: [name] }, (socket) => {
                        assert.equal(socket.alpnProtocol, name);
                        socket.end();
                    });
                    assert.equal(outcome.error, undefined);
                }
            });

            it("with curl", async function () {
                skipWithout(this, "curl");
                const options = { ...identityOptions(pki.ec), ...onlyVersion(version) };
                server = await ownHttpsServer(core, { ...options, ALPNProtocols: ["http/1.1"] });
                const got = await curl({ port: server.port, rootFile: pki.ec.rootFile });
                assert.equal(got.status, 200, got.stderr);
                assert.equal(server.accepted[0]?.alpnProtocol, "http/1.1");
            });
        });
    }
});
