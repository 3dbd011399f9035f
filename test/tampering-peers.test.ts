// SPDX-License-Identifier: Apache-2.0
/**
 * Peers that are no good TLS servers: other protocols, silence, alerts, versions and ciphers that
 * have no place here. Each with an error of its own, and nothing left behind.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer as createHttp } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket as NodeSocket, TlsOptions } from "node:tls";
import { after, before, describe, it } from "mocha";
import type { TlsError } from "../modules/errors.ts";
import { ALERTS } from "../modules/errors.gen.ts";
import type { ConnectOptions } from "../modules/tls.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { alertsIn, assertGood, assertRefused, attempt, tap, watchHeap, type Attempt } from "./support/attempt.ts";
import {
    alertServer, answeringServer, closingServer, garbageServer, longRecordServer, plainHttpServer,
    rawServer, silentServer,
} from "./support/bad-servers.ts";
import { openCore } from "./support/core.ts";
import { at, drop, flipBit, insertBefore, splitHandshake } from "./support/edits.ts";
import { cachedPki, type Pki } from "./support/pki.ts";
import { freePort, skipWithout } from "./support/processes.ts";
import { startProxy, type Edit, type ProxyOptions } from "./support/proxy.ts";
import { nodeTlsServer, opensslServer, type Server, type Version } from "./support/servers.ts";
import { makeRecord } from "./support/tls-records.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];

describe("peers that are no good servers", function () {
    this.timeout(60_000);
    let pki: Pki;
    let core: EspruinoTls;

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
        core = await openCore();
    });
    after(() => core.close());

    const connect = async (port: number, options: ConnectOptions = {}): Promise<Attempt> => {
        const checkHeap = watchHeap(core);
        const to = { host: "127.0.0.1", servername: "localhost", port, ca: pki.ec.rootPem };
        const result = await attempt(core, { ...to, ...options });
        checkHeap();
        return result;
    };

    /** Connects to a server that is then closed; it must be refused with that code. */
    const refusedBy = async (starting: Promise<Server>, code: string, more?: ConnectOptions): Promise<TlsError> => {
        const server = await starting;
        const result = await connect(server.port, more);
        await server.close();
        return assertRefused(result, code);
    };

    it("tells plain HTTP by what it says", async () => {
        const { message } = await refusedBy(plainHttpServer(), "ETLS_NOT_TLS");
        assert.match(message, /its first bytes are "HTTP\/1\.1 400 .*"; check the port/);
        const http = createHttp();
        await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
        const result = await connect((http.address() as AddressInfo).port);
        assert.match(assertRefused(result, "ETLS_NOT_TLS").message, /"HTTP\/1\.1 400/);
        http.close();
    });

    it("tells other protocols, which speak first, and garbage", async () => {
        for (const greeting of ["SSH-2.0-OpenSSH_9.2p1\r\n", "220 mail ESMTP\r\n", "+OK\r\n", "\0", "\n"]) {
            const server = rawServer((socket) => socket.end(greeting), () => undefined);
            const short = greeting.length < 5; // fewer bytes than the header of a record
            const code = short ? "ETLS_CONNECTION_CLOSED" : "ETLS_NOT_TLS";
            const { message } = await refusedBy(server, code);
            assert.ok(short || message.includes(JSON.stringify(greeting.slice(0, 16))), message);
        }
        await refusedBy(garbageServer(), "ETLS_NOT_TLS");
        for (let i = 0; i < 50; i++) {
            const bytes = randomBytes(200);
            bytes[0] = bytes.readUInt8(0) | 0x80; // no type of TLS
            await refusedBy(answeringServer(bytes), "ETLS_NOT_TLS");
        }
    });

    it("survives random bytes in the frame of every record type", async () => {
        for (let i = 0; i < 200; i++) {
            const content = randomBytes(1 + (i % 97));
            const bytes = makeRecord(20 + (i % 4), content);
            const server = await answeringServer(bytes);
            const { error } = await connect(server.port);
            await server.close();
            const what = `${error?.code} for ${bytes.toString("hex")}`;
            assert.match(error?.code ?? "", /^ETLS_(?!INTERNAL|NOT_TLS|OUT_OF_MEMORY|TIMEOUT)/, what);
        }
    });

    it("tells a server that goes at once, and one that is not there", async () => {
        await refusedBy(closingServer("fin"), "ETLS_CONNECTION_CLOSED");
        const reset = await closingServer("reset");
        const { error, events } = await connect(reset.port);
        assert.match(error?.code ?? "", /^ETLS_(TRANSPORT|CONNECTION_CLOSED|CONNECT_FAILED)$/);
        assert.deepEqual(events, ["error", "close true"]);
        await reset.close();
        const port = await freePort();
        const { message } = assertRefused(await connect(port), "ETLS_CONNECT_FAILED");
        assert.match(message, new RegExp(`127\\.0\\.0\\.1:${port}: .*ECONNREFUSED`));
    });

    it("refuses a first record that is longer than any", async () => {
        let heard = Buffer.alloc(0);
        const server = rawServer(
            (socket) => socket.on("data", (data) => (heard = Buffer.concat([heard, data]))),
            (socket) => socket.write(makeRecord(22, Buffer.alloc(100), 0x0303, 16385)),
        );
        const { message } = await refusedBy(server, "ETLS_RECORD_TOO_LARGE");
        assert.match(message, /record of 16385 bytes, 16384 are allowed/);
        assert.deepEqual(heard.subarray(-7).toString("hex"), "15030300020216");
        await refusedBy(longRecordServer(), "ETLS_NOT_TLS"); // no TLS has such ones
    });

    it("gives up on silence, at every stage of a handshake", async () => {
        const late = async (result: Promise<Attempt>, from: number): Promise<void> => {
            const { message } = assertRefused(await result, "ETLS_TIMEOUT");
            assert.match(message, /no answer from localhost for 200 ms \(handshake\)/);
            const passed = Date.now() - from;
            assert.ok(passed >= 190 && passed < 2000, `after ${passed} ms`);
        };
        const limit = { handshakeTimeout: 200 };
        const silent = await silentServer();
        await late(connect(silent.port, limit), Date.now());
        await silent.close();
        for (const version of VERSIONS) {
            const server = await nodeTlsServer({ identity: pki.ec, version });
            for (let first = 0; first < 6; first++) {
                const edit: Edit = (_, { direction, index }) =>
                    direction === "down" && index >= first ? { send: [] } : undefined;
                const proxy = await startProxy(server.port, { edit });
                await late(connect(proxy.port, limit), Date.now());
                await proxy.close();
            }
            // Bytes that come in drops are no progress.
            const slow: ProxyOptions = { edit: () => ({ send: [Buffer.of(22)], delay: 50 }) };
            const proxy = await startProxy(server.port, slow);
            await late(connect(proxy.port, limit), Date.now());
            await proxy.close();
            await server.close();
        }
    });

    it("names the alert that the server answers with", async () => {
        for (const number of [...Object.keys(ALERTS).map(Number), 255]) {
            const name = ALERTS[number]?.[0] ?? String(number);
            if (name === "CLOSE_NOTIFY") {
                await refusedBy(alertServer(number, 1), "ETLS_CONNECTION_CLOSED");
                continue;
            }
            const { message, errno } = await refusedBy(alertServer(number), `ETLS_ALERT_${name}`);
            assert.ok(message.includes(`alert ${number}`), message);
            assert.equal(errno, -1000 - number);
        }
        // A warning is none; but then nothing comes.
        await refusedBy(alertServer(90, 1), "ETLS_CONNECTION_CLOSED");
    });

    for (const version of VERSIONS) {
        it(`names the alert of a server that wants a client certificate, TLS ${version}`, async () => {
            const { ec, rsa, expired, unknownIssuer } = pki.clients;
            const clientRootFile = pki.ec.rootFile;
            const server = await opensslServer({ identity: pki.ec, version, clientRootFile, mode: "reverse" });
            const none = version === "1.3" ? "CERTIFICATE_REQUIRED" : "HANDSHAKE_FAILURE";
            const cases = [
                [undefined, none], [expired, "CERTIFICATE_EXPIRED"],
                [unknownIssuer, "UNKNOWN_CA"], [rsa, "UNKNOWN_CA"],
            ] as const;
            for (const [identity, alert] of cases) {
                const own = identity && { cert: identity.chainPem, key: identity.keyPem };
                const result = await connect(server.port, own);
                assert.equal(result.error?.code, `ETLS_ALERT_${alert}`);
                // In TLS 1.3 the server is the last to check: after our side of the handshake.
                const secure = version === "1.3" ? ["secureConnect"] : [];
                assert.deepEqual(result.events, [...secure, "error", "close true"]);
            }
            const good = await new Promise<string>((resolve) => {
                const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
                const socket = core.tls.connect({ ...to, cert: ec.chainPem, key: ec.keyPem });
                socket.on("data", (data) => void socket.end().on("close", () => resolve(data)));
                socket.write("abc\n");
            });
            assert.equal(good, "cba\n");
            await server.close();
        });
    }

    /** Connects to Node's server with these options, by way of a proxy if there is an edit. */
    const connectTo = async (tls: TlsOptions, version?: Version, edit?: Edit): Promise<{ result: Attempt; alerts: string[]; log: string }> => {
        const accept = (socket: NodeSocket): void => void socket.end();
        const server = await nodeTlsServer({ identity: pki.ec, version, tls, accept });
        const watch = tap(edit);
        const proxy = await startProxy(server.port, watch);
        const result = await connect(proxy.port);
        await proxy.close();
        await server.close();
        return { result, alerts: alertsIn(watch.sent), log: server.output() };
    };

    it("finds nothing in common with old versions, weak ciphers, other curves", async () => {
        const old: TlsOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" };
        const { result } = await connectTo(old);
        assertRefused(result, "ETLS_ALERT_PROTOCOL_VERSION");
        const cbc: TlsOptions = { ciphers: "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA" };
        assertRefused((await connectTo(cbc, "1.2")).result, "ETLS_ALERT_HANDSHAKE_FAILURE");
        const rsa: TlsOptions = { ciphers: "AES128-GCM-SHA256", key: pki.rsa.keyPem, cert: pki.rsa.chainPem };
        assertRefused((await connectTo(rsa, "1.2")).result, "ETLS_ALERT_HANDSHAKE_FAILURE");
        for (const version of VERSIONS) {
            const { result: other } = await connectTo({ ecdhCurve: "P-521" }, version);
            assertRefused(other, "ETLS_ALERT_HANDSHAKE_FAILURE");
            assertGood((await connectTo({ ecdhCurve: "P-384" }, version)).result);
        }
    });

    it("refuses a ServerHello that chooses what was not offered", async () => {
        const change = (where: (hello: Buffer) => number, bytes: string): Edit =>
            at({ direction: "down", message: 2 }, (record) => {
                const content = Buffer.from(record.content);
                content.write(bytes, where(content), "hex");
                return { send: [makeRecord(22, content)] };
            });
        const suite = (hello: Buffer): number => 39 + hello.readUInt8(38);
        const cases: [Version, Edit, RegExp][] = [
            ["1.2", change(() => 4, "0302"), /^ETLS_PROTOCOL_VERSION$/], // TLS 1.1
            ["1.2", change(() => 4, "0300"), /^ETLS_PROTOCOL_VERSION$/],
            ["1.2", change(suite, "002f"), /^ETLS_(ILLEGAL_PARAMETER|HANDSHAKE_FAILURE)$/],
            ["1.2", change(suite, "0000"), /^ETLS_(ILLEGAL_PARAMETER|HANDSHAKE_FAILURE)$/],
            ["1.2", change((hello) => suite(hello) + 2, "01"), /^ETLS_ILLEGAL_PARAMETER$/], // compression
            ["1.3", change(suite, "1304"), /^ETLS_(ILLEGAL_PARAMETER|HANDSHAKE_FAILURE)$/],
            ["1.3", change((hello) => suite(hello) + 2, "01"), /^ETLS_ILLEGAL_PARAMETER$/],
        ];
        for (const [version, edit, code] of cases) {
            const { result, alerts } = await connectTo({}, version, edit);
            assertRefused(result, result.error?.code.match(code)?.[0] ?? String(code));
            assert.equal(alerts.length, 1, `one alert, not ${alerts}`);
        }
    });

    it("follows a HelloRetryRequest, whole or in pieces, but only one", async () => {
        const twice: Edit = (record) => ({ send: [record.bytes, record.bytes] });
        for (const ecdhCurve of ["P-256", "P-384"]) {
            for (const edit of [undefined, splitHandshake(50), splitHandshake(7)]) {
                assertGood((await connectTo({ ecdhCurve }, "1.3", edit)).result);
            }
            const again = at({ direction: "down", index: 0 }, twice);
            assertRefused((await connectTo({ ecdhCurve }, "1.3", again)).result, "ETLS_UNEXPECTED_MESSAGE");
            const changed = at({ direction: "down", index: 0 }, flipBit(-1)); // another group
            const { result, alerts } = await connectTo({ ecdhCurve }, "1.3", changed);
            assertRefused(result, "ETLS_ILLEGAL_PARAMETER");
            assert.equal(alerts.length, 1);
        }
    });

    it("notices that somebody took TLS 1.3 out of its ClientHello", async () => {
        const edit = at({ direction: "up", message: 1 }, (record) => {
            const content = Buffer.from(record.content);
            const offer = content.indexOf("002b00050403040303", "hex");
            assert.ok(offer > 0, "supported_versions: 1.3, 1.2");
            content.write("03030303", offer + 5, "hex");
            return { send: [makeRecord(22, content, record.version)] };
        });
        const { result } = await connectTo({}, undefined, edit);
        // RFC 8446 section 4.1.3: the server's random number says what it could do.
        assert.match(assertRefused(result, result.error?.code ?? "none").code, /^ETLS_(ILLEGAL_PARAMETER|ALERT_BAD_RECORD_MAC)$/);
    });

    it("goes on after a warning", async () => {
        const warning = insertBefore(makeRecord(21, Buffer.of(1, 90)));
        const edit = at({ direction: "down", index: 0 }, warning);
        assertGood((await connectTo({}, "1.2", edit)).result);
        const lost = at({ direction: "down", index: 1 }, drop());
        assertRefused((await connectTo({}, "1.2", lost)).result, "ETLS_UNEXPECTED_MESSAGE");
    });
});
