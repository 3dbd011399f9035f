// SPDX-License-Identifier: Apache-2.0
/**
 * A network that changes, cuts, drops, repeats and inserts: at every record of a connection, in
 * both directions. Each time an error of its own, one alert at most, and nothing left behind.
 */
import assert from "node:assert/strict";
import type { TLSSocket as NodeSocket } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { alertsIn, assertGood, attempt, EARLY, tap, until, watchHeap, type Attempt } from "./support/attempt.ts";
import { openCore } from "./support/core.ts";
import { shortLimit } from "./support/host.ts";
import { at, cut, drop, flipBit, insertBefore } from "./support/edits.ts";
import { cachedPki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import { startProxy, type Edit, type LoggedRecord } from "./support/proxy.ts";
import { nodeTlsServer, type Server, type Version } from "./support/servers.ts";
import { makeRecord } from "./support/tls-records.ts";

/** What the server answers before it says goodbye. */
const REPLY = Buffer.alloc(3000, "an answer ");

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** What an attacker may put in before a record, and what then happens to plaintext and after. */
const INSERTIONS: [string, Buffer][] = [
    ["a fatal alert", hex("15 0303 0002 0228")],
    ["a goodbye", hex("15 0303 0002 0100")],
    ["half an alert", hex("15 0303 0001 02")],
    ["a longer alert", hex("15 0303 0003 022800")],
    ["a wrong ChangeCipherSpec", hex("14 0303 0001 02")],
    ["a HelloRequest", hex("16 0303 0004 00000000")],
    ["an empty handshake record", hex("16 0303 0000")],
    ["an empty data record", hex("17 0303 0000")],
    ["data", hex("17 0303 0005 aabbccddee")],
    ["a heartbeat", hex("18 0303 0003 010000")],
    ["an unknown record", hex("63 0303 0003 010000")],
    ["a record of SSL 2", hex("16 0200 0003 010000")],
    ["text", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
];

for (const version of ["1.2", "1.3"] as Version[]) {
    describe(`tampering with TLS ${version}`, function () {
        this.timeout(60_000);
        let core: EspruinoTls;
        let server: Server;
        let ca: string;
        let records: LoggedRecord[];
        /** What went wrong for the server once the handshake was over. */
        let errors: string[] = [];
        /** The numbers of the server's Finished, its answer and its goodbye among its records. */
        let finished = 0;
        let answer = 0;
        let goodbye = 0;

        const accept = (socket: NodeSocket): void => {
            socket.on("error", (error) => errors.push(error.message));
            socket.once("data", (data) => {
                assert.equal(data.toString(), EARLY);
                socket.end(REPLY);
            });
        };

        /** Connects by way of a proxy with that edit; the heap must be the same after. */
        const connect = async (
            edit?: Edit,
            options: ConnectOptions = {},
            onSecure: (socket: TLSSocket) => void = () => undefined,
            arrived: () => boolean = () => true,
        ): Promise<Attempt & { alerts: string[] }> => {
            const watch = tap(edit);
            const proxy = await startProxy(server.port, watch);
            const checkHeap = watchHeap(core);
            const to = { host: "127.0.0.1", port: proxy.port, servername: "localhost", ca };
            const result = await attempt(core, { ...to, handshakeTimeout: shortLimit(5000), ...options }, onSecure);
            checkHeap();
            await until(arrived);
            await proxy.close();
            records = proxy.records;
            return { ...result, alerts: alertsIn(watch.sent).filter((what) => what !== "data") };
        };

        /** Asserts that it failed, and how far it came: no answer but a whole one, no end. */
        const assertFailed = (result: Attempt, what: string, code?: string | RegExp): void => {
            const said = `${what}: ${result.events.join(", ")} ${result.error?.code}`;
            assert.deepEqual(result.events.slice(-2), ["error", "close true"], said);
            assert.ok(!result.events.includes("end"), said);
            assert.ok(result.data.length === 0 || result.data.equals(REPLY), said);
            assert.match(result.error?.code ?? "", code instanceof RegExp ? code : /^ETLS_/, said);
            assert.notEqual(result.error?.code, "ETLS_INTERNAL", said);
            if (typeof code === "string") {
                assert.equal(result.error?.code, code, said);
            }
        };

        before(async function () {
            skipWithout(this, "openssl");
            const pki = await cachedPki();
            ca = pki.ec.rootPem;
            core = await openCore();
            server = await nodeTlsServer({ identity: pki.ec, version, accept });
            const result = await connect();
            assertGood(result);
            assert.ok(result.data.equals(REPLY));
            const down = records.filter(({ direction }) => direction === "down");
            goodbye = down.length - 1;
            answer = down.findIndex(({ length }) => length > REPLY.length);
            // SH, CCS, EE, Certificate, CertificateVerify, Finished; then tickets.
            finished = version === "1.3" ? 5 : answer - 1;
        });
        after(async () => {
            core.close();
            await server.close();
        });

        it("is fine when nobody does", async () => {
            const result = await connect(() => undefined);
            assertGood(result);
            assert.ok(result.data.equals(REPLY));
            assert.deepEqual(result.alerts, ["sealed"], "its own goodbye");
        });

        /** The records of the last connection but one, for loops that make new ones. */
        const all = (direction: "up" | "down"): LoggedRecord[] =>
            records.filter((record) => record.direction === direction);

        it("notices a flipped bit in every record of the server", async () => {
            for (const { index, type, length, messages } of all("down")) {
                // The next connection's record may be up to 3 bytes shorter, as ECDSA signatures vary.
                for (const offset of new Set([0, length >> 1, Math.max(0, length - 4)])) {
                    const what = `bit in byte ${offset} of record ${index}, type ${type}`;
                    const where = { direction: "down", index } as const;
                    const result = await connect(at(where, flipBit(offset, index % 8)), {
                        handshakeTimeout: shortLimit(400), // a longer message is waited for
                    });
                    const plain = messages.length > 0;
                    const ccs = type === 20;
                    const code = plain ? /^ETLS_/ : ccs ? "ETLS_DECODE_ERROR" : "ETLS_BAD_RECORD_MAC";
                    assertFailed(result, what, code);
                    assert.equal(result.events.includes("secureConnect"), index > finished, what);
                    assert.equal(result.data.length, index > answer ? REPLY.length : 0, what);
                    const silent = /^ETLS_(ALERT_.*|TIMEOUT)$/.test(result.error?.code ?? "");
                    assert.equal(result.alerts.length, silent ? 0 : 1, `${what}: ${result.alerts}`);
                }
            }
        });

        it("is told of a flipped bit in every record of the client", async () => {
            for (const { index, type, length } of all("up").slice(0, -1)) {
                // The next connection's record may be up to 3 bytes shorter, as ECDSA signatures vary.
                for (const offset of new Set([0, length >> 1, Math.max(0, length - 4)])) {
                    const what = `bit in byte ${offset} of record ${index}, type ${type}`;
                    const where = { direction: "up", index } as const;
                    const result = await connect(at(where, flipBit(offset, index % 8)));
                    // Of a ClientHello that reads differently both have a different memory.
                    const code = index === 0 ? /^ETLS_/ : /^ETLS_ALERT_/;
                    assertFailed(result, what, code);
                    assert.equal(result.data.length, 0, what);
                }
            }
        });

        it("tells the server what it noticed", async () => {
            errors = [];
            const edit = at({ direction: "down", index: answer }, flipBit(100));
            await connect(edit, {}, undefined, () => errors.length > 0); // or the proxy drops the alert
            assert.match(errors.join(), /SSL alert number 20/);
        });

        it("notices the end after each record, and inside of it", async () => {
            for (const { index, length } of all("down")) {
                for (const after of [Infinity, 0, 3, 5, 5 + (length >> 1), 4 + length]) {
                    if (index === goodbye && after > 5 + length) {
                        continue; // that is how it should be
                    }
                    const what = `end after ${after} bytes of record ${index}`;
                    const whole = after > 5 + length;
                    const result = await connect(at({ direction: "down", index }, cut("fin", after)));
                    const secure = index > finished || (index === finished && whole);
                    const code = secure ? "ETLS_TRUNCATED" : "ETLS_CONNECTION_CLOSED";
                    assertFailed(result, what, code);
                    assert.equal(result.events.includes("secureConnect"), secure, what);
                    const kept = index > answer || (index === answer && whole);
                    assert.equal(result.data.length, kept ? REPLY.length : 0, what);
                    assert.deepEqual(result.alerts, [], what);
                }
            }
        });

        it("notices a reset after each record", async () => {
            for (const { index } of all("down").slice(0, -1)) {
                const result = await connect(at({ direction: "down", index }, cut("reset")));
                const code = /^ETLS_(TRANSPORT|TRUNCATED|CONNECTION_CLOSED)$/;
                assertFailed(result, `reset after record ${index}`, code);
            }
        });

        it("does not take a cut for an end, even when it has said goodbye itself", async () => {
            for (const index of [answer, goodbye]) {
                const edit = at({ direction: "down", index }, cut("fin", 0));
                const result = await connect(edit, {}, (socket) => socket.end());
                // Who goes first need not wait (RFC 5246 section 7.2.1), so this is no error. But
                // `end`, which says that all has come, is not there.
                assert.deepEqual(result.events, ["secureConnect", "close false"]);
            }
            const result = await connect(undefined, {}, (socket) => socket.end());
            assertGood(result);
            assert.ok(result.data.equals(REPLY));
        });

        it("notices a record that is dropped or repeated", async () => {
            const twice: Edit = (record) => ({ send: [record.bytes, record.bytes] });
            for (const { index, type } of all("down").slice(0, -1)) {
                for (const [what, edit] of [["dropped", drop()], ["repeated", twice]] as const) {
                    const result = await connect(at({ direction: "down", index }, edit), {
                        handshakeTimeout: shortLimit(400),
                    });
                    if (version === "1.3" && type === 20) {
                        assertGood(result); // it means nothing: RFC 8446 section D.4
                    } else {
                        const code = /^ETLS_(UNEXPECTED_MESSAGE|BAD_RECORD_MAC|DECODE_ERROR|TIMEOUT)$/;
                        assertFailed(result, `${what} record ${index}`, code);
                    }
                }
            }
        });

        it("believes nothing that is put in between", async () => {
            // In plaintext an alert is as good as any; under keys none is.
            const keys = version === "1.3" ? 1 : finished;
            for (const { index } of all("down")) {
                for (const [name, bytes] of INSERTIONS) {
                    const what = `${name} before record ${index}`;
                    const edit = at({ direction: "down", index }, insertBefore(bytes));
                    const result = await connect(edit);
                    const believed = /^ETLS_(ALERT_HANDSHAKE_FAILURE|CONNECTION_CLOSED)$/;
                    assertFailed(result, what, index < keys ? /^ETLS_/ : /^(?!ETLS_ALERT_)/);
                    if (index >= keys) {
                        assert.doesNotMatch(result.error?.code ?? "", believed, what);
                        assert.equal(result.alerts.length, 1, what);
                    }
                    assert.equal(result.events.includes("secureConnect"), index > finished, what);
                }
            }
        });

        it("takes a record of the longest length, none that is longer", async () => {
            // What AES-GCM makes of 2^14 bytes; TLS 1.3 adds the type, TLS 1.2 half of the nonce.
            const longest = 16384 + 16 + (version === "1.3" ? 1 : 8);
            for (const length of [longest, 16384 + 256 + 1, 16384 + 2048 + 1, 65535]) {
                const bytes = makeRecord(23, Buffer.alloc(length));
                const edit = at({ direction: "down", index: answer }, insertBefore(bytes));
                const result = await connect(edit);
                const fits = length === longest;
                assertFailed(result, `${length}`, `ETLS_${fits ? "BAD_RECORD_MAC" : "RECORD_TOO_LARGE"}`);
                if (!fits) {
                    assert.ok(result.error?.message.includes(`of ${length} bytes`));
                }
                assert.equal(result.alerts.length, 1);
            }
        });
    });
}
