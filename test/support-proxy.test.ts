// SPDX-License-Identifier: Apache-2.0
/**
 * The proxy and the bad servers that other tests rely on, tried with Node's own TLS.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import * as tls from "node:tls";
import { before, describe, it } from "mocha";
import * as bad from "./support/bad-servers.ts";
import {
    at,
    cut,
    delayBy,
    drop,
    firstOf,
    flipBit,
    insertAfter,
    insertBefore,
    mergeHandshake,
    replaceBy,
    splitHandshake,
} from "./support/edits.ts";
import { testBytes } from "./support/node-servers.ts";
import { cachedPki, type Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { startProxy, type LoggedRecord, type Proxy, type ProxyOptions } from "./support/proxy.ts";
import { nodeTlsServer, type Server, type Version } from "./support/servers.ts";
import { makeRecord } from "./support/tls-records.ts";

const CERTIFICATE = 11;
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const DATA = 23;
const FIN = "ended";

let pki: Pki;

/** What an exchange through the proxy has come to. */
interface Exchange {
    /** What the echo server sent back before the connection ended. */
    echoed: Buffer;
    /** How it ended: `ended`, or the error of the client. */
    end: string;
    /** What a second proxy, nearer to the client, has seen of the first one's work. */
    seen: LoggedRecord[];
    proxy: Proxy;
    milliseconds: number;
}

/** Has an echo server send back data through the proxy; Node's client is the judge. */
async function exchange(
    version: Version,
    options: ProxyOptions,
    data: Uint8Array = testBytes(1000),
): Promise<Exchange> {
    const server = await nodeTlsServer({ identity: pki.ec, version });
    const proxy = await startProxy(server.port, options);
    const witness = await startProxy(proxy.port, {});
    const begun = performance.now();
    const { echoed, end } = await talk(witness.port, data);
    const milliseconds = performance.now() - begun;
    await Promise.all([witness.close(), proxy.close(), server.close()]);
    return { echoed, end, seen: witness.records, proxy, milliseconds };
}

function talk(port: number, data: Uint8Array): Promise<{ echoed: Buffer; end: string }> {
    return new Promise((resolve) => {
        const to = { host: "127.0.0.1", port, servername: "localhost", ca: pki.ec.rootPem };
        const socket = tls.connect(to, () => socket.write(data));
        const chunks: Buffer[] = [];
        let length = 0;
        const finish = (end: string): void => {
            socket.destroy();
            resolve({ echoed: Buffer.concat(chunks), end });
        };
        socket.setTimeout(1000, () => finish("timeout"));
        socket.on("data", (chunk) => {
            chunks.push(chunk);
            length += chunk.length;
            if (length === data.length) {
                socket.end();
            }
        });
        // (Before the handshake is done, an error follows that says more.)
        socket.on("end", () => socket.authorized && finish(FIN));
        socket.on("error", (error: NodeJS.ErrnoException) => finish(String(error.code)));
    });
}

/** The types of the plain handshake messages of one direction. */
function messages(records: LoggedRecord[], direction: "up" | "down"): number[] {
    return records.filter((record) => record.direction === direction).flatMap((r) => r.messages);
}

function isWhole({ echoed, end }: Exchange): void {
    assert.equal(end, FIN);
    assert.deepEqual(echoed, testBytes(1000));
}

describe("test proxy", function () {
    this.timeout(30_000);

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
    });

    it("keeps a log of the records", async () => {
        const old = await exchange("1.2", {});
        isWhole(old);
        assert.deepEqual(messages(old.proxy.records, "up"), [1, 16]);
        assert.deepEqual(messages(old.proxy.records, "down").slice(0, 4), [2, 11, 12, 14]);
        const fresh = await exchange("1.3", {});
        isWhole(fresh);
        assert.deepEqual(messages(fresh.proxy.records, "up"), [1]);
        assert.deepEqual(messages(fresh.proxy.records, "down"), [2]);
        const [first] = fresh.proxy.records;
        assert.equal(`${first?.direction} ${first?.index} ${first?.type}`, "up 0 22");
        assert.ok(fresh.proxy.records.every(({ connection }) => connection === 0));
        const lengths = fresh.proxy.records.map(({ length }) => length + 5);
        const { up, down } = fresh.proxy.bytes;
        assert.equal(lengths.reduce((a, b) => a + b), up + down);
    });

    for (const pieces of [1, 7]) {
        it(`hands on pieces of ${pieces}`, async () => {
            const echo = await bad.rawServer(
                (socket) => socket.pipe(socket),
                () => undefined,
            );
            const proxy = await startProxy(echo.port, { pieces });
            const sizes: number[] = [];
            await new Promise<void>((resolve) => {
                const socket = connect(proxy.port, "127.0.0.1", () => socket.end(testBytes(500)));
                socket.on("data", (chunk) => sizes.push(chunk.length));
                socket.on("end", resolve);
            });
            await Promise.all([proxy.close(), echo.close()]);
            assert.equal(sizes.reduce((a, b) => a + b), 500);
            // Now and then TCP joins two before they are read.
            assert.ok(sizes.length > (0.5 * 500) / pieces, sizes.join(" "));
            assert.ok(sizes.includes(pieces));
            isWhole(await exchange("1.2", { pieces }));
            isWhole(await exchange("1.3", { pieces }));
        });
    }

    it("flips a bit", async () => {
        const inCertificate = at({ direction: "down", message: CERTIFICATE }, flipBit(-10, 7));
        assert.match((await exchange("1.2", { edit: inCertificate })).end, /^ERR_SSL|^CERT_SIGN/);
        for (const version of ["1.2", "1.3"] as const) {
            const inData = at({ direction: "down", type: DATA }, flipBit(12));
            const { end } = await exchange(version, { edit: inData });
            assert.match(end, /BAD_RECORD_MAC|CIPHER_OPERATION_FAILED/);
        }
        const elsewhere = at({ direction: "down", index: 1000 }, flipBit(0));
        isWhole(await exchange("1.2", { edit: elsewhere }));
    });

    it("drops a record, or answers in its place", async () => {
        const gone = await exchange("1.2", { edit: at({ direction: "down", index: 1 }, drop()) });
        assert.match(gone.end, /^ERR_SSL_(UNEXPECTED_MESSAGE|MISSING)/);
        const alert = makeRecord(ALERT, Buffer.from([2, 40]));
        const edit = at({ direction: "down", index: 0 }, replaceBy(alert));
        assert.match((await exchange("1.3", { edit })).end, /ALERT_HANDSHAKE_FAILURE/);
    });

    it("cuts the connection after a record, inside one, or after some bytes", async () => {
        const first = { direction: "down", index: 0 } as const;
        const after = await exchange("1.2", { edit: at(first, cut()) });
        assert.equal(after.end, "ECONNRESET");
        assert.deepEqual(messages(after.seen, "down"), [2]);
        const inside = await exchange("1.2", { edit: at(first, cut("fin", 9)) });
        assert.equal(inside.proxy.bytes.down, 9);
        const reset = await exchange("1.2", { edit: at(first, cut("reset")) });
        assert.equal(reset.end, "ECONNRESET");
        const bytes = await exchange("1.3", { cutAfter: { direction: "down", bytes: 300 } });
        assert.equal(bytes.proxy.bytes.down, 300);
        assert.equal(bytes.end, "ECONNRESET");
        const data = { direction: "down", type: DATA } as const;
        const late = await exchange("1.2", { edit: at(data, cut()) });
        assert.deepEqual(late.echoed, testBytes(1000)); // ends without close_notify
    });

    it("inserts bytes", async () => {
        const down = { direction: "down", index: 0 } as const;
        const garbage = await exchange("1.3", { edit: at(down, insertBefore(Buffer.from("no"))) });
        assert.match(garbage.end, /^ERR_SSL/);
        // OpenSSL ignores a warning.
        const warning = makeRecord(ALERT, Buffer.from([1, 90]));
        isWhole(await exchange("1.2", { edit: at(down, insertAfter(warning)) }));
    });

    it("splits and merges handshake records", async () => {
        for (const size of [1, 100]) {
            const split = await exchange("1.2", { edit: splitHandshake(size) });
            isWhole(split);
            const down = split.seen.filter(({ direction }) => direction === "down");
            const handshakes = down.filter(({ type }) => type === HANDSHAKE);
            assert.ok(handshakes.slice(0, -2).every(({ length }) => length <= size));
            assert.deepEqual(messages(split.seen, "down").slice(0, 4), [2, 11, 12, 14]);
            isWhole(await exchange("1.3", { edit: splitHandshake(size) }));
        }
        const merged = await exchange("1.2", { edit: mergeHandshake() });
        isWhole(merged);
        const [flight] = merged.seen.filter(({ direction }) => direction === "down");
        assert.deepEqual(flight?.messages, [2, 11, 12, 14]);
        isWhole(await exchange("1.3", { edit: mergeHandshake() }));
    });

    it("delays records, and does several things at once", async () => {
        const spec = { direction: "down", type: CHANGE_CIPHER_SPEC } as const;
        const edit = firstOf(at(spec, delayBy(120)), splitHandshake(50));
        const slow = await exchange("1.2", { edit, pieces: 20 });
        isWhole(slow);
        assert.ok(slow.milliseconds >= 119, String(slow.milliseconds));
        const all = await exchange("1.3", { delay: 30 });
        isWhole(all);
        assert.ok(all.milliseconds >= 119, String(all.milliseconds));
    });

    it("ends when there is no server", async () => {
        const proxy = await startProxy(1);
        assert.equal((await talk(proxy.port, Buffer.alloc(1))).end, "ECONNRESET");
        await proxy.close();
    });
});

describe("bad test servers", function () {
    const servers: [string, () => Promise<Server>, RegExp][] = [
        ["plain HTTP", bad.plainHttpServer, /^ERR_SSL_(WRONG_VERSION|PACKET_LENGTH|HTTP)/],
        ["garbage", bad.garbageServer, /^ERR_SSL_(WRONG_VERSION|PACKET_LENGTH)/],
        ["silence", bad.silentServer, /^timeout/],
        ["an end", bad.closingServer, /^ECONNRESET/],
        ["a reset", () => bad.closingServer("reset"), /^ECONNRESET/],
        ["too long a record", bad.longRecordServer, /PACKET_LENGTH_TOO_LONG|TOO_LONG/],
        ["alert 40", () => bad.alertServer(40), /ALERT_HANDSHAKE_FAILURE/],
        ["alert 112", () => bad.alertServer(112), /UNRECOGNIZED_NAME/],
    ];
    this.timeout(30_000);

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
    });

    for (const [what, begin, error] of servers) {
        it(`answer with ${what}`, async () => {
            const server = await begin();
            assert.match((await talk(server.port, Buffer.alloc(1))).end, error);
            await server.close();
        });
    }
});
