// SPDX-License-Identifier: Apache-2.0
// The client of the https module against servers that close kept connections, answer too early or
// too much, or talk nonsense.

import assert from "node:assert/strict";
import { createServer } from "node:tls";
import type { Server, TLSSocket } from "node:tls";

import { createHttps } from "../modules/https.ts";
import type { Https, RequestOptions } from "../modules/https.ts";
import { answerTo, code } from "./support/https.ts";
import { listen, makeCertificate, NodeTls } from "./support/node-tls.ts";

describe("https module: servers that misbehave", function () {
    this.timeout(10000);
    const { key, cert } = makeCertificate();
    const tls = new NodeTls();
    let https: Https;
    beforeEach(() => {
        https = createHttps(tls);
    });
    afterEach(() => https.globalAgent.destroy());

    const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let raw: Server | undefined;
    let seen: string[] = [];
    let opened = 0;

    /** Starts a server that is called with each piece that arrives. */
    const serve = async (
        answer: (socket: TLSSocket, request: string, nth: number) => void,
    ): Promise<RequestOptions> => {
        seen = [];
        opened = 0;
        raw = createServer({ key, cert }, (socket) => {
            const nth = ++opened;
            socket.setEncoding("latin1");
            socket.on("error", () => undefined);
            socket.on("data", (data: string) => {
                seen.push(data.substring(0, data.indexOf(" ")));
                answer(socket, data, nth);
            });
        });
        return { host: "localhost", ca: cert, port: await listen(raw) };
    };
    afterEach(() => void raw?.close());

    for (const how of ["end", "destroy"] as const) {
        it(`repeats an idempotent request once on a stale connection (${how})`, async () => {
            let requests = 0;
            const to = await serve((socket) => {
                if (++requests === 2) socket[how]();
                else socket.write(OK);
            });
            assert.equal((await answerTo(https.get(to))).body, "ok");
            assert.equal((await answerTo(https.get(to))).body, "ok");
            assert.deepEqual([seen.length, opened], [3, 2]);
        });
    }
    it("repeats a PUT with its body", async () => {
        const bodies: string[] = [];
        const to = await serve((socket, request, nth) => {
            if (request.startsWith("PUT")) bodies.push(request.split("\r\n\r\n")[1] || "");
            if (bodies.length === 1 && nth === 1) socket.destroy();
            else socket.write(OK);
        });
        await answerTo(https.get(to));
        const put = https.request({ ...to, method: "PUT" });
        put.write("bo");
        assert.equal((await answerTo(put.end("dy"))).body, "ok");
        assert.equal(bodies.length, 2);
        assert.equal(bodies[0], bodies[1]);
    });
    it("does not repeat it a second time, nor on a new connection", async () => {
        let requests = 0;
        const to = await serve((socket) => {
            if (++requests === 1) socket.write(OK);
            else socket.end();
        });
        await answerTo(https.get(to));
        await assert.rejects(answerTo(https.get(to)), code("ETLS_HTTP_NO_RESPONSE"));
        assert.equal(requests, 3);
        await assert.rejects(answerTo(https.get(to)), code("ETLS_HTTP_NO_RESPONSE"));
        assert.equal(requests, 4);
    });
    it("does not repeat a POST, nor what has been answered in part", async () => {
        const to = await serve((socket, request, nth) => {
            if (request.startsWith("GET /part")) socket.end("HTTP/1.1 2");
            else if (nth === 1 && request.startsWith("POST")) socket.end();
            else socket.write(OK);
        });
        await answerTo(https.get(to));
        const post = https.request({ ...to, method: "POST" }).end("a");
        await assert.rejects(answerTo(post), code("ETLS_HTTP_NO_RESPONSE"));
        await answerTo(https.get(to));
        await assert.rejects(
            answerTo(https.get({ ...to, path: "/part" })),
            code("ETLS_HTTP_ABORTED"),
        );
        assert.deepEqual(seen, ["GET", "POST", "GET", "GET"]);
    });
    it("never takes unasked data for the answer to the next request", async () => {
        const evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        const to = await serve((socket, _request, nth) => {
            socket.write(nth === 2 ? OK + evil : OK);
            if (nth === 1) setTimeout(() => socket.write(evil), 20);
        });
        assert.equal((await answerTo(https.get(to))).body, "ok");
        await new Promise((resolve) => setTimeout(resolve, 60));
        assert.equal((await answerTo(https.get(to))).body, "ok");
        assert.equal((await answerTo(https.get(to))).body, "ok");
        assert.equal(opened, 3);
    });
    it("takes an answer that comes before the body is sent, and drops the connection", async () => {
        const to = await serve((socket) => {
            socket.write("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n");
        });
        const request = https.request({ ...to, method: "POST" });
        request.write("a");
        const { response } = await answerTo(request);
        assert.equal(response.statusCode, 413);
        assert.equal(request.write("b"), true);
        request.end();
        await answerTo(https.get(to));
        assert.equal(opened, 2);
    });
    it("reports malformed responses with the parser's codes", async () => {
        const wrong: [string, string][] = [
            ["SSH-2.0\r\n", "ETLS_HTTP_SYNTAX"],
            ["HTTP/3.0 200 OK\r\n\r\n", "ETLS_HTTP_VERSION"],
            ["HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "ETLS_HTTP_LENGTH"],
            ["HTTP/1.1 200 OK\r\nA: " + "x".repeat(9000), "ETLS_HTTP_TOO_LARGE"],
            ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "ETLS_HTTP_CHUNK"],
        ];
        let text = "";
        const to = await serve((socket) => void socket.write(text));
        for (const [response, wanted] of wrong) {
            text = response;
            await assert.rejects(answerTo(https.get(to)), code(wanted));
        }
    });
    it("honours Keep-Alive: timeout, and closes on Connection: close", async () => {
        const close = OK.replace("\r\n", "\r\nConnection: close\r\n");
        const soon = OK.replace("\r\n", "\r\nKeep-Alive: timeout=1\r\n");
        const to = await serve((socket, _request, nth) => {
            socket.write(nth === 1 ? close : soon);
        });
        await answerTo(https.get(to));
        await answerTo(https.get(to));
        await new Promise((resolve) => setTimeout(resolve, 30));
        await answerTo(https.get(to));
        assert.equal(opened, 3);
    });
    it("fails what waits when the agent is destroyed", async () => {
        const to = await serve(() => undefined);
        const agent = new https.Agent({ maxSockets: 1 });
        const first = assert.rejects(answerTo(https.get({ ...to, agent })));
        const waiting = assert.rejects(
            answerTo(https.get({ ...to, agent })),
            code("ETLS_HTTP_ABORTED"),
        );
        setTimeout(() => agent.destroy(), 100);
        await Promise.all([first, waiting]);
        assert.equal(opened, 1);
    });
});
