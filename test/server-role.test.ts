// SPDX-License-Identifier: Apache-2.0
/** Our servers against clients of others: curl, OpenSSL, GnuTLS, Node; and against our own client. */
import assert from "node:assert/strict";
import * as tls from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { EspruinoTls } from "../wasm/node.ts";
import { curl, gnutlsClient, nodeHttps, opensslClient } from "./support/clients.ts";
import type { ClientOptions, ClientResult } from "./support/clients.ts";
import { converse, fetchBody, openCore } from "./support/core.ts";
import { SLOWNESS } from "./support/host.ts";
import { sha256, testBytes } from "./support/node-servers.ts";
import {
    identityOptions, onlyVersion, ownHttpsServer, ownTlsServer,
} from "./support/own-servers.ts";
import type { OwnServer } from "./support/own-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import type { ToolName } from "./support/processes.ts";
import type { Version } from "./support/servers.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];
const CHAINS = ["ec", "rsa"] as const;
const MB = 1024 * 1024;
/** What clients send and get within their time limits. */
const BIG = testBytes((SLOWNESS === 1 ? 5 : 0.5) * MB);

/** Every client, and the program that it is. */
const CLIENTS: [string, ToolName[], (options: ClientOptions) => Promise<ClientResult>][] = [
    ["curl", ["curl"], curl],
    ["openssl s_client", ["openssl"], opensslClient],
    ["gnutls-cli", ["gnutls-cli"], gnutlsClient],
    ["Node's https", [], nodeHttps],
];

describe("server role", function () {
    this.timeout(30_000);
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
        await server.drop(); // in order that one failure stays one
        core.https.globalAgent.destroy();
        assert.equal(core.memory().inUse, 0, "the heap is back at its start");
        assert.equal(core.memory().blocks, 0);
        core.close();
    });

    for (const version of VERSIONS) {
        for (const chain of CHAINS) {
            describe(`TLS ${version}, ${chain} chain`, () => {
                beforeEach(async () => {
                    const identity = identityOptions(pki[chain]);
                    server = await ownHttpsServer(core, { ...identity, ...onlyVersion(version) });
                });
                afterEach(() => server.close());

                for (const [name, tools, client] of CLIENTS) {
                    it(`${name}: pages small and large`, async function () {
                        skipWithout(this, ...tools);
                        const target = { port: server.port, rootFile: pki[chain].rootFile, version };
                        const small = await client(target);
                        assert.equal(small.stderr.includes("error"), false, small.stderr);
                        assert.deepEqual([small.ok, small.status], [true, 200], small.stderr);
                        assert.equal(small.body.toString(), "hello");
                        const large = await client({ ...target, path: "/bytes/100000" });
                        assert.equal(sha256(large.body), sha256(testBytes(100_000)));
                        assert.equal(server.refused.length, 0);
                        assert.equal(server.accepted[0]?.authorized, false);
                        assert.equal(server.accepted[0]?.getPeerCertificate(), null);
                    });
                }
            });
        }
    }

    for (const version of VERSIONS) {
        describe(`${BIG.length / MB} MB both ways (GnuTLS: half of one), TLS ${version}`, () => {
            beforeEach(async () => {
                const identity = identityOptions(pki.ec);
                server = await ownHttpsServer(core, { ...identity, ...onlyVersion(version) });
            });
            afterEach(() => server.close());

            for (const [name, tools, client] of CLIENTS) {
                it(name, async function () {
                    skipWithout(this, ...tools);
                    const target = { port: server.port, rootFile: pki.ec.rootFile };
                    const body = name === "gnutls-cli" ? BIG.subarray(0, MB / 2) : BIG; // It is slow.
                    const down = await client({ ...target, path: `/bytes/${body.length}` });
                    assert.equal(sha256(down.body), sha256(body));
                    const up = await client({ ...target, path: "/sha256", body });
                    assert.equal(up.body.toString(), sha256(body), up.stderr);
                });
            }
        });
    }

    it("16 connections at once", async () => {
        server = await ownHttpsServer(core, identityOptions(pki.ec));
        const target = { port: server.port, rootFile: pki.ec.rootFile, path: "/bytes/50000" };
        const all = await Promise.all(Array.from({ length: 16 }, () => nodeHttps(target)));
        for (const got of all) assert.equal(sha256(got.body), sha256(testBytes(50_000)), got.stderr);
        await server.close();
    });

    it("100 connections one after the other, to the byte", async () => {
        server = await ownTlsServer(core, identityOptions(pki.ec));
        const before = core.memory().inUse;
        for (let i = 0; i < 100; i += 1) {
            await echoOnce(server.port, pki.ec.rootPem, `number ${i}`);
            assert.equal(core.memory().inUse, before, `after connection ${i + 1}`);
        }
        await server.close();
    });

    describe("and our client", () => {
        let other: EspruinoTls;
        before(async () => {
            other = await openCore({ arena: 128 * 1024 });
        });
        after(() => {
            assert.equal(other.memory().inUse, 0);
            other.close();
        });

        for (const version of VERSIONS) {
            for (const where of ["one core", "two cores"]) {
                it(`TLS ${version}, ${where}`, async () => {
                    const client = where === "one core" ? core : other;
                    const identity = identityOptions(pki.ec);
                    server = await ownHttpsServer(core, { ...identity, ...onlyVersion(version) });
                    const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem, agent: false };
                    const put = { ...to, method: "PUT", path: "/echo" };
                    const echo = await fetchBody(client, put, testBytes(200_000));
                    assert.equal(sha256(echo.body), sha256(testBytes(200_000)));
                    assert.equal(server.accepted[0]?.getProtocol(), `TLSv${version}`);
                    assert.equal(server.accepted[0]?.servername, "localhost");
                    await server.close();
                });
            }
        }

        it("ends in order on both sides", async () => {
            const closed: boolean[] = [];
            server = await ownTlsServer(core, identityOptions(pki.ec), (socket) => {
                socket.on("data", (data) => socket.end(`got ${data}`));
                socket.on("close", (hadError) => closed.push(hadError));
            });
            const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
            const outcome = await converse(other, to, (socket) => socket.write("this"));
            assert.deepEqual(
                [outcome.data.toString(), outcome.ended, outcome.error],
                ["got this", true, undefined],
            );
            await server.close();
            while (closed.length < 1) await sleep(1); // follows that of the stream
            assert.deepEqual(closed, [false]);
        });
    });
});

/** Connects with Node's TLS, has a text sent back, and waits until the connection is gone. */
async function echoOnce(port: number, ca: string, text: string): Promise<void> {
    const socket = tls.connect({ port, host: "127.0.0.1", servername: "localhost", ca });
    const closed = new Promise<void>((resolve, reject) => {
        socket.on("close", () => resolve());
        socket.on("error", reject);
    });
    socket.setEncoding("latin1");
    socket.on("data", (data: string) => {
        assert.equal(data, text);
        socket.end();
    });
    socket.write(text);
    await closed;
}
