// SPDX-License-Identifier: Apache-2.0
/**
 * An arena that is too small: at whatever point the memory ends, the error says just that, with
 * numbers that help, and nothing is left behind.
 */
import assert from "node:assert/strict";
import { rootCertificates } from "node:tls";
import type { TLSSocket as NodeSocket } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { TlsError } from "../modules/errors.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import {
    alertsIn, assertGood, assertRefused, attempt, EARLY, tap, watchHeap, type Attempt,
} from "./support/attempt.ts";
import { openCore } from "./support/core.ts";
import { cachedPki, type Identity, type Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { startProxy } from "./support/proxy.ts";
import { nodeTlsServer, type Server, type Version } from "./support/servers.ts";

const SENTENCE = /out of memory: (\d+) bytes needed, (\d+) free of (\d+) \(largest block (\d+)\)/;

/** Asserts that the error's numbers explain it; returns the bytes needed. */
function assertExplained(error: TlsError | undefined, arena: number): number {
    assert.equal(error?.code, "ETLS_OUT_OF_MEMORY", String(error?.stack));
    const found = SENTENCE.exec(error.message);
    assert.ok(found, error.message);
    const [needed = 0, free = 0, size = 0, largest = 0] = found.slice(1).map(Number);
    assert.ok(needed > largest && largest <= free && free < size, error.message);
    assert.equal(size, arena & ~7);
    return needed;
}

/** The least arena that can be opened, as the error says. */
async function leastArena(): Promise<number> {
    const error = await openCore({ arena: 64 }).then(() => undefined, (reason: TlsError) => reason);
    assert.equal(error?.code, "ETLS_BAD_ARENA");
    return Number(/at least (\d+) bytes/.exec(error.message)?.[1]);
}

const CASES: ["ec" | "rsa", Version][] = [
    ["ec", "1.2"], ["ec", "1.3"], ["rsa", "1.2"], ["rsa", "1.3"],
];

for (const [kind, version] of CASES) {
    describe(`arena size, TLS ${version}, ${kind} chain`, function () {
        this.timeout(60_000);
        let pki: Pki;
        let identity: Identity;
        let server: Server;
        let least: number;
        /** The least arena in which the exchange below passes, give or take 64 bytes. */
        let enough: number;

        const accept = (socket: NodeSocket): void => {
            socket.on("data", (data: Buffer) => {
                if (data.includes("big")) {
                    socket.write(Buffer.alloc(1000));
                    setTimeout(() => socket.end(Buffer.alloc(16384)), 20);
                } else if (data.includes("whole")) {
                    socket.end(data.subarray(0, 1000));
                }
            });
        };

        /** Connects, sends {@link EARLY} and `word`. */
        const connect = (
            core: EspruinoTls,
            word = "whole",
            options: ConnectOptions = {},
        ): Promise<Attempt> => {
            const to = { host: "127.0.0.1", servername: "localhost", port: server.port };
            const send = { ca: identity.rootPem, ...options };
            return attempt(core, { ...to, ...send }, (socket) => void socket.write(word));
        };

        /** Tries once in an arena of that size: true when it was enough, else all must be well. */
        const passes = async (arena: number): Promise<boolean> => {
            const core = await openCore({ arena });
            const checkHeap = watchHeap(core);
            const result = await connect(core);
            checkHeap();
            if (result.error) {
                assertExplained(result.error, arena);
                assert.deepEqual(result.events.slice(-2), ["error", "close true"]);
            } else {
                assertGood(result);
            }
            core.close();
            return !result.error;
        };

        before(async function () {
            skipWithout(this, "openssl");
            pki = await cachedPki();
            identity = pki[kind];
            server = await nodeTlsServer({ identity, version, accept });
            least = await leastArena();
            let [low, high] = [least, 65536];
            while (high - low > 64) {
                const middle = (low + high) >> 1;
                if (await passes(middle)) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            enough = high;
        });
        after(() => server.close());

        it("is told to be too small below the least", async () => {
            for (const arena of [0, 7, 1024, least - 8, least - 1]) {
                await assert.rejects(openCore({ arena }), (error: TlsError) => {
                    assert.equal(error.code, "ETLS_BAD_ARENA");
                    assert.ok(error.message.includes(`at least ${least} bytes`), error.message);
                    return true;
                });
            }
        });

        it("ends in OUT_OF_MEMORY at each of thirty sizes below what is enough", async () => {
            for (let i = 0; i < 30; i++) {
                const arena = Math.round(least + ((enough - 128 - least) * i) / 29);
                const core = await openCore({ arena });
                const checkHeap = watchHeap(core);
                const watch = tap();
                const proxy = await startProxy(server.port, watch);
                for (let again = 0; again < 2; again++) {
                    const result = await connect(core, "whole", { port: proxy.port });
                    const error = assertRefused(result, "ETLS_OUT_OF_MEMORY");
                    assertExplained(error, arena);
                    checkHeap();
                }
                // If it got as far as to the server, this was told too, without any memory.
                const talks = new Set(proxy.records.map(({ connection }) => connection)).size;
                const alerts = alertsIn(watch.sent);
                assert.equal(alerts.length, talks, `${arena} bytes: ${alerts}`);
                await proxy.close();
                core.close();
            }
        });

        it("is enough from some size on", async () => {
            for (const arena of [enough + 256, enough + 1024, 32768, 65536]) {
                assert.equal(await passes(arena), true, `${arena} bytes`);
            }
        });

        it("holds one connection and refuses a second, which the first survives", async () => {
            const arena = enough + 256;
            const core = await openCore({ arena });
            const checkHeap = watchHeap(core);
            let other: Attempt | undefined;
            const first = await new Promise<Attempt>((resolve, reject) => {
                const to = { host: "127.0.0.1", servername: "localhost", port: server.port };
                const options = { ...to, ca: identity.rootPem };
                attempt(core, options, (socket) => {
                    connect(core).then((result) => {
                        other = result;
                        socket.write("whole");
                    }, reject);
                }).then(resolve, reject);
            });
            assert.ok(other);
            assertExplained(assertRefused(other, "ETLS_OUT_OF_MEMORY"), arena);
            assertGood(first);
            assert.ok(first.data.toString().includes("whole"));
            checkHeap();
            assertGood(await connect(core));
            // Three at once: each works or says why not.
            for (const result of await Promise.all([connect(core), connect(core), connect(core)])) {
                if (result.error) {
                    assertExplained(result.error, arena);
                } else {
                    assertGood(result);
                }
            }
            checkHeap();
            core.close();
        });

        it("ends when a record comes that does not fit, what came before is kept", async () => {
            const arena = enough + 512;
            const core = await openCore({ arena });
            const checkHeap = watchHeap(core);
            const result = await connect(core, "big", { maxFragmentLength: 16384 });
            const needed = assertExplained(result.error, arena);
            assert.ok(needed >= 16384, `${needed} bytes needed`);
            assert.deepEqual(result.events, ["secureConnect", "error", "close true"]);
            assert.equal(result.data.length, 1000);
            checkHeap();
            // Asked for smaller ones, which is the default, the server sends those.
            const small = await connect(core, "big");
            assertGood(small);
            assert.equal(small.data.length, 1000 + 16384);
            checkHeap();
            core.close();
        });

        it("sends in smaller records what does not fit at once", async () => {
            const core = await openCore({ arena: enough + 512 });
            const checkHeap = watchHeap(core);
            let received = 0;
            const sink = await nodeTlsServer({
                identity, version,
                accept: (socket) => socket.on("data", (data: Buffer) => {
                    received += data.length;
                    if (received === EARLY.length + 60_000) socket.end();
                }),
            });
            assertGood(await connect(core, "x".repeat(60_000), { port: sink.port }));
            assert.equal(received, EARLY.length + 60_000);
            await sink.close();
            checkHeap();
            core.close();
        });

        it("is too small for all roots as certificates, and says so", async () => {
            const arena = least + 3000; // for each root there are some bytes, the rest is elsewhere
            const core = await openCore({ arena });
            const checkHeap = watchHeap(core);
            const result = await attempt(core, { port: server.port, ca: [...rootCertificates] });
            assertExplained(assertRefused(result, "ETLS_OUT_OF_MEMORY"), arena);
            checkHeap();
            core.close();
        });
    });
}
