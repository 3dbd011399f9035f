// SPDX-License-Identifier: Apache-2.0
/** The time from time servers: good answers set the clock, all others are refused, each with its reason. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "mocha";
import type { TlsError } from "../modules/errors.ts";
import type { Stream } from "../modules/host.ts";
import type { SntpOptions, SntpTime } from "../modules/sntp.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { runInNode } from "./device/engines.ts";
import { converse, openCore } from "./support/core.ts";
import { cachedPki, projectFolder } from "./support/pki.ts";
import { skipWithout, start, startOnFreePort } from "./support/processes.ts";
import { nodeTlsServer } from "./support/servers.ts";

const SINCE_1900 = 2208988800;

/** A timestamp of RFC 4330 section 3; eras after the first begin again at 0. */
const stamp = (ms: number): Buffer => {
    const out = Buffer.alloc(8);
    out.writeUInt32BE((Math.floor(ms / 1000) + SINCE_1900) % 2 ** 32);
    out.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32), 4);
    return out;
};

/** A good answer to a request, as a server of stratum 2 gives it. */
const answer = (request: Buffer, now: number): Buffer => {
    const out = Buffer.alloc(48);
    out[0] = 0x24; // no leap second, version 4, mode 4
    out[1] = 2;
    out.writeUInt32BE(0x0800, 4);
    out.writeUInt32BE(0x0900, 8);
    request.copy(out, 24, 40, 48);
    stamp(now - 1).copy(out, 32);
    stamp(now).copy(out, 40);
    return out;
};

interface TimeServer {
    port: number;
    requests: Buffer[];
    close(): void;
}

describe("sntp", () => {
    let core: EspruinoTls;
    const servers: Socket[] = [];
    before(async () => {
        core = await openCore({ now: () => 0 });
    });
    after(() => core.close());
    afterEach(() => servers.splice(0).forEach((socket) => socket.close()));

    /** A server on 127.0.0.1 that answers with what `reply` makes of each request. */
    const serve = (reply: (request: Buffer, count: number) => Buffer[]): Promise<TimeServer> =>
        new Promise((resolve) => {
            const socket = createSocket("udp4");
            servers.push(socket);
            const requests: Buffer[] = [];
            socket.on("message", (request, from) => {
                requests.push(request);
                for (const data of reply(request, requests.length)) socket.send(data, from.port, from.address);
            });
            socket.bind(0, "127.0.0.1", () => resolve({ port: socket.address().port, requests, close: () => socket.close() }));
        });
    const sync = (options: SntpOptions, on = core): Promise<{ error?: TlsError | undefined; result?: SntpTime | undefined }> =>
        new Promise((resolve) => on.sntp.sync({ host: "127.0.0.1", timeout: 300, ...options }, (error, result) => resolve({ error, result })));

    it("asks as a client, with nothing of its own clock in the packet, and takes a good answer", async () => {
        const now = Date.UTC(2027, 5, 6, 7, 8, 9, 250);
        const server = await serve((request) => [answer(request, now)]);
        const { error, result } = await sync({ port: server.port });
        assert.equal(error, undefined);
        assert.ok(result && Math.abs(result.time - now) < 150, `${result?.time}`);
        assert.ok(result.delay >= 0 && result.delay < 300);
        assert.deepEqual([result.stratum, result.host], [2, "127.0.0.1"]);
        await sync({ port: server.port });
        const [one, two] = server.requests as [Buffer, Buffer];
        assert.equal(one.length, 48);
        assert.deepEqual(one.subarray(0, 40), Buffer.concat([Buffer.of(0x23), Buffer.alloc(39)]));
        assert.notDeepEqual(one.subarray(40), two.subarray(40), "a question of its own each time");
    });

    it("sets the clock of the core, and only then certificates can be checked", async () => {
        const pki = await cachedPki();
        const server = await nodeTlsServer({ identity: pki.ec });
        const connect = async (): Promise<string | undefined> => {
            const to = { host: "localhost", port: server.port, ca: pki.ec.rootPem };
            return (await converse(own, to, (socket) => socket.end())).error?.code;
        };
        const own = await openCore({ now: () => 0 });
        assert.equal(await connect(), "ETLS_NO_CLOCK");
        const late = await serve((request) => [answer(request, Date.now() + 365 * 86_400_000)]);
        const right = await serve((request) => [answer(request, Date.now())]);
        await sync({ port: right.port, setTime: false }, own);
        assert.equal(await connect(), "ETLS_NO_CLOCK", "it was only asked");
        await sync({ port: late.port }, own);
        assert.equal(await connect(), "ETLS_CERT_EXPIRED");
        await sync({ port: right.port }, own);
        assert.equal(await connect(), undefined);
        own.setTime(1000);
        assert.equal(await connect(), "ETLS_NO_CLOCK", "before the first release");
        own.close();
        await server.close();
    });

    const changed = (change: (packet: Buffer) => void): ((request: Buffer) => Buffer[]) => (request) => {
        const packet = answer(request, Date.now());
        change(packet);
        return [packet];
    };
    const refusals: [what: string, reply: (request: Buffer) => Buffer[], words: RegExp][] = [
        ["a client's mode", changed((packet) => packet.writeUInt8(0x23)), /its mode is 3, not 4/],
        ["a broadcast", changed((packet) => packet.writeUInt8(0x25)), /its mode is 5/],
        ["an old version", changed((packet) => packet.writeUInt8(0x0c)), /its version is 1/],
        ["an alarm", changed((packet) => packet.writeUInt8(0xe4)), /leap indicator is 3: it is not synchronized/],
        ["stratum 16", changed((packet) => packet.writeUInt8(16, 1)), /stratum is 16/],
        ["a large root delay", changed((packet) => packet.writeUInt32BE(0x10000, 4)), /a second or more away/],
        ["a negative root delay", changed((packet) => packet.writeInt32BE(-5, 4)), /a second or more away/],
        ["a large root dispersion", changed((packet) => packet.writeUInt32BE(0x20000, 8)), /a second or more away/],
        ["no transmit time", changed((packet) => packet.fill(0, 40)), /not in order/],
        ["transmitted before it was received", changed((packet) => stamp(Date.now() + 9000).copy(packet, 32)), /not in order/],
        ["a time before the first release", (request) => [answer(request, Date.UTC(2025, 11, 31))], /its time is 2025-12-3.*in the past/],
        ["a short packet", changed(() => undefined) && ((request) => [answer(request, Date.now()).subarray(0, 47)]), /it has 47 bytes, not 48/],
        ["nothing in it", () => [Buffer.alloc(0)], /it has 0 bytes/],
        ["the answer to another question", changed((packet) => packet.writeUInt8(packet.readUInt8(31) ^ 1, 31)), /another question/],
    ];
    for (const [what, reply, words] of refusals) {
        it(`refuses ${what}`, async () => {
            const server = await serve(reply);
            const { error, result } = await sync({ port: server.port, timeout: 100 });
            assert.equal(error?.code, "ETLS_SNTP_ANSWER");
            assert.match(error.message, words);
            assert.match(error.message, /^the answer of time server 127\.0\.0\.1 cannot be used: /);
            assert.equal(result, undefined);
            assert.equal(server.requests.length, 1, "who answers badly is not asked again");
        });
    }
    for (const [code, words] of [["RATE", /asked too often/], ["DENY", /does not serve this address/], ["X\r\nY", /kiss of death XY: it is not ready/]] as const) {
        it(`obeys the kiss of death ${JSON.stringify(code)}, and asks the next server`, async () => {
            const deadly = changed((packet) => {
                packet[1] = 0;
                packet.fill(0, 12, 16).write(code, 12, "latin1");
            });
            const server = await serve(deadly);
            const alone = await sync({ port: server.port });
            assert.match(alone.error?.message ?? "", words);
            const both = await serve((request, count) => (count === 1 ? deadly(request) : [answer(request, Date.now())]));
            const { result } = await sync({ port: both.port, host: ["127.0.0.1", "localhost"] });
            assert.equal(result?.host, "localhost");
        });
    }

    it("ignores forged answers that come before the right one", async () => {
        const now = Date.now();
        const server = await serve((request) => {
            const forged = answer(Buffer.alloc(48), now + 99e9);
            return [forged, Buffer.from("x"), forged, answer(request, now), forged];
        });
        const { result } = await sync({ port: server.port });
        assert.ok(Math.abs((result?.time ?? 0) - now) < 300);
    });

    it("asks again when nothing comes, and gives up", async () => {
        const server = await serve((request, count) => (count === 2 ? [answer(request, Date.now())] : []));
        assert.equal((await sync({ port: server.port, timeout: 50 })).error, undefined);
        const { error } = await sync({ port: server.port, timeout: 50, attempts: 3 });
        assert.equal(error?.code, "ETLS_TIMEOUT");
        assert.equal(server.requests.length, 2 + 3);
        const nowhere = await sync({ host: "no-such-host.invalid", attempts: 1 });
        assert.equal(nowhere.error?.code, "ETLS_CONNECT_FAILED");
    });

    it("knows the time after 2036, when the seconds begin again", async () => {
        for (const now of [Date.UTC(2036, 1, 7, 6, 28, 15), Date.UTC(2036, 1, 7, 6, 28, 17), Date.UTC(2080, 0, 1)]) {
            const server = await serve((request) => [answer(request, now)]);
            const { result } = await sync({ port: server.port });
            assert.ok(Math.abs((result?.time ?? 0) - now) < 300, new Date(now).toISOString());
        }
    });

    it("over a stream, where there is no UDP", async () => {
        const now = Date.now();
        let listener: (data: string) => void = () => undefined;
        const closes: (() => void)[] = [];
        const stream: Stream = {
            write: (data) => void setTimeout(() => listener(answer(Buffer.from(data, "latin1"), now).toString("latin1")), 1),
            end: () => assert.fail("the stream is the program's"),
            on: (event: string, call: never) => {
                if (event === "data") listener = call;
                if (event === "close") closes.push(call);
            },
        };
        const { result } = await sync({ socket: stream });
        assert.ok(Math.abs((result?.time ?? 0) - now) < 300);
        stream.write = () => closes.forEach((close) => close());
        assert.equal((await sync({ socket: stream })).error?.code, "ETLS_CONNECT_FAILED");
    });

    it("asks chrony, a time server that is not ours", async function () {
        this.timeout(20_000);
        skipWithout(this, "chronyd");
        const folder = mkdtempSync(join(tmpdir(), "etls-chrony-"));
        const config = join(folder, "chrony.conf");
        const daemon = await startOnFreePort((port) => {
            const lines = [`port ${port}`, "cmdport 0", "bindaddress 127.0.0.1", "allow 127.0.0.1", "local stratum 3", `pidfile ${folder}/pid`];
            writeFileSync(config, `${lines.join("\n")}\n`);
            // -x: it leaves the machine's clock alone.
            return start("chronyd", ["-x", "-d", "-U", "-f", config], /Disabled control of system clock/);
        });
        try {
            let { error, result } = await sync({ port: daemon.port, timeout: 2000 });
            for (let i = 0; i < 20 && error; i += 1) {
                await sleep(100); // it opens its port a little later
                ({ error, result } = await sync({ port: daemon.port, timeout: 2000 }));
            }
            assert.equal(error, undefined, error?.message);
            assert.ok(Math.abs((result?.time ?? 0) - Date.now()) < 1000);
            assert.equal(result?.stratum, 3);
        } finally {
            await daemon.close();
            rmSync(folder, { recursive: true, force: true });
        }
    });

    it("is a module for boards: sets the time over the firmware's dgram", async () => {
        const code = readFileSync(join(projectFolder(), "dist/device/sntp.js"), "utf8");
        const program = `
            var sent = [], set = [], listener;
            function answer(q, seconds) {
                var a = "\\x24\\x02\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0" + q.substr(40, 8);
                var t = String.fromCharCode(seconds >>> 24, seconds >>> 16 & 255, seconds >>> 8 & 255, seconds & 255) + "\\0\\0\\0\\0";
                return a + t + t;
            }
            globalThis.setTime = function (s) { set.push(Math.round(s)); };
            globalThis.E = { hwRand: function () { return 0x89abcdef; } };
            process.env = { MODULES: "Flash,Storage,net,dgram" };
            var dgram = { createSocket: function (type) { return {
                on: function (event, call) { listener = call; },
                send: function (data, from, length, port, host) {
                    sent.push([type, from, length, port, host, data.charCodeAt(0)]);
                    setTimeout(function () { listener(answer(data, 4000000000)); }, 1);
                },
                close: function () { sent.push("closed"); }
            }; } };
            var made = { exports: {} };
            (function (exports, require) { ${code} })(made.exports, function () { return dgram; });
            made.exports.sync("192.0.2.1", function (error, t) { exports.result = [error ? error.message : "", t && t.stratum, sent, set]; });`;
        const { result, failed } = await runInNode(program, [], 100);
        assert.deepEqual(result, ["", 2, [["udp4", 0, 48, 123, "192.0.2.1", 0x23], "closed"], [4000000000 - SINCE_1900]], failed);
    });
});
