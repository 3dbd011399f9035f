// SPDX-License-Identifier: Apache-2.0
/** The tether: a board's streams over its console, and the network at the other end. */
import assert from "node:assert/strict";
import { connect as dial, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "mocha";
import { Tether } from "../cli/board/tether.ts";
import { connect, take } from "../modules/board_tether.ts";
import { open } from "../wasm/node.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { nodeHttpsServer } from "./support/node-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import type { Server } from "./support/servers.ts";
import { freePort } from "./support/processes.ts";

/** A console without a board: lines go to the modules, and what these print to the tether. */
const makeConsole = function (): { type(text: string): Promise<void>; onTether: (line: string) => void } {
    const cable = {
        onTether: (_line: string): void => undefined,
        type: (text: string) => {
            const call = /^\x10require\("tls-tether"\)\.take\((.*)\)\n$/.exec(text);
            assert.ok(call, text);
            assert.match(text, /^[\x10\n -~]*$/, "only ASCII goes through a console");
            assert.ok(text.length < 1024, `${text.length} characters in a line`);
            const [id, verb, data] = JSON.parse(`[${call[1]}]`) as [number, string, string];
            setImmediate(() => take(id, verb, data));
            return Promise.resolve();
        },
    };
    const print = (text: string): void => {
        assert.match(text, /^\x01tls [ -~]*$/);
        setImmediate(() => cable.onTether(text.slice("\x01tls ".length)));
    };
    Object.assign(globalThis, { print });
    return cable;
};

describe("tether", function () {
    let pki: Pki;
    let server: Server;
    let tether: Tether;
    let core: EspruinoTls;

    before(async function () {
        pki = await cachedPki();
        server = await nodeHttpsServer({ identity: pki.ec });
        tether = new Tether(makeConsole());
        core = await open({ transport: { connect } });
    });

    after(async function () {
        core.close();
        tether.close();
        await server.close();
    });

    /** Posts a body and resolves to what comes back. */
    const echo = (body: string, options: object): Promise<string> =>
        new Promise((resolve, reject) => {
            const request = core.https.request(
                { host: pki.ec.host, port: server.port, path: "/echo", method: "POST", ...options },
                (response) => {
                    let text = "";
                    response.on("data", (data) => void (text += data));
                    response.on("end", () => resolve(text));
                },
            );
            request.on("error", reject).end(body);
        });

    it("carries verified requests both ways, many records long", async function () {
        const body = "\0\x01\xff\r\n>".repeat(20_000);
        assert.equal(await echo(body, { ca: pki.ec.rootPem }), body);
        assert.ok(tether.bytes.in > body.length && tether.bytes.out > body.length);
    });

    it("is no way around the verification", async function () {
        await assert.rejects(echo("x", { ca: pki.rsa.rootPem }), { code: "ETLS_CERT_UNKNOWN_ISSUER" });
    });

    it("carries several connections at once", async function () {
        const bodies = ["one", "two", "three"].map((text) => text.repeat(3000));
        const options = { ca: pki.ec.rootPem, agent: false };
        assert.deepEqual(await Promise.all(bodies.map((body) => echo(body, options))), bodies);
    });

    it("tells that nobody listens", async function () {
        const port = await freePort();
        await assert.rejects(echo("x", { ca: pki.ec.rootPem, port }), (error: Error & { code?: string }) => {
            assert.equal(error.code, "ETLS_CONNECT_FAILED");
            assert.match(error.message, /ECONNREFUSED/);
            return true;
        });
    });

    it("delivers what came before the end, and forgets closed streams", async function () {
        const plain = createServer((socket) => void socket.end("goodbye".repeat(1000)));
        await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
        const { port } = plain.address() as AddressInfo;
        const direct = dial(port, "127.0.0.1");
        direct.resume();
        let text = "";
        await new Promise<void>((resolve) => {
            const stream = connect({ host: "127.0.0.1", port }, () => undefined);
            stream.on("data", (data) => void (text += data as string));
            stream.on("end", () => stream.end());
            stream.on("close", resolve);
        });
        assert.equal(text, "goodbye".repeat(1000));
        take(1000, "d", "AA=="); // of a stream that is no more
        await new Promise((resolve) => plain.close(resolve));
    });
});
