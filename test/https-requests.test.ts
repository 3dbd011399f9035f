// SPDX-License-Identifier: Apache-2.0
// The server of the https module, over Node's TLS: requests byte by byte, several in one piece,
// malformed ones, and time-outs.

import assert from "node:assert/strict";

import { HttpsFixture } from "./support/https-fixture.ts";
import { answerTo, code } from "./support/https.ts";

describe("https module: server and raw requests", function () {
    this.timeout(20000);
    const fixture = new HttpsFixture();

    describe("without time-outs", () => {
        before(() => fixture.start({}));
        after((done) => void fixture.server.close(done));

        const several =
            "GET /late HTTP/1.1\r\nHost: a\r\n\r\n" +
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" +
            "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" +
            "GET /pieces HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        for (const pieces of [several.length, 1, 2, 3, 5, 7]) {
            it(`answers pipelined requests in order, in pieces of ${pieces}`, async () => {
                const keep = "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";
                assert.equal(
                    await fixture.exchange(several, pieces),
                    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n${keep}/late` +
                        `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n${keep}body` +
                        `HTTP/1.1 200 OK\r\nContent-Length: 8\r\n${keep}` +
                        "HTTP/1.1 200 Fine\r\nX-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\n" +
                        "Connection: close\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n",
                );
            });
        }
        it("does not nest for a thousand requests in one piece", async () => {
            const answer = await fixture.exchange(
                "GET /a HTTP/1.1\r\nHost: a\r\n\r\n".repeat(999) +
                    "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            );
            assert.equal(answer.split("GET /a ").length, 1001);
        });
        it("answers bad requests with 400 or better, and closes", async () => {
            const bad: [string, number, string][] = [
                ["garbage\r\n\r\n", 400, "SYNTAX"],
                ["GET / HTTP/1.1\r\n\r\n", 400, "SYNTAX"],
                ["GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "SYNTAX"],
                ["GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "SYNTAX"],
                ["GET / HTTP/1.1\nHost: a\n\n", 400, "SYNTAX"],
                ["GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "VERSION"],
                ["GET / HTTP/1.1\r\nHost: a\r\nA: " + "x".repeat(9000), 431, "TOO_LARGE"],
                ["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n", 501, "CODING"],
                [
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n" +
                        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    400,
                    "LENGTH",
                ],
                [
                    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                    400,
                    "CHUNK",
                ],
            ];
            for (const [text, status, why] of bad) {
                fixture.refused = [];
                const answer = await fixture.exchange(
                    text + "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n",
                );
                assert.match(
                    answer,
                    new RegExp(`^HTTP/1.1 ${status} [A-Z][^\\r]*\\r\\nConnection: close`),
                );
                assert.ok(!answer.includes("evil"), text);
                assert.deepEqual(fixture.refused, ["ETLS_HTTP_" + why]);
            }
        });
    });

    describe("with short time-outs", () => {
        before(() =>
            fixture.start({ headersTimeout: 100, keepAliveTimeout: 100, requestTimeout: 150 }),
        );
        after((done) => void fixture.server.close(done));

        it("closes a connection without requests", async () => {
            assert.equal(await fixture.exchange(""), "");
        });
        it("closes a kept connection", async () => {
            const answer = await fixture.exchange("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
            assert.match(answer, /Keep-Alive: timeout=0/);
        });
        it("answers a slow header with 408", async () => {
            assert.match(await fixture.exchange("GET / HTTP/1.1\r\nHo"), /^HTTP\/1.1 408 /);
            assert.deepEqual(fixture.refused, ["ETLS_TIMEOUT"]);
        });
        it("answers a slow body with 408", async () => {
            const text = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
            assert.match(await fixture.exchange(text), /^HTTP\/1.1 408 /);
        });
        it("leaves the handler its time", async () => {
            fixture.server.on("request", (request, response) => {
                if (request.url === "/never") setTimeout(() => response.end("done"), 300);
            });
            const options = { ...fixture.address, path: "/never" };
            assert.equal((await answerTo(fixture.https.get(options))).body, "done");
        });
        it("finishes responses before it closes", async () => {
            const options = fixture.address;
            const arrived = new Promise<void>((resolve) => void fixture.server.on("request", () => resolve()));
            const late = answerTo(fixture.https.get({ ...options, path: "/late" }));
            await arrived;
            const closed = new Promise<void>((resolve) => fixture.server.close(resolve));
            const { response, body } = await late;
            assert.equal(body, "/late");
            assert.equal(response.headers["connection"], "close");
            await closed;
            await assert.rejects(answerTo(fixture.https.get(options)), code("ECONNREFUSED"));
        });
    });
});
