// SPDX-License-Identifier: Apache-2.0
/**
 * KeyUpdate of TLS 1.3 (RFC 8446 section 4.6.3): new keys at any time, from either side, and what
 * a peer may not do with it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { TLSSocket as NodeSocket } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { EspruinoTls } from "../wasm/node.ts";
import { until, watchHeap } from "./support/attempt.ts";
import { openCore } from "./support/core.ts";
import { identityOptions, ownTlsServer } from "./support/own-servers.ts";
import { cachedPki, type Pki } from "./support/pki.ts";
import { peerEnvironment, skipWithout } from "./support/processes.ts";
import { startProxy, type Edit } from "./support/proxy.ts";
import { nodeTlsServer, opensslServer } from "./support/servers.ts";
import { Resealer, SUITE } from "./support/tls13-keys.ts";

const SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/** KeyUpdate with that request: 0 update_not_requested, 1 update_requested. */
const keyUpdate = (...request: number[]): Buffer => Buffer.from([24, 0, 0, request.length, ...request]);
const TICKET = Buffer.from([4, 0, 0, 14, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 7, 0, 0]);

describe("KeyUpdate", function () {
    let pki: Pki;
    let core: EspruinoTls;

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
        core = await openCore();
    });
    after(() => core.close());

    /** Waits until `text()` has it. */
    const sees = async (text: () => string, what: string): Promise<void> => {
        await until(() => text().includes(what));
        assert.ok(text().includes(what), `${what} in ${text()}`);
    };

    for (const suite of SUITES) {
        it(`of OpenSSL's server, asked back or not, ${suite}`, async () => {
            const args = ["-ciphersuites", suite];
            const server = await opensslServer({ identity: pki.ec, version: "1.3", mode: "raw", args });
            const checkHeap = watchHeap(core);
            const proxy = await startProxy(server.port);
            const socket = core.tls.connect({ host: "localhost", port: proxy.port, ca: pki.ec.rootPem });
            let said = "";
            let closed = false;
            socket.on("data", (data) => (said += data));
            socket.on("error", (error) => (said += error.stack));
            socket.on("close", () => (closed = true));
            await new Promise<void>((resolve) => void socket.on("secureConnect", () => resolve()));
            assert.equal(socket.getCipher()?.standardName, suite);
            // s_server's commands: k is update_not_requested, K update_requested.
            for (const [index, command] of ["", "k", "K", "k", "K", "K"].entries()) {
                const before = proxy.records.length;
                if (command) {
                    server.send(`${command}\n`);
                    await until(() => proxy.records.length >= before + (command === "K" ? 2 : 1));
                }
                server.send(`down ${index}\n`);
                await sees(() => said, `down ${index}\n`);
                socket.write(`up ${index}\n`);
                await sees(() => server.output(), `up ${index}\n`);
            }
            socket.end();
            await until(() => closed);
            checkHeap();
            await proxy.close();
            await server.close();
        });
    }

    it("of OpenSSL's client, to our server", async () => {
        const checkHeap = watchHeap(core);
        const server = await ownTlsServer(core, identityOptions(pki.ec));
        const args = ["s_client", "-connect", `127.0.0.1:${server.port}`, "-tls1_3"];
        const client = spawn("openssl", args, { env: peerEnvironment });
        let said = "";
        client.stdout.on("data", (data: Buffer) => (said += data.toString()));
        client.stderr.on("data", (data: Buffer) => (said += data.toString()));
        await sees(() => said, "SSL handshake has read");
        for (const [index, command] of ["", "k", "K", "K"].entries()) {
            if (command) {
                client.stdin.write(`${command}\n`);
                await until(() => said.split("KEYUPDATE").length > index);
            }
            client.stdin.write(`round ${index}\n`);
            await sees(() => said, `round ${index}\n`);
        }
        client.stdin.write("Q\n");
        await new Promise((resolve) => client.once("close", resolve));
        await server.close();
        checkHeap();
    });

    /** What a server says that puts messages of its own behind its first answer. */
    const forge = async (messages: (resealer: Resealer) => Buffer[]): Promise<string[]> => {
        const resealer = new Resealer();
        const accept = (socket: NodeSocket): void => {
            socket.on("data", (data: Buffer) => socket.write(data.toString().toUpperCase()));
        };
        const tls = { ciphers: SUITE };
        const server = await nodeTlsServer({ identity: pki.ec, tls, accept, keylog: resealer.keylog });
        let forged = false;
        const edit: Edit = (record, log) => {
            const outcome = resealer.edit(record, log);
            // Tickets are longer, the answer to one byte is not.
            if (!outcome || forged || log.index < 5 || record.length !== 1 + 1 + 16) return outcome;
            forged = true;
            return { send: [...outcome.send, ...messages(resealer)] };
        };
        const proxy = await startProxy(server.port, { edit });
        const checkHeap = watchHeap(core);
        const events: string[] = [];
        const socket = core.tls.connect({ host: "localhost", port: proxy.port, ca: pki.ec.rootPem });
        socket.on("secureConnect", () => void socket.write("a"));
        socket.on("data", (data) => {
            events.push(data);
            if (data === "A") {
                setTimeout(() => open && socket.write("z"), 20);
            }
            if (data === "Z") socket.end();
        });
        socket.on("error", (error) => events.push(error.code));
        let open = true;
        await new Promise<void>((resolve) => {
            socket.on("close", () => {
                open = false;
                resolve();
            });
        });
        checkHeap();
        await proxy.close();
        await server.close();
        return events;
    };

    it("is obeyed, alone, behind a ticket in one record, and cut in two", async () => {
        const update = keyUpdate(0);
        const plain = await forge(() => []);
        assert.deepEqual(plain, ["A", "Z"]);
        assert.deepEqual(await forge((server) => [server.message(update, true)]), plain);
        const behind = Buffer.concat([TICKET, update]);
        assert.deepEqual(await forge((server) => [server.message(behind, true)]), plain);
        for (let place = 1; place < update.length; place++) {
            const parts = (server: Resealer): Buffer[] => [
                server.message(update.subarray(0, place)), server.message(update.subarray(place), true),
            ];
            assert.deepEqual(await forge(parts), plain);
        }
    });

    it("is refused where it is wrong", async () => {
        const cases: [string, Buffer, string][] = [
            ["another request", keyUpdate(2), "ETLS_ILLEGAL_PARAMETER"],
            ["a request of 255", keyUpdate(255), "ETLS_ILLEGAL_PARAMETER"],
            ["no request", keyUpdate(), "ETLS_DECODE_ERROR"],
            ["two requests", keyUpdate(0, 0), "ETLS_DECODE_ERROR"],
            ["something behind it", Buffer.concat([keyUpdate(0), TICKET]), "ETLS_UNEXPECTED_MESSAGE"],
            ["two in one record", Buffer.concat([keyUpdate(0), keyUpdate(0)]), "ETLS_UNEXPECTED_MESSAGE"],
            ["the begin of another behind it", Buffer.concat([keyUpdate(0), Buffer.of(4)]), "ETLS_UNEXPECTED_MESSAGE"],
            ["a Finished", Buffer.concat([Buffer.of(20, 0, 0, 32), Buffer.alloc(32)]), "ETLS_UNEXPECTED_MESSAGE"],
        ];
        for (const [what, message, code] of cases) {
            const events = await forge((server) => [server.message(message)]);
            assert.deepEqual(events, ["A", code], what);
        }
    });

    it("without data in between is taken 32 times, not 33", async () => {
        const flood = (count: number) => (server: Resealer): Buffer[] =>
            Array.from({ length: count }, () => server.message(keyUpdate(0), true));
        assert.deepEqual(await forge(flood(32)), ["A", "Z"]);
        assert.deepEqual(await forge(flood(33)), ["A", "ETLS_UNEXPECTED_MESSAGE"]);
    });

    it("with the old keys kept is no update", async () => {
        const events = await forge((server) => [server.message(keyUpdate(0))]);
        assert.deepEqual(events, ["A", "ETLS_BAD_RECORD_MAC"]);
    });
});
