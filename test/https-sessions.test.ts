// SPDX-License-Identifier: Apache-2.0
/** An agent resumes the TLS sessions of connections that are gone. Against Node's server. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as https from "node:https";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { RequestOptions } from "../modules/https.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { closeClean, openCore } from "./support/core.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";

/** How one request was served. */
interface Served {
    resumed: boolean;
    /** Signatures made and verified meanwhile. */
    signatures: number;
    body: string;
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    describe(`sessions of an https agent, ${version}`, () => {
        let pki: Pki;
        let core: EspruinoTls;
        let server: net.Server | undefined;
        let port = 0;
        const keys = randomBytes(48);

        /** Starts a server on the port of the last one, or on any. */
        const listen = async (next: net.Server): Promise<void> => {
            server = next;
            await new Promise<void>((resolve) => next.listen(port, "127.0.0.1", resolve));
            port = (next.address() as AddressInfo).port;
        };
        /** Each server knows the others' tickets by their keys, unless those are its own. */
        const serve = (ticketKeys: Buffer = keys): Promise<void> => {
            const { keyPem: key, chainPem: cert } = pki.ec;
            const options = { key, cert, ticketKeys, minVersion: version, maxVersion: version };
            return listen(https.createServer(options, (request, response) => response.end(request.url)));
        };
        const stop = async (): Promise<void> => {
            const closed = new Promise((resolve) => server?.close(resolve));
            if (server instanceof https.Server) server.closeAllConnections();
            await closed;
        };

        before(async () => {
            pki = await cachedPki();
        });
        beforeEach(async () => {
            core = await openCore();
            port = 0;
            await serve();
        });
        afterEach(async () => {
            await stop();
            await closeClean(core);
        });

        const get = (agent: RequestOptions["agent"], more: RequestOptions = {}): Promise<Served> =>
            new Promise((resolve, reject) => {
                core.tls.resetMemory();
                const options = { host: "localhost", port, path: "/page", ca: pki.ec.rootPem, agent, ...more };
                const request = core.https.get(options, (response) => {
                    const { signatures } = core.memory();
                    const resumed = (response.socket as unknown as TLSSocket).isSessionReused();
                    let body = "";
                    response.on("data", (data) => (body += data));
                    response.on("end", () => resolve({ resumed, signatures, body }));
                });
                request.on("error", reject);
            });
        const resumed = { resumed: true, signatures: 0, body: "/page" };
        const assertFull = (served: Served): void => {
            assert.equal(served.resumed, false);
            assert.ok(served.signatures >= 3);
            assert.equal(served.body, "/page");
        };

        it("resumes one after the other, each without a signature; another agent does not", async () => {
            const agent = new core.https.Agent();
            assertFull(await get(agent));
            for (let i = 0; i < 3; i += 1) assert.deepEqual(await get(agent), resumed);
            assertFull(await get(new core.https.Agent()));
            agent.destroy();
            assertFull(await get(agent));
        });

        it("does so after an idle connection was lost", async () => {
            const agent = new core.https.Agent({ keepAlive: true });
            assertFull(await get(agent));
            assert.deepEqual(await get(agent), { resumed: false, signatures: 0, body: "/page" }, "the same connection");
            await stop();
            await serve();
            assert.deepEqual(await get(agent), resumed);
            agent.destroy();
        });

        it("not between different TLS options", async () => {
            const agent = new core.https.Agent({ maxCachedSessions: 8 });
            assertFull(await get(agent));
            const others: RequestOptions[] = [
                { servername: "server.example.test" }, { ca: [pki.ec.rootPem] }, { checkServerIdentity: () => undefined },
                { minVersion: version }, { rejectUnauthorized: false },
            ];
            for (const more of others) {
                assertFull(await get(agent, more));
                assert.deepEqual(await get(agent, more), resumed);
            }
            assert.deepEqual(await get(agent), resumed);
        });

        it("keeps maxCachedSessions, the latest; 0 is none", async () => {
            const none = new core.https.Agent({ maxCachedSessions: 0 });
            for (let i = 0; i < 2; i += 1) assertFull(await get(none));
            const one = new core.https.Agent({ maxCachedSessions: 1 });
            const other = { servername: "server.example.test" };
            for (let i = 0; i < 2; i += 1) {
                assertFull(await get(one));
                assertFull(await get(one, other));
            }
            assert.deepEqual(await get(one, other), resumed);
        });

        it("a server that has forgotten it: a full handshake, and its session from then on", async () => {
            const agent = new core.https.Agent();
            assertFull(await get(agent));
            await stop();
            await serve(randomBytes(48));
            assertFull(await get(agent));
            assert.deepEqual(await get(agent), resumed);
        });

        it("outlives a server that is not there, but not a handshake that fails", async () => {
            const agent = new core.https.Agent();
            assertFull(await get(agent));
            await stop();
            await assert.rejects(get(agent), { code: "ETLS_CONNECT_FAILED" });
            await serve();
            assert.deepEqual(await get(agent), resumed);
            await stop();
            await listen(net.createServer((socket) => socket.once("data", () => socket.destroy())));
            await assert.rejects(get(agent), { code: "ETLS_CONNECTION_CLOSED" });
            await stop();
            await serve();
            assertFull(await get(agent));
        });

        it("a session that the program gives goes first, and is no reason for another connection", async () => {
            const agent = new core.https.Agent();
            assertFull(await get(agent));
            assertFull(await get(agent, { session: "no session" }));
            assert.deepEqual(await get(agent), resumed);
            const keeping = new core.https.Agent({ keepAlive: true });
            assertFull(await get(keeping, { session: "no session" }));
            assert.deepEqual(await get(keeping), { resumed: false, signatures: 0, body: "/page" }, "the same connection");
            keeping.destroy();
        });

        it("a session kept by the program, over a restart of the core", async () => {
            let session: string | undefined;
            const visit = (): Promise<boolean> =>
                new Promise((resolve, reject) => {
                    const options = { host: "localhost", port, ca: pki.ec.rootPem, agent: false as const, session };
                    core.https.get(options, (response) => {
                        const socket = response.socket as unknown as TLSSocket;
                        response.on("data", () => undefined);
                        response.on("end", () => {
                            session = socket.getSession();
                            resolve(socket.isSessionReused());
                        });
                    }).on("error", reject);
                });
            assert.equal(await visit(), false);
            await closeClean(core);
            core = await openCore();
            assert.equal(await visit(), true);
        });
    });
}
