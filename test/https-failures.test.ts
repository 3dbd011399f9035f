// SPDX-License-Identifier: Apache-2.0
// The client of the https module when things go wrong: bad arguments, failed connections, broken
// bodies, time-outs.

import assert from "node:assert/strict";
import * as nodeHttps from "node:https";

import type { TlsError } from "../modules/errors.ts";
import { createHttps } from "../modules/https.ts";
import type { Https, IncomingMessage, RequestOptions } from "../modules/https.ts";
import { answerTo, code } from "./support/https.ts";
import type { Answer } from "./support/https.ts";
import { listen, makeCertificate, NodeTls } from "./support/node-tls.ts";

describe("https module: failures", function () {
    this.timeout(10000);
    const { key, cert } = makeCertificate();
    const tls = new NodeTls();
    let https: Https;
    let port = 0;
    const server = nodeHttps.createServer({ key, cert }, (request, response) => {
        if (request.url === "/slow") setTimeout(() => response.end("late"), 300);
        else if (request.url === "/never") response.write("x");
        else if (request.url === "/break") {
            response.writeHead(200, { "Content-Length": 10 }).write("half");
            setTimeout(() => response.destroy(), 20);
        } else if (request.url === "/break-chunked") {
            response.write("half");
            setTimeout(() => response.destroy(), 20);
        } else response.end("hello");
    });

    const options = (more: RequestOptions = {}): RequestOptions => ({
        port,
        ca: cert,
        host: "localhost",
        ...more,
    });
    const get = (path: string, more: RequestOptions = {}): Promise<Answer> =>
        answerTo(https.get(options({ path, ...more })));

    before(async () => {
        port = await listen(server);
    });
    beforeEach(() => {
        https = createHttps(tls);
    });
    afterEach(() => https.globalAgent.destroy());
    after(() => {
        server.close();
        server.closeAllConnections();
    });

    it("refuses http: URLs", () => {
        const wanted = code("ETLS_HTTP_URL");
        assert.throws(() => https.get("http://localhost/"), wanted);
        assert.throws(() => https.get({ host: "a", protocol: "http:" }), wanted);
        assert.throws(() => https.get("HTTP://localhost/"), /require\("http"\)/);
    });
    it("refuses what is no URL", () => {
        const wrong = (
            "localhost|/path|https:/a|https://|https://:443/|https://a b/|https://a\\b/" +
            "|https://a:b/|https://a:0/|https://a:65536/|https://[::1/|https://::1/" +
            "|https://[a]/|https://[::1]x/" +
            "|https://a/\xe9|https://a/ b|https://%zz@a/|ftp://a/|https://a%00b/|https://a\r\nb/"
        ).split("|");
        for (const url of wrong) assert.throws(() => https.get(url), code("ETLS_BAD_URL"), url);
        assert.throws(() => https.get({ host: "a\r\nX: y" }), code("ETLS_BAD_URL"));
        assert.throws(() => https.get({ host: "a", port: 1.5 }), code("ETLS_BAD_URL"));
    });
    it("refuses what would break the request apart", () => {
        for (const path of [
            "/a b",
            "/a\r\nX: y",
            "/\0",
            "/\x7f",
            "/\u0161",
            "a",
            "/a#b",
            "/\xe9",
        ]) {
            assert.throws(() => https.get({ host: "a", path }), code("ETLS_HTTP_PATH"), path);
        }
        for (const value of ["a\r\nb", "a\nb", "a\rb", "a\0", "\u20ac", "\x7f"]) {
            const headers = { a: value };
            assert.throws(() => https.get({ host: "a", headers }), code("ETLS_HTTP_HEADER"));
            const list = { a: ["x", value] };
            assert.throws(() => https.get({ host: "a", headers: list }), code("ETLS_HTTP_HEADER"));
        }
        for (const name of ["", "a b", "a:", "a\r\n", "\xe9", "a\0"]) {
            const headers = { [name]: "a" };
            assert.throws(() => https.get({ host: "a", headers }), code("ETLS_HTTP_HEADER"));
        }
        for (const method of ["GE T", "GET\r\n", "CONNECT", "\xe9"]) {
            assert.throws(() => https.get({ host: "a", method }), code("ETLS_HTTP_METHOD"));
        }
        assert.throws(() => https.request({ host: "a" }).end("\u20ac"), code("ETLS_NOT_BYTES"));
    });
    it("reports a body that does not fit its header", async () => {
        const wrong = (headers: { [name: string]: string }, body: string): Promise<Answer> =>
            answerTo(https.request(options({ method: "POST", headers })).end(body));
        const wanted = code("ETLS_HTTP_LENGTH");
        await assert.rejects(wrong({ "Content-Length": "3" }, "abcd"), wanted);
        await assert.rejects(wrong({ "Content-Length": "5" }, "abcd"), wanted);
        await assert.rejects(wrong({ "Content-Length": "-1" }, "abcd"), wanted);
        await assert.rejects(wrong({ "Transfer-Encoding": "gzip" }, "abcd"), wanted);
        const both = { "Transfer-Encoding": "chunked", "Content-Length": "4" };
        await assert.rejects(wrong(both, "abcd"), wanted);
        const request = https.request(options()).end();
        request.on("error", () => undefined);
        assert.throws(() => request.setHeader("a", "b"), code("ETLS_HTTP_SENT"));
        assert.throws(() => request.write("b"), code("ETLS_HTTP_SENT"));
        request.destroy();
    });
    for (const path of ["/break", "/break-chunked"]) {
        it(`reports a body that breaks off (${path})`, async () => {
            const request = https.get(options({ path }));
            const response = await new Promise<IncomingMessage>((resolve) =>
                request.on("response", resolve),
            );
            const events: string[] = [];
            response.on("data", (data) => events.push(data));
            response.on("end", () => events.push("end"));
            response.on("error", (error) => events.push((error as TlsError).code));
            response.on("close", () => events.push("close"));
            await new Promise<void>((resolve) => request.on("close", resolve));
            assert.equal(events[0], "half");
            assert.match(String(events[1]), /^(ETLS_HTTP_ABORTED|ECONNRESET)$/);
            assert.deepEqual(events.slice(2), ["close"]);
            assert.equal(response.aborted, true);
            assert.equal(response.complete, false);
        });
    }
    it("reports it at the request when nobody listens at the response", async () => {
        const request = https.get(
            options({ path: "/break" }),
            (response) => void response.resume(),
        );
        const error = await new Promise((resolve) => request.on("error", resolve));
        assert.match((error as TlsError).code, /^(ETLS_HTTP_ABORTED|ECONNRESET)$/);
    });
    it("reports what tls reports", async () => {
        const wrong = https.get(options({ servername: "wrong.test" }));
        await assert.rejects(answerTo(wrong), code("ERR_TLS_CERT_ALTNAME_INVALID"));
        const closed = https.get({ host: "127.0.0.1", port: 1 });
        await assert.rejects(answerTo(closed), code("ECONNREFUSED"));
        const bad = https.get(options({ ca: "x", cert: "nonsense" }));
        await assert.rejects(answerTo(bad));
    });
    it("times out without a response, and inside a body", async () => {
        await assert.rejects(get("/slow", { timeout: 100 }), code("ETLS_TIMEOUT"));
        assert.equal((await get("/slow", { timeout: 1000 })).body, "late");
        const request = https.get(options({ path: "/never", timeout: 100 }));
        await assert.rejects(answerTo(request), code("ETLS_TIMEOUT"));
    });
    it("leaves a time-out to its listener", async () => {
        let times = 0;
        const request = https.get(options({ path: "/slow" }));
        request.setTimeout(100, () => times++);
        assert.equal((await answerTo(request)).body, "late");
        assert.equal(times, 1);
    });
    it("is silent when it is destroyed on purpose", async () => {
        const request = https.get(options({ path: "/slow" }));
        request.on("error", (error) => assert.fail(String(error)));
        setTimeout(() => request.abort(), 50);
        await new Promise<void>((resolve) => request.on("close", resolve));
        const agent = new https.Agent({ maxSockets: 1, ca: cert });
        const first = get("/slow", { agent });
        const waiting = https.get(options({ agent }));
        setTimeout(() => waiting.destroy(), 20);
        await new Promise<void>((resolve) => waiting.on("close", resolve));
        assert.equal((await first).body, "late");
    });
});
