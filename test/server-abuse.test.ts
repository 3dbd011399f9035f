// SPDX-License-Identifier: Apache-2.0
/** Our servers set up wrongly, and clients that misbehave: nothing may hang or stay behind. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { TlsServerOptions } from "../modules/tls_server.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { converse, openCore } from "./support/core.ts";
import { shortLimit } from "./support/host.ts";
import { identityOptions, onlyVersion, ownTlsServer } from "./support/own-servers.ts";
import type { OwnServer } from "./support/own-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { visit } from "./support/visitor.ts";

/** What a raw client has seen: all bytes, and how many milliseconds until the server's end. */
interface Seen {
    bytes: Buffer;
    ms: number;
}

describe("server: misuse and abuse", () => {
    let pki: Pki;
    let core: EspruinoTls;
    let server: OwnServer;
    let hello: Buffer;

    before(async () => {
        pki = await cachedPki();
        hello = await captureHello();
    });

    beforeEach(async () => {
        core = await openCore();
    });

    afterEach(async () => {
        await server.drop();
        assert.equal(core.memory().inUse, 0, "the heap is back at its start");
        core.close();
    });

    const start = async function (more: TlsServerOptions = {}): Promise<void> {
        server = await ownTlsServer(core, { ...identityOptions(pki.ec), ...more });
    };

    /** A client that sends bytes and waits; a stubborn one does not even end when the server does. */
    const come = function (send: Uint8Array | string, allowHalfOpen = false): Promise<Seen> {
        return new Promise((resolve) => {
            const started = Date.now();
            const pieces: Buffer[] = [];
            const socket: Socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen });
            socket.write(send);
            socket.on("data", (data) => pieces.push(data));
            socket.on("error", () => undefined);
            const done = (): void => {
                resolve({ bytes: Buffer.concat(pieces), ms: Date.now() - started });
            };
            socket.on("end", done);
            socket.on("close", done);
        });
    };

    /** The server must get rid of the client although that never ends its side. */
    const mustClose = async function (): Promise<void> {
        const patience = new Promise((resolve) => setTimeout(resolve, 5000, "still open"));
        assert.equal(await Promise.race([server.close(), patience]), undefined);
    };

    it("without certificate and key every client is refused", async () => {
        server = await ownTlsServer(core, {});
        assert.match(await visit(server.port, { ca: pki.ec.rootPem }), /alert number 80/);
        await server.refusals(1);
        assert.equal(server.refused[0]?.code, "ETLS_NO_CERTIFICATE");
    });

    it("cannot be made with a certificate and another's key", async () => {
        const options = { cert: pki.ec.chainPem, key: pki.rsa.keyPem };
        await assert.rejects(ownTlsServer(core, options), { code: "ETLS_KEY_MISMATCH" });
        await start();
    });

    it("asks for a client certificate only with roots to check it by", async () => {
        await start({ requestCert: true });
        await visit(server.port, { ca: pki.ec.rootPem });
        await server.refusals(1);
        assert.equal(server.refused[0]?.code, "ETLS_NO_TRUST_ANCHOR");
    });

    it("cannot listen on a port in use, and says so", async () => {
        await start();
        const second = core.tls.createServer(identityOptions(pki.ec));
        const error = await new Promise<Error>((resolve) => {
            second.on("error", resolve);
            second.listen(server.port, "127.0.0.1");
        });
        assert.match(error.message, /EADDRINUSE/);
        await new Promise<void>((resolve) => void second.close(resolve));
    });

    it("plain HTTP is answered with an alert, and a client that stays is dropped", async () => {
        await start();
        const { bytes } = await come("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", true);
        assert.deepEqual([...bytes], [21, 3, 3, 0, 2, 2, 10]);
        await server.refusals(1);
        assert.equal(server.refused[0]?.code, "ETLS_NOT_TLS");
        await mustClose();
    });

    for (const [name, bytes] of [
        ["garbage", Buffer.alloc(3000, 0xa5)],
        ["a handshake record of nothing", Buffer.from([22, 3, 1, 0, 0])],
        ["a record that is too long", Buffer.from([22, 3, 1, 0x48, 0x01, 1, 0, 0, 0])],
        ["an alert", Buffer.from([21, 3, 3, 0, 2, 2, 80])],
        ["application data", Buffer.from([23, 3, 3, 0, 5, 1, 2, 3, 4, 5])],
        ["a ServerHello", Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0])],
        ["an empty ClientHello", Buffer.from([22, 3, 3, 0, 4, 1, 0, 0, 0])],
        ["a ClientHello of 16 MB", Buffer.concat([Buffer.from([22, 3, 3, 64, 0, 1, 255, 255, 255]), Buffer.alloc(16380)])],
    ] as [string, Buffer][]) {
        it(`${name} is refused`, async () => {
            await start({ handshakeTimeout: 200 });
            await come(bytes);
            await server.refusals(1);
            assert.match(server.refused[0]?.code ?? "", /^ETLS_/);
            assert.equal(server.accepted.length, 0);
            await mustClose();
        });
    }

    it("a ClientHello cut anywhere, then nothing: handshakeTimeout", async () => {
        await start({ handshakeTimeout: 150 });
        const cuts = [0, 1, 4, 5, 6, 9, 43, 100, hello.length - 1, hello.length];
        const all = await Promise.all(cuts.map((cut) => come(hello.subarray(0, cut))));
        for (const { ms } of all) assert.ok(ms >= 140 && ms < 1500, `ended after ${ms} ms`);
        await server.refusals(cuts.length);
        for (const error of server.refused) {
            assert.equal(error.code, "ETLS_TIMEOUT");
            assert.match(error.message, /150 ms/);
        }
        await mustClose();
    });

    it("a ClientHello byte by byte is served", async () => {
        await start();
        let answer = 0;
        await new Promise<void>((resolve) => {
            const socket = connect({ port: server.port, host: "127.0.0.1", noDelay: true });
            socket.once("data", (data) => {
                answer = data[0] ?? 0;
                socket.destroy();
                resolve();
            });
            [...hello].forEach((byte, at) => setTimeout(() => socket.write(Buffer.of(byte)), at / 4));
        });
        assert.equal(answer, 22, "a ServerHello");
    });

    it("a client that goes while the name is being looked up leaves nothing", async () => {
        let answer: (() => void) | undefined;
        await start({ SNICallback: (_, callback) => (answer = () => callback(null)) });
        const socket = connect({ port: server.port, host: "127.0.0.1" });
        socket.write(hello);
        while (!answer) await new Promise((resolve) => setTimeout(resolve, 5));
        socket.destroy();
        await new Promise((resolve) => setTimeout(resolve, 50));
        const before = core.memory().inUse;
        answer();
        await new Promise((resolve) => setTimeout(resolve, 50));
        assert.equal(core.memory().inUse, before);
        await mustClose();
    });

    it("a name that is never looked up falls under handshakeTimeout", async () => {
        await start({ handshakeTimeout: 150, SNICallback: () => undefined });
        const { ms } = await come(hello);
        assert.ok(ms < 1500, `ended after ${ms} ms`);
        await server.refusals(1);
        assert.equal(server.refused[0]?.code, "ETLS_TIMEOUT");
    });

    it("closeAllConnections ends those too that have said nothing", async () => {
        await start();
        const seen = come("");
        await new Promise((resolve) => setTimeout(resolve, 50));
        await server.drop();
        await seen;
    });

    it("goes on when its memory is full, and serves again afterwards", async () => {
        core.close();
        core = await openCore({ arena: 28 * 1024 });
        await start({ handshakeTimeout: shortLimit(500) });
        const silent = Array.from({ length: 12 }, () => come(hello));
        await Promise.all(silent);
        assert.ok(server.refused.some((error) => error.code === "ETLS_OUT_OF_MEMORY"));
        assert.equal(await visit(server.port, { ca: pki.ec.rootPem }), "hello");
    });

    for (const version of ["1.2", "1.3"] as const) {
        it(`running out of memory anywhere in a handshake leaves nothing, TLS ${version}`, async () => {
            let failed = 0;
            await start();
            for (let arena = 7_200; arena < 10_400; arena += 120) {
                await server.drop();
                core.close();
                core = await openCore({ arena });
                await start(onlyVersion(version));
                const before = core.memory().inUse;
                const answer = await visit(server.port, { ca: pki.ec.rootPem });
                if (answer !== "hello") {
                    failed += 1;
                    await server.refusals(1);
                }
                assert.equal(core.memory().inUse, before, `arena of ${arena} bytes: ${answer}`);
            }
            assert.ok(failed >= 5, `${failed} handshakes failed`);
        });
    }

    it("close() lets connections go on", async () => {
        await start();
        const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
        const outcome = await converse(core, to, (socket) => {
            void server.close();
            setTimeout(() => socket.end("still there"), 20);
        });
        assert.equal(outcome.data.toString(), "still there");
        await server.close();
    });
});

/** The ClientHello of Node's client. */
async function captureHello(): Promise<Buffer> {
    const { createServer } = await import("node:net");
    const { connect: tlsConnect } = await import("node:tls");
    return new Promise((resolve) => {
        const server = createServer((socket) => {
            socket.once("data", (data) => {
                socket.destroy();
                server.close();
                resolve(data);
            });
        });
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as { port: number };
            tlsConnect({ port, host: "127.0.0.1", servername: "localhost" }).on("error", () => undefined);
        });
    });
}
