// SPDX-License-Identifier: Apache-2.0
/** TLS through a modem with ESP-AT firmware: the transport, and a modem that opens real connections. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import { after, afterEach, before, describe, it } from "mocha";
import { create } from "../modules/board_at.ts";
import type { EspAt as Transport } from "../modules/board_at.ts";
import { open } from "../wasm/node.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { until } from "./support/attempt.ts";
import { EspAt, untilUnused, Wire } from "./support/esp-at.ts";
import type { EspAtOptions } from "./support/esp-at.ts";
import { nodeHttpsServer } from "./support/node-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { freePort } from "./support/processes.ts";
import { opensslServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

describe("ESP-AT", function () {
    this.timeout(30_000);
    let pki: Pki;
    let server: Server;
    const ends: (() => void)[] = [];

    before(async function () {
        pki = await cachedPki();
        server = await nodeHttpsServer({ identity: pki.ec });
    });
    afterEach(() => {
        for (const end of ends.splice(0)) end();
    });
    after(() => server.close());

    /** A modem with its transport. */
    const attach = function (options: EspAtOptions = {}): { modem: EspAt; transport: Transport } {
        const modem = new EspAt(options);
        ends.push(() => modem.close());
        return { modem, transport: create(new Wire(modem)) };
    };

    const begin = async function (options: EspAtOptions = {}): Promise<{ modem: EspAt; core: EspruinoTls; transport: Transport }> {
        const { modem, transport } = attach(options);
        const core = await open({ transport });
        ends.push(() => core.close());
        return { modem, core, transport };
    };

    /** Posts a body and resolves to what comes back. */
    const echo = (core: EspruinoTls, body: string, more: object = {}): Promise<string> =>
        new Promise((resolve, reject) => {
            const options = { host: pki.ec.host, port: server.port, path: "/echo", method: "POST", agent: false as const, ca: pki.ec.rootPem, ...more };
            const request = core.https.request(options, (response) => {
                let text = "";
                response.on("data", (data) => void (text += data));
                response.on("end", () => resolve(text));
                response.on("error", reject);
            });
            request.on("error", reject).end(body);
        });

    /** A body with all that a careless parser could stumble over. */
    const BODY = "\0\xff\r\nOK\r\n>0,CLOSED\r\n+IPD,0,5:ERROR\r\n+CIPRECVDATA:3,abc\r\nbusy p...\r\n";

    for (const pieces of [1, 2, 3, 5, 7, 1000]) {
        it(`carries verified requests both ways, answers in pieces of ${pieces}`, async () => {
            const { core, modem } = await begin({ pieces });
            const body = BODY.repeat(pieces < 5 ? 50 : 200);
            assert.equal(await echo(core, body), body);
            await untilUnused(modem);
            assert.equal(modem.open, 0);
            assert.ok(modem.commands.includes("AT+CIPRECVMODE=1"));
        });
    }

    const FIRMWARE: [string, EspAtOptions][] = [
        ["that says AT+CIPRECVTYPE", { passive: "type" }],
        ["that is old", { oldData: true, closesEarly: true }],
        ["that is busy now and then", { busyEach: 3 }],
        ["whose line about data was lost", { silentData: true }],
    ];
    for (const [what, options] of FIRMWARE) {
        it(`a modem ${what}`, async () => {
            const { core, modem } = await begin(options);
            assert.equal(await echo(core, BODY), BODY);
            await untilUnused(modem);
            assert.equal(modem.open, 0);
        });
    }

    it("five connections at once; the sixth is told why not", async () => {
        const { core, modem } = await begin();
        const bodies = ["1", "2", "3", "4", "5", "6"].map((text) => text.repeat(4000));
        const results = await Promise.allSettled(bodies.map((body) => echo(core, body)));
        for (const [index, one] of results.slice(0, 5).entries()) {
            assert.equal(one.status === "fulfilled" ? one.value === bodies[index] : String(one.reason), true);
        }
        const last = results[5] as PromiseRejectedResult;
        assert.match((last.reason as Error).message, /all its 5 connections in use/);
        await untilUnused(modem);
        assert.equal(await echo(core, "again"), "again");
    });

    it("reads nothing while the program does not", async () => {
        const { core, modem } = await begin();
        const socket = core.tls.connect({ host: pki.ec.host, port: server.port, ca: pki.ec.rootPem });
        await new Promise<void>((resolve) => void socket.on("secureConnect", resolve));
        const long = "x".repeat(200_000);
        socket.write(`POST /echo HTTP/1.0\r\nContent-Length: ${long.length}\r\n\r\n${long}`);
        let reads = -1;
        const readings = (): number => modem.commands.filter((line) => line.startsWith("AT+CIPRECVDATA")).length;
        while (reads < readings()) {
            reads = readings();
            await new Promise((resolve) => setTimeout(resolve, 300));
        }
        assert.ok(reads < 80, `${reads} pieces were read`);
        let text = "";
        socket.on("data", (data) => void (text += data));
        await new Promise<void>((resolve) => void socket.on("end", resolve));
        assert.ok(text.endsWith(long));
    });

    it("is no way around the verification", async () => {
        const { core } = await begin();
        await assert.rejects(echo(core, "x", { ca: pki.rsa.rootPem }), { code: "ETLS_CERT_UNKNOWN_ISSUER" });
    });

    it("a page of OpenSSL, which ends with the connection", async () => {
        const openssl = await opensslServer({ identity: pki.rsa, mode: "www" });
        ends.push(() => void openssl.close());
        for (const closesEarly of [false, true]) {
            const { core } = await begin({ closesEarly });
            const text = await echo(core, "", { port: openssl.port, ca: pki.rsa.rootPem, method: "GET" });
            assert.match(text, /<\/HTML>\s*$/i);
        }
    });

    describe("failures name what to do", () => {
        const fails = async (core: EspruinoTls, code: string, message: RegExp, more: object = {}): Promise<void> => {
            await assert.rejects(echo(core, "x", more), (error: Error & { code?: string }) => {
                assert.equal(error.code, code, error.message);
                assert.match(error.message, message);
                return true;
            });
        };

        it("nobody listens, no such name, no network", async () => {
            const { core } = await begin();
            await fails(core, "ETLS_CONNECT_FAILED", /refuses AT\+CIPSTART/, { port: await freePort() });
            await fails(core, "ETLS_CONNECT_FAILED", /DNS Fail/, { host: "server.invalid" });
            assert.equal(await echo(core, "after that"), "after that");
            await fails((await begin({ offline: true })).core, "ETLS_CONNECT_FAILED", /no ip/);
        });

        it("a name that would end the command", async () => {
            const { modem, transport } = attach();
            for (const host of ['a"\r\nAT+RST\r\n', "a,1", "x".repeat(65)]) {
                const error = await new Promise<Error>((resolve) => void transport.connect({ host, port: 1 }, assert.fail).on("error", resolve as (error: unknown) => void));
                assert.match(error.message, /takes names of up to 64/);
            }
            assert.ok(!modem.commands.some((line) => /RST|CIPSTART/.test(line)));
        });

        it("firmware without passive mode", async () => {
            await fails((await begin({ passive: "none" })).core, "ETLS_CONNECT_FAILED", /no passive receive mode: it needs ESP-AT 2.0/);
        });

        it("a modem that does not answer", async () => {
            const transport = create({ write: () => undefined, on: () => undefined });
            const core = await open({ transport });
            ends.push(() => core.close());
            await fails(core, "ETLS_CONNECT_FAILED", /does not answer to ATE0: check power/);
        });

        it("bytes that are lost on the way", async () => {
            const { core } = await begin({ loses: 2 });
            await fails(core, "ETLS_TRANSPORT", /2 were lost: lower its baud rate/);
        });

        it("a modem that starts anew, and works again", async () => {
            const { core, modem } = await begin();
            const socket = core.tls.connect({ host: pki.ec.host, port: server.port, ca: pki.ec.rootPem });
            await new Promise<void>((resolve) => void socket.on("secureConnect", resolve));
            const failed = new Promise<Error>((resolve) => void socket.on("error", resolve));
            modem.restart();
            assert.match((await failed).message, /started anew: is its power supply/);
            assert.equal(await echo(core, "again"), "again");
        });

        it("a peer that breaks off", async () => {
            const { transport } = attach();
            const sockets: Socket[] = [];
            const plain: NetServer = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
            await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
            ends.push(() => plain.close());
            const { port } = plain.address() as AddressInfo;
            const stream = transport.connect({ host: "127.0.0.1", port }, () => undefined);
            const events: string[] = [];
            stream.on("data", (data) => void events.push(data as string));
            stream.on("end", () => void events.push("end"));
            const closed = new Promise<void>((resolve) => void stream.on("close", resolve));
            await until(() => sockets.length > 0);
            sockets[0]?.write("last words", () => sockets[0]?.destroy());
            await closed;
            assert.deepEqual(events, ["last words", "end"]);
        });
    });

    it("joins a network, and says what is wrong", async () => {
        const { transport } = attach({ offline: true, password: 'a,"b\\' });
        const join = (name: string, password: string): Promise<string> =>
            new Promise((resolve) => void transport.join(name, password, (error) => resolve(error ? error.message : "joined")));
        assert.match(await join("nowhere", "x"), /could not join nowhere: there is no such network/);
        assert.match(await join("limbo", "x"), /could not join limbo: the password is wrong/);
        assert.equal(await join("limbo", 'a,"b\\'), "joined");
    });
});
