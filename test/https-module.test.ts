// SPDX-License-Identifier: Apache-2.0
// The client of the https module, over Node's TLS, against Node's https server.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import * as nodeHttps from "node:https";
import { Writable } from "node:stream";
import type { TLSSocket } from "node:tls";

import { createHttps } from "../modules/https.ts";
import type { Https, IncomingMessage, RequestOptions } from "../modules/https.ts";
import { answerTo, code, sha } from "./support/https.ts";
import type { Answer } from "./support/https.ts";
import { listen, makeCertificate, NodeTls } from "./support/node-tls.ts";

const BIG = randomBytes(5 * 1024 * 1024);
describe("https module: client", function () {
    this.timeout(20000);
    const { key, cert } = makeCertificate();
    const tls = new NodeTls();
    let https: Https;
    let port = 0;
    let base = "";
    const sockets = new Set<TLSSocket>();
    const server = nodeHttps.createServer({ key, cert }, (request, response) => {
        const pieces: Buffer[] = [];
        request.on("data", (data) => pieces.push(data));
        request.on("end", () =>
            handle(request.url || "", Buffer.concat(pieces), request, response),
        );
    });
    server.on("secureConnection", (socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
    });
    let connections = 0;
    server.on("secureConnection", () => connections++);

    const handle = (
        url: string,
        body: Buffer,
        request: import("node:http").IncomingMessage,
        response: import("node:http").ServerResponse,
    ): void => {
        if (url === "/echo") {
            response.setHeader("X-Headers", JSON.stringify(request.headers));
            response.setHeader("X-Sha", sha(body));
            response.end(body);
        } else if (url === "/big")
            response.writeHead(200, { "Content-Length": BIG.length }).end(BIG);
        else if (url === "/big-chunked") {
            for (let at = 0; at < BIG.length; at += 10007)
                response.write(BIG.subarray(at, at + 10007));
            response.end();
        } else if (url === "/status/204") response.writeHead(204).end();
        else if (url === "/status/304") response.writeHead(304, { etag: '"a"' }).end();
        else if (url === "/moved") response.writeHead(301, { location: "/" }).end("moved");
        else if (url === "/hints") {
            response.writeEarlyHints({ link: "</a>; rel=preload" });
            response.setHeader("Set-Cookie", ["a=1", "b=2"]).end("ok");
        } else if (url === "/until-close") {
            response.shouldKeepAlive = false;
            response.removeHeader("Transfer-Encoding");
            response.write("all of it");
            response.end();
        } else response.end("hello");
    };

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
        base = `https://localhost:${port}`;
    });
    beforeEach(() => {
        https = createHttps(tls);
        connections = 0;
        tls.pieces = 0;
    });
    afterEach(() => https.globalAgent.destroy());
    after(() => void server.close());

    it("gets", async () => {
        const { response, body } = await get("/");
        assert.equal(response.statusCode, 200);
        assert.equal(response.statusMessage, "OK");
        assert.equal(response.httpVersion, "1.1");
        assert.equal(response.headers["content-length"], "5");
        assert.equal(response.complete, true);
        assert.equal(body, "hello");
    });
    it("takes URL, options and listener in every order that Node knows", async () => {
        const seen: string[] = [];
        const done =
            (name: string) =>
            (response: IncomingMessage): void => {
                seen.push(name + response.statusCode);
                response.resume();
            };
        const all = [
            https.get(`${base}/?a=1#x`, { ca: cert }, done("text")),
            https.get(new URL(`${base}/`), { ca: cert }, done("URL")),
            https.get(options(), done("options")),
            https
                .request({ ...options(), hostname: "localhost", host: "x" }, done("hostname"))
                .end(),
        ];
        await Promise.all(
            all.map((one) => new Promise<void>((resolve) => one.on("close", resolve))),
        );
        assert.deepEqual(seen.sort(), ["URL200", "hostname200", "options200", "text200"]);
    });
    it("sends a body with its length", async () => {
        const request = https.request(options({ path: "/echo", method: "POST", auth: "me:pass" }));
        const { response, body } = await answerTo(request.end("a=1\xff"));
        const headers = JSON.parse(String(response.headers["x-headers"]));
        assert.equal(headers["content-length"], "4");
        assert.equal(headers["transfer-encoding"], undefined);
        assert.equal(headers["host"], `localhost:${port}`);
        assert.equal(headers["authorization"], "Basic " + btoa("me:pass"));
        assert.equal(body, "a=1\xff");
    });
    it("sends a body in chunks", async () => {
        const request = https.request(options({ path: "/echo", method: "PUT" }));
        request.write("one,");
        request.write(new Uint8Array([0x74, 0x77, 0x6f]));
        const { response, body } = await answerTo(request.end(",three"));
        const headers = JSON.parse(String(response.headers["x-headers"]));
        assert.equal(headers["transfer-encoding"], "chunked");
        assert.equal(body, "one,two,three");
    });
    it("sends pieces under a Content-Length, and an empty POST", async () => {
        const request = https.request(
            options({ path: "/echo", method: "POST", headers: { "content-length": 6 } }),
        );
        request.write("abc");
        assert.equal((await answerTo(request.end("def"))).body, "abcdef");
        const empty = await answerTo(
            https.request(options({ path: "/echo", method: "POST" })).end(),
        );
        assert.equal(
            JSON.parse(String(empty.response.headers["x-headers"]))["content-length"],
            "0",
        );
    });
    for (const path of ["/big", "/big-chunked"]) {
        it(`downloads 5 MB from ${path}`, async () => {
            assert.equal(sha((await get(path)).body), sha(BIG));
        });
    }
    for (const pieces of [1, 2, 3, 5, 7, 1000]) {
        it(`gives the same in pieces of ${pieces}`, async () => {
            tls.pieces = pieces;
            assert.equal((await get("/hints")).body, "ok");
            const request = https.request(options({ path: "/echo", method: "POST" }));
            assert.equal((await answerTo(request.end("x".repeat(20000)))).body, "x".repeat(20000));
        });
    }
    it("uploads 5 MB with its length", async () => {
        const request = https.request(options({ path: "/echo", method: "POST" }));
        const { response, body } = await answerTo(request.end(BIG));
        assert.equal(response.headers["x-sha"], sha(BIG));
        assert.equal(sha(body), sha(BIG));
    });
    it("uploads 5 MB in chunks, waiting for drain", async () => {
        const request = https.request(options({ path: "/echo", method: "POST" }));
        const answer = answerTo(request);
        let waits = 0;
        for (let at = 0; at < BIG.length; at += 65536) {
            if (request.write(BIG.subarray(at, at + 65536))) continue;
            waits++;
            await new Promise<void>((resolve) => request.on("drain", resolve));
            request.removeAllListeners("drain");
        }
        request.end();
        assert.equal((await answer).response.headers["x-sha"], sha(BIG));
        assert.ok(waits > 0);
    });
    it("knows answers without a body: HEAD, 204, 304", async () => {
        const head = await answerTo(https.request(options({ method: "head", path: "/big" })).end());
        assert.equal(head.response.headers["content-length"], String(BIG.length));
        assert.equal(head.body, "");
        assert.equal((await get("/status/204")).response.statusCode, 204);
        const unchanged = await get("/status/304");
        assert.equal(unchanged.response.headers["etag"], '"a"');
        assert.equal((await get("/")).body, "hello");
        assert.equal(connections, 1);
    });
    it("passes over interim responses, keeps cookies apart, leaves redirects", async () => {
        assert.deepEqual((await get("/hints")).response.headers["set-cookie"], ["a=1", "b=2"]);
        const moved = await get("/moved");
        assert.equal(moved.response.statusCode, 301);
        assert.equal(moved.response.headers["location"], "/");
    });
    it("reads until the end of the connection", async () => {
        const { response, body } = await get("/until-close");
        assert.equal(body, "all of it");
        assert.equal(response.complete, true);
    });
    it("makes 100 requests on one connection", async () => {
        for (let n = 0; n < 100; n++) assert.equal((await get("/")).body, "hello");
        assert.equal(connections, 1);
    });
    it("closes a connection that no agent keeps", async () => {
        const headers = (await get("/echo", { agent: false })).response.headers["x-headers"];
        assert.equal(JSON.parse(String(headers))["connection"], "close");
        await get("/", { agent: false });
        assert.equal(connections, 2);
    });
    it("opens at most maxSockets connections", async () => {
        const agent = new https.Agent({ keepAlive: true, maxSockets: 3, ca: cert });
        const all = Array.from({ length: 12 }, () =>
            answerTo(https.get({ host: "localhost", port, path: "/", agent })),
        );
        assert.equal((await Promise.all(all)).length, 12);
        assert.equal(connections, 3);
        agent.destroy();
    });
    it("keeps at most maxFreeSockets, and those for the time-out", async () => {
        const agent = new https.Agent({ keepAlive: true, maxFreeSockets: 1, timeout: 100 });
        await Promise.all([get("/", { agent }), get("/", { agent }), get("/", { agent })]);
        await new Promise((resolve) => setTimeout(resolve, 50));
        assert.equal(sockets.size, 1);
        await new Promise((resolve) => setTimeout(resolve, 150));
        assert.equal(sockets.size, 0);
    });
    it("never shares a connection between different TLS options", async () => {
        await get("/");
        await get("/", { ca: [cert] });
        await get("/", { ca: [cert] }); // the same as before
        await get("/", { rejectUnauthorized: false });
        await get("/", { servername: "other.test" });
        await get("/", { minVersion: "TLSv1.3" });
        await get("/", { checkServerIdentity: () => undefined });
        await get("/", { host: "127.0.0.1" });
        await get("/", { unknownOption: 1 });
        assert.equal(connections, 8);
        await assert.rejects(get("/", { ca: undefined }), code("DEPTH_ZERO_SELF_SIGNED_CERT"));
    });
    it("keeps the body until somebody wants it", async () => {
        const response = await new Promise<IncomingMessage>((resolve) =>
            https.get(options({ path: "/big" }), resolve),
        );
        await new Promise((resolve) => setTimeout(resolve, 50));
        const pieces: string[] = [];
        await new Promise<void>((resolve) => {
            response.on("data", (data) => {
                pieces.push(data);
                response.pause();
                setTimeout(() => response.resume(), 0);
            });
            response.on("end", resolve);
        });
        assert.equal(sha(pieces.join("")), sha(BIG));
    });
    it("pipes at the pace of the destination", async () => {
        const hash = createHash("sha256");
        const slow = new Writable({
            highWaterMark: 1000,
            write(data: Buffer, _encoding, done) {
                hash.update(data);
                setTimeout(done, 1);
            },
        });
        https.get(options({ path: "/big" }), (response) => void response.pipe(slow));
        await new Promise((resolve) => slow.on("finish", resolve));
        assert.equal(hash.digest("hex"), sha(BIG));
    });
});
