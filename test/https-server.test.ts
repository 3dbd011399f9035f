// SPDX-License-Identifier: Apache-2.0
// The server of the https module, over Node's TLS, against Node's client, curl and our own client.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as nodeHttps from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as nodeTls from "node:tls";
import { promisify } from "node:util";

import type { TlsError } from "../modules/errors.ts";
import type { IncomingMessage } from "../modules/https.ts";
import type { ServerResponse } from "../modules/https_server.ts";
import { BIG, HttpsFixture } from "./support/https-fixture.ts";
import { answerTo, code, sha } from "./support/https.ts";

describe("https module: server", function () {
    this.timeout(20000);
    const fixture = new HttpsFixture();
    const agent = new nodeHttps.Agent({ keepAlive: true, maxSockets: 1 });
    let connections = 0;

    interface NodeAnswer {
        status: number | undefined;
        message: string | undefined;
        headers: import("node:http").IncomingHttpHeaders;
        body: Buffer;
    }
    const ask = (
        path: string,
        options: nodeHttps.RequestOptions = {},
        body?: Buffer,
    ): Promise<NodeAnswer> =>
        new Promise((resolve, reject) => {
            const request = nodeHttps.request({
                ...fixture.address,
                path,
                agent,
                ...options,
            });
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

    before(() => fixture.start({}));
    after((done) => {
        agent.destroy();
        fixture.server.close(done);
    });

    it("answers, and keeps the connection", async () => {
        for (let n = 0; n < 100; n++) {
            const { status, message, headers, body } = await ask("/a?b", {
                headers: { "X-A": "c" },
            });
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
        assert.equal(
            (await ask("/x", { headers: { Connection: "close" } })).headers["connection"],
            "close",
        );
    });
    it("serves curl, with Expect: 100-continue and HTTP/1.0 too", async () => {
        const run = promisify(execFile);
        const folder = mkdtempSync(join(tmpdir(), "etls-curl-"));
        const ca = join(folder, "ca.pem");
        writeFileSync(ca, fixture.cert);
        const curl = async (...options: string[]): Promise<string> => {
            const url = `https://localhost:${fixture.port}`;
            const all = options.map((option) => option.replace("URL", url));
            const fixed = ["-sS", "--cacert", ca, "-m", "10"];
            return (await run("curl", [...fixed, ...all], { encoding: "latin1" })).stdout;
        };
        assert.equal(await curl("URL/one", "URL/two"), "GET /one GET /two ");
        assert.equal(
            await curl("-d", "x".repeat(5000), "-H", "Expect: 100-continue", "URL/echo"),
            "x".repeat(5000),
        );
        assert.equal(
            await curl("-T", "/etc/hostname", "-X", "PUT", "URL/echo"),
            await curl("file:///etc/hostname"),
        );
        assert.equal(await curl("-0", "URL/pieces"), "one,two");
        assert.match(await curl("-I", "URL/x"), /^HTTP\/1.1 200 OK\r\n/);
        rmSync(folder, { recursive: true });
    });
    it("serves our own client", async () => {
        const request = fixture.https.request({
            ...fixture.address,
            path: "/echo",
            method: "POST",
        });
        assert.equal(sha((await answerTo(request.end(BIG))).body), sha(BIG));
        fixture.https.globalAgent.destroy();
    });
    it("tells the handler when the client breaks off", async () => {
        const events: string[] = [];
        const watch = (request: IncomingMessage, response: ServerResponse): void => {
            request.on("error", (error) => events.push((error as TlsError).code));
            request.on("close", () => events.push("request"));
            response.on("close", () => events.push("response"));
        };
        fixture.server.on("request", watch);
        const socket = nodeTls.connect(fixture.address, () => {
            socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
            setTimeout(() => socket.destroy(), 50);
        });
        await new Promise((resolve) => setTimeout(resolve, 150));
        fixture.server.removeListener("request", watch);
        assert.deepEqual(events, ["ETLS_HTTP_ABORTED", "request", "response"]);
    });
    it("refuses headers that would break the response apart", () => {
        const response = new Promise<ServerResponse>((resolve) => {
            const take = (_request: IncomingMessage, response: ServerResponse): void => {
                fixture.server.removeListener("request", take);
                resolve(response);
            };
            fixture.server.on("request", take);
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
