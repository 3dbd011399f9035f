// SPDX-License-Identifier: Apache-2.0
// The server of the https module, over Node's TLS, against Node's client, curl and raw bytes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as nodeHttps from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as nodeTls from "node:tls";
import { promisify } from "node:util";

import type { TlsError } from "../modules/errors.ts";
import { createHttps } from "../modules/https.ts";
import type { IncomingMessage } from "../modules/https.ts";
import { serverFactory } from "../modules/https_server.ts";
import type { HttpsServer, ServerResponse } from "../modules/https_server.ts";
import { answerTo, code, sha } from "./support/https.ts";
import { makeCertificate, NodeTls } from "./support/node_tls.ts";

const BIG = randomBytes(5 * 1024 * 1024);

describe("https module: server", function () {
    this.timeout(20000);
    const { key, cert } = makeCertificate();
    const tls = new NodeTls();
    const https = createHttps(tls, serverFactory(tls));
    const agent = new nodeHttps.Agent({ keepAlive: true, maxSockets: 1 });
    let server: HttpsServer;
    let port = 0;
    let refused: string[] = [];
    let connections = 0;

    const handle = (request: IncomingMessage, response: ServerResponse): void => {
        const url = request.url;
        if (url === "/echo") {
            const pieces: string[] = [];
            request.on("data", (data) => pieces.push(data));
            request.on("end", () => response.end(pieces.join("")));
        } else if (url === "/pipe") {
            request.pipe(response);
        } else if (url === "/big") {
            response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(BIG);
        } else if (url === "/pieces") {
            response.writeHead(200, "Fine", { "X-A": ["1", "2"] });
            response.write("one,");
            setTimeout(() => response.end("two"), 5);
        } else if (url === "/late") {
            setTimeout(() => response.end(url), 30);
        } else if (url === "/none") {
            response.writeHead(204).end();
        } else if (url === "/close") {
            response.setHeader("Connection", "close").end("bye");
        } else if (url === "/ignored") {
            response.end("did not read " + request.method);
        } else if (url !== "/never") {
            response.end(request.method + " " + url + " " + (request.headers["x-a"] || ""));
        }
    };

    const start = async (options: object): Promise<void> => {
        server = https.createServer({ key, cert, ...options }, handle);
        server.on("clientError", (error) => refused.push(error.code));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        port = (server.address() as AddressInfo).port;
        refused = [];
        connections = 0;
    };

    /** Sends bytes in pieces and collects what comes until the end. */
    const exchange = (text: string, pieces = text.length || 1): Promise<string> =>
        new Promise((resolve, reject) => {
            const socket = nodeTls.connect({ port, host: "127.0.0.1", ca: cert });
            let answer = "";
            socket.setNoDelay(true);
            socket.setEncoding("latin1");
            socket.on("data", (data: string) => (answer += data));
            socket.on("end", () => {
                socket.end();
                resolve(answer.replace(/Date: [^\r]*\r\n/g, ""));
            });
            socket.on("error", reject);
            for (let at = 0; at < text.length; at += pieces) {
                socket.write(text.substring(at, at + pieces), "latin1");
            }
        });

    interface NodeAnswer {
        status: number | undefined;
        message: string | undefined;
        headers: import("node:http").IncomingHttpHeaders;
        body: Buffer;
    }
    const ask = (path: string, options: nodeHttps.RequestOptions = {}, body?: Buffer): Promise<NodeAnswer> =>
        new Promise((resolve, reject) => {
            const request = nodeHttps.request({ host: "127.0.0.1", port, ca: cert, path, agent, ...options });
            request.on("error", reject);
            request.on("response", (response) => {
                const pieces: Buffer[] = [];
                response.on("error", reject);
                response.on("data", (data) => pieces.push(data));
                response.on("end", () =>
                    resolve({
                        status: response.statusCode,
                        message: response.statusMessage,
                        headers: response.headers,
                        body: Buffer.concat(pieces),
                    }),
                );
            });
            request.on("socket", (socket) => {
                if (!request.reusedSocket && socket.connecting) connections++;
            });
            request.end(body);
        });

    describe("with Node's client and curl", () => {
        before(() => start({}));
        after((done) => {
            agent.destroy();
            server.close(done);
        });

        it("answers, and keeps the connection", async () => {
            for (let n = 0; n < 100; n++) {
                const { status, message, headers, body } = await ask("/a?b", { headers: { "X-A": "c" } });
                assert.equal(status, 200);
                assert.equal(message, "OK");
                assert.equal(headers["content-length"], String(body.length));
                assert.equal(headers["keep-alive"], "timeout=5");
                assert.match(String(headers["date"]), /^\w{3}, \d\d \w{3} 20\d\d [\d:]{8} GMT$/);
                assert.equal(body.toString(), "GET /a?b c");
            }
            assert.equal(connections, 1);
        });
        it("sends chunks, several lines of one name and its own reason", async () => {
            const { message, headers, body } = await ask("/pieces");
            assert.equal(message, "Fine");
            assert.equal(headers["transfer-encoding"], "chunked");
            assert.equal(headers["x-a"], "1, 2");
            assert.equal(body.toString(), "one,two");
        });
        for (const path of ["/echo", "/pipe"]) {
            it(`takes and sends 5 MB (${path}), with length and in chunks`, async () => {
                assert.equal(sha((await ask(path, { method: "POST" }, BIG)).body), sha(BIG));
                const headers = { "Transfer-Encoding": "chunked" };
                assert.equal(sha((await ask(path, { method: "POST", headers }, BIG)).body), sha(BIG));
            });
        }
        it("sends 5 MB", async () => {
            assert.equal(sha((await ask("/big")).body), sha(BIG));
        });
        it("sends no body for HEAD and 204", async () => {
            const before = connections;
            const head = await ask("/big", { method: "HEAD" });
            assert.equal(head.headers["content-length"], String(BIG.length));
            assert.equal(head.body.length, 0);
            assert.equal((await ask("/pieces", { method: "HEAD" })).body.length, 0);
            const none = await ask("/none");
            assert.equal(none.status, 204);
            assert.equal(none.headers["content-length"], undefined);
            assert.equal(connections, before);
        });
        it("lets a body pass that the handler does not read", async () => {
            const { body } = await ask("/ignored", { method: "POST" }, BIG.subarray(0, 1000000));
            assert.equal(body.toString(), "did not read POST");
            assert.equal((await ask("/x")).status, 200);
        });
        it("closes when asked to", async () => {
            assert.equal((await ask("/close")).headers["connection"], "close");
            assert.equal((await ask("/x", { headers: { Connection: "close" } })).headers["connection"], "close");
        });
        it("serves curl, with Expect: 100-continue and HTTP/1.0 too", async () => {
            const run = promisify(execFile);
            const folder = mkdtempSync(join(tmpdir(), "etls-curl-"));
            const ca = join(folder, "ca.pem");
            writeFileSync(ca, cert);
            const curl = async (...options: string[]): Promise<string> => {
                const url = `https://localhost:${port}`;
                const all = options.map((option) => option.replace("URL", url));
                const fixed = ["-sS", "--cacert", ca, "-m", "10"];
                return (await run("curl", [...fixed, ...all], { encoding: "latin1" })).stdout;
            };
            assert.equal(await curl("URL/one", "URL/two"), "GET /one GET /two ");
            assert.equal(await curl("-d", "x".repeat(5000), "-H", "Expect: 100-continue", "URL/echo"), "x".repeat(5000));
            assert.equal(await curl("-T", "/etc/hostname", "-X", "PUT", "URL/echo"), await curl("file:///etc/hostname"));
            assert.equal(await curl("-0", "URL/pieces"), "one,two");
            assert.match(await curl("-I", "URL/x"), /^HTTP\/1.1 200 OK\r\n/);
            rmSync(folder, { recursive: true });
        });
        it("serves our own client", async () => {
            const request = https.request({ host: "127.0.0.1", port, ca: cert, path: "/echo", method: "POST" });
            assert.equal(sha((await answerTo(request.end(BIG))).body), sha(BIG));
            https.globalAgent.destroy();
        });
        const several =
            "GET /late HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" +
            "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nGET /pieces HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        for (const pieces of [several.length, 1, 2, 3, 5, 7]) {
            it(`answers pipelined requests in order, in pieces of ${pieces}`, async () => {
                const keep = "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";
                assert.equal(
                    await exchange(several, pieces),
                    `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n${keep}/late` +
                        `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n${keep}body` +
                        `HTTP/1.1 200 OK\r\nContent-Length: 8\r\n${keep}` +
                        "HTTP/1.1 200 Fine\r\nX-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\n" +
                        "Connection: close\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n",
                );
            });
        }
        it("does not nest for a thousand requests in one piece", async () => {
            const answer = await exchange("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".repeat(999) +
                "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
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
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    400,
                    "LENGTH",
                ],
                ["POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400, "CHUNK"],
            ];
            for (const [text, status, why] of bad) {
                refused = [];
                const answer = await exchange(text + "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n");
                assert.match(answer, new RegExp(`^HTTP/1.1 ${status} [A-Z][^\\r]*\\r\\nConnection: close`));
                assert.ok(!answer.includes("evil"), text);
                assert.deepEqual(refused, ["ETLS_HTTP_" + why]);
            }
        });
        it("tells the handler when the client breaks off", async () => {
            const events: string[] = [];
            const watch = (request: IncomingMessage, response: ServerResponse): void => {
                request.on("error", (error) => events.push((error as TlsError).code));
                request.on("close", () => events.push("request"));
                response.on("close", () => events.push("response"));
            };
            server.on("request", watch);
            const socket = nodeTls.connect({ port, host: "127.0.0.1", ca: cert }, () => {
                socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
                setTimeout(() => socket.destroy(), 50);
            });
            await new Promise((resolve) => setTimeout(resolve, 150));
            server.removeListener("request", watch);
            assert.deepEqual(events, ["ETLS_HTTP_ABORTED", "request", "response"]);
        });
        it("refuses headers that would break the response apart", () => {
            const response = new Promise<ServerResponse>((resolve) => {
                const take = (_request: IncomingMessage, response: ServerResponse): void => {
                    server.removeListener("request", take);
                    resolve(response);
                };
                server.on("request", take);
            });
            const request = ask("/never");
            return response.then(async (made) => {
                assert.throws(() => made.setHeader("A", "b\r\nC: d"), code("ETLS_HTTP_HEADER"));
                assert.throws(() => made.writeHead(200, { "A b": "c" }), code("ETLS_HTTP_HEADER"));
                made.writeHead(200, "a\r\nb");
                assert.throws(() => made.end(), code("ETLS_HTTP_STATUS"));
                made.statusMessage = "";
                made.statusCode = 101;
                assert.throws(() => made.end(), code("ETLS_HTTP_STATUS"));
                made.statusCode = 200;
                made.end("ok");
                assert.throws(() => made.write("x"), code("ETLS_HTTP_SENT"));
                assert.equal((await request).body.toString(), "ok");
            });
        });
    });

    describe("with short time-outs", () => {
        before(() => start({ headersTimeout: 100, keepAliveTimeout: 100, requestTimeout: 150 }));
        after((done) => void server.close(done));

        it("closes a connection without requests", async () => {
            assert.equal(await exchange(""), "");
        });
        it("closes a kept connection", async () => {
            const answer = await exchange("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
            assert.match(answer, /Keep-Alive: timeout=0/);
        });
        it("answers a slow header with 408", async () => {
            assert.match(await exchange("GET / HTTP/1.1\r\nHo"), /^HTTP\/1.1 408 /);
            assert.deepEqual(refused, ["ETLS_TIMEOUT"]);
        });
        it("answers a slow body with 408", async () => {
            const text = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
            assert.match(await exchange(text), /^HTTP\/1.1 408 /);
        });
        it("leaves the handler its time", async () => {
            server.on("request", (request, response) => {
                if (request.url === "/never") setTimeout(() => response.end("done"), 300);
            });
            const options = { host: "127.0.0.1", port, ca: cert, path: "/never" };
            assert.equal((await answerTo(https.get(options))).body, "done");
        });
        it("finishes responses before it closes", async () => {
            const options = { host: "127.0.0.1", port, ca: cert };
            const late = answerTo(https.get({ ...options, path: "/late" }));
            await new Promise((resolve) => setTimeout(resolve, 20));
            const closed = new Promise<void>((resolve) => server.close(resolve));
            const { response, body } = await late;
            assert.equal(body, "/late");
            assert.equal(response.headers["connection"], "close");
            await closed;
            await assert.rejects(answerTo(https.get(options)), code("ECONNREFUSED"));
        });
    });
});
