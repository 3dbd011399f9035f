// SPDX-License-Identifier: Apache-2.0
/**
 * Streams have no borders: whatever the pieces, segments, records and messages that the same bytes
 * come in, the result is the same.
 */
import assert from "node:assert/strict";
import type { TLSSocket as NodeSocket } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { EspruinoTls } from "../wasm/node.ts";
import {
    assertGood, assertRefused, attempt, EARLY, watchHeap, type Attempt,
} from "./support/attempt.ts";
import { converse, openCore } from "./support/core.ts";
import { at, mergeHandshake, splitHandshake } from "./support/edits.ts";
import { sha256, testBytes } from "./support/node-servers.ts";
import { makeChain, SERVER, type OwnChain } from "./support/own-chain.ts";
import { cachedPki, type Identity, type Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { startProxy, type Edit, type ProxyOptions } from "./support/proxy.ts";
import { nodeTlsServer, opensslServer, type Server, type Version } from "./support/servers.ts";
import { inPieces, Resealer, SUITE } from "./support/tls13-keys.ts";
import { makeRecord } from "./support/tls-records.ts";

/** Cuts a handshake record so many bytes behind the end of its first message. */
function cutBehindFirst(record: Uint8Array, bytes: number): Uint8Array[] {
    const content = Buffer.from(record.subarray(5));
    const place = 4 + content.readUIntBE(1, 3) + bytes;
    if (place >= content.length) return [record];
    return [content.subarray(0, place), content.subarray(place)].map((part) => makeRecord(22, part));
}

for (const version of ["1.2", "1.3"] as Version[]) {
    describe(`pieces, TLS ${version}`, function () {
        this.timeout(60_000);
        let pki: Pki;
        let core: EspruinoTls;
        const servers = new Map<string, Server>();

        /** Sends back what comes, once all has come that was announced. */
        const accept = (socket: NodeSocket): void => {
            let all = Buffer.alloc(0);
            socket.on("data", (data: Buffer) => {
                all = Buffer.concat([all, data]);
                const body = all.subarray(EARLY.length);
                if (body.length >= 4 && body.length === 4 + body.readUInt32BE(0)) {
                    socket.end(body.subarray(4));
                }
            });
        };

        before(async function () {
            skipWithout(this, "openssl");
            pki = await cachedPki();
            core = await openCore();
            for (const identity of [pki.ec, pki.rsa]) {
                servers.set(identity.name, await nodeTlsServer({ identity, version, accept }));
            }
        });
        after(async () => {
            core.close();
            await Promise.all([...servers.values()].map((server) => server.close()));
        });

        /** Sends that many bytes and gets them back, by way of a proxy. */
        const exchange = async (
            size: number,
            options: ProxyOptions,
            identity: Identity = pki.ec,
        ): Promise<Attempt> => {
            const proxy = await startProxy(servers.get(identity.name)?.port ?? 0, options);
            const checkHeap = watchHeap(core);
            const length = Buffer.alloc(4);
            length.writeUInt32BE(size);
            const data = testBytes(size);
            const to = { host: "127.0.0.1", servername: "localhost", port: proxy.port };
            const result = await attempt(core, { ...to, ca: identity.rootPem }, (socket) => {
                socket.write(length);
                socket.write(data);
            });
            checkHeap();
            await proxy.close();
            if (!result.error) {
                assertGood(result);
                assert.equal(result.data.length, size);
                assert.equal(sha256(result.data), sha256(data));
            }
            return result;
        };

        for (const pieces of [1, 2, 3, 5, 7, 1000]) {
            it(`gives the same in pieces of ${pieces}, both ways`, async () => {
                assertGood(await exchange(4000 + 2000 * pieces, { pieces }));
                assertGood(await exchange(0, { pieces }, pki.rsa));
                assertGood(await exchange(1, { pieces }, pki.rsa));
            });
        }

        it("takes handshake messages in records of 1 to 100 bytes", async () => {
            for (const identity of [pki.ec, pki.rsa]) {
                for (const length of [1, 2, 3, 4, 5, 7, 16, 33, 64, 99, 100]) {
                    const edit = at({ direction: "down" }, splitHandshake(length));
                    assertGood(await exchange(100, { edit }, identity));
                    if (length > 3) assertGood(await exchange(100, { edit, pieces: 1 }, identity));
                }
            }
        });

        it("takes a message whose header is split at any place, behind another or not", async () => {
            for (let first = 1; first <= 8; first++) {
                const edit: Edit = (record) => {
                    if (!record.isPlainHandshake) return undefined;
                    const [a, b] = [record.content.subarray(0, first), record.content.subarray(first)];
                    return { send: [a, b].filter(({ length }) => length > 0).map((part) => makeRecord(22, part)) };
                };
                assertGood(await exchange(100, { edit: at({ direction: "down" }, edit) }));
                const merge = mergeHandshake();
                const both: Edit = (record, log) => {
                    const merged = merge(record, log)?.send ?? [];
                    const isPlain = (bytes: Uint8Array): boolean => bytes !== record.bytes && bytes[0] === 22;
                    return { send: merged.flatMap((bytes) => isPlain(bytes) ? cutBehindFirst(bytes, first) : [bytes]) };
                };
                assertGood(await exchange(100, { edit: at({ direction: "down" }, both) }));
            }
        });

        it("refuses an empty record, and another type, within a message", async () => {
            for (const type of [20, 21, 22, 23]) {
                const between = makeRecord(type, Buffer.from(type === 22 ? [] : type === 21 ? [1, 90] : [1]));
                const edit: Edit = (record) => ({
                    send: record.isPlainHandshake
                        ? [makeRecord(22, record.content.subarray(0, 2)), between, makeRecord(22, record.content.subarray(2))]
                        : [record.bytes],
                });
                const result = await exchange(100, { edit: at({ direction: "down" }, edit) });
                const code = type === 22 ? "ETLS_DECODE_ERROR" : "ETLS_UNEXPECTED_MESSAGE";
                assertRefused(result, code);
            }
        });

        it("takes encrypted records that are short", async () => {
            for (const identity of [pki.ec, pki.rsa]) {
                const args = ["-max_send_frag", "512"];
                const server = await opensslServer({ identity, version, mode: "www", args });
                const proxy = await startProxy(server.port);
                const to = { host: "localhost", port: proxy.port, ca: identity.rootPem };
                const { data } = await converse(core, to, (socket) => {
                    socket.write("GET / HTTP/1.0\r\n\r\n");
                });
                assert.match(data.toString(), /^HTTP\/1\.0 200 [^]*<\/html>\s*$/i);
                const down = proxy.records.filter(({ direction }) => direction === "down");
                assert.ok(down.every(({ length }) => length <= 512 + 24));
                assert.ok(down.filter(({ length }) => length > 500).length > 3);
                await proxy.close();
                await server.close();
            }
        });

        it("takes several handshake messages in one record", async () => {
            for (const identity of [pki.ec, pki.rsa]) {
                assertGood(await exchange(100, { edit: mergeHandshake() }, identity));
                assertGood(await exchange(100, { edit: mergeHandshake(), pieces: 1 }, identity));
            }
        });

        it("has its own handshake messages split and merged alike", async () => {
            for (const edit of [splitHandshake(50), splitHandshake(5), mergeHandshake()]) {
                assertGood(await exchange(100, { edit: at({ direction: "up" }, edit) }));
            }
        });

        it("takes a chain of nearly 16 KB in one record and in many", async () => {
            const chain: OwnChain = await makeChain([
                { cn: "root" },
                { cn: "leaf", extensions: [...SERVER, `nsComment=${"x".repeat(15_000)}`] },
            ]);
            const tls = { key: chain.keyPem, cert: chain.chainPem };
            const server = await nodeTlsServer({ identity: pki.ec, version, tls, accept });
            for (const length of [100, 9000, 20_000]) {
                const edit = at({ direction: "down" }, splitHandshake(length));
                const proxy = await startProxy(server.port, { edit });
                const to = { host: "localhost", port: proxy.port, ca: chain.rootPem };
                assertGood(await attempt(core, to, (socket) => void socket.write("\0\0\0\0")));
                await proxy.close();
            }
            await server.close();
        });
    });
}

describe("pieces, TLS 1.3, encrypted", function () {
    this.timeout(60_000);
    let pki: Pki;
    let core: EspruinoTls;

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
        core = await openCore();
    });
    after(() => core.close());

    /** Fetches a greeting from Node's server, whose handshake content is changed on its way. */
    const greet = async (identity: Identity, change: (content: Buffer) => Uint8Array[]): Promise<void> => {
        const resealer = new Resealer(change);
        const { edit, keylog } = resealer;
        const accept = (socket: NodeSocket): void => void socket.once("data", () => socket.end("hello"));
        const server = await nodeTlsServer({ identity, tls: { ciphers: SUITE }, accept, keylog });
        const proxy = await startProxy(server.port, { edit });
        const checkHeap = watchHeap(core);
        const result = await attempt(core, { host: "localhost", port: proxy.port, ca: identity.rootPem });
        assertGood(result);
        assert.equal(result.data.toString(), "hello");
        checkHeap();
        await proxy.close();
        await server.close();
    };

    for (const length of [1, 2, 3, 4, 5, 7, 16, 33, 64, 99, 100]) {
        it(`takes handshake messages, tickets too, in records of ${length} bytes`, async () => {
            await greet(pki.ec, inPieces(length));
            await greet(pki.rsa, inPieces(length));
        });
    }

    it("takes a flight in two records, cut at every place around each border of its messages", async () => {
        const FINISHED = 20;
        for (let border = 0; border < 4; border++) {
            for (let shift = -1; shift <= 4; shift++) {
                let held: Buffer[] = [];
                await greet(pki.ec, (content) => {
                    held.push(content);
                    if (content[0] !== FINISHED && held.length > 0 && content[0] !== 4) return [];
                    const [all, before] = [Buffer.concat(held), Buffer.concat(held.slice(0, border))];
                    held = [];
                    const place = Math.max(1, before.length + shift);
                    return [all.subarray(0, place), all.subarray(place)].filter(({ length }) => length > 0);
                });
            }
        }
    });
});
