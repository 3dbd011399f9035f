// SPDX-License-Identifier: Apache-2.0
/**
 * Espruino's own `http` and `net` over our TLS: on Espruino for 32-bit ARM Linux (ESPRUINO_ARM), which has these
 * libraries and no TLS. The network is the console cable.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LinuxBoard, skipWithoutArm } from "./device/linux.ts";
import { nodeHttpsServer } from "./support/node-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Identity, Pki } from "./support/pki.ts";
import { opensslServer } from "./support/servers.ts";
import type { Server } from "./support/servers.ts";

describe("Espruino's http and net over our TLS", function () {
    this.timeout(120_000);
    let board: LinuxBoard;
    let pki: Pki;
    let server: Server;

    before(async function () {
        skipWithoutArm(this);
        pki = await cachedPki();
        board = new LinuxBoard();
        server = await nodeHttpsServer({
            identity: pki.ec,
            handler: (request, response) => {
                const pieces: Buffer[] = [];
                request.on("data", (data: Buffer) => pieces.push(data));
                request.on("end", () => response.end(`${request.method} ${request.url} ${Buffer.concat(pieces).toString("latin1")}`));
            },
        });
    });
    after(async () => {
        board?.close();
        await server?.close();
    });

    const BEGIN = 'require("tls-net").create(require("tls-tether"));';
    const trust = (identity: Identity): string =>
        `require("Storage").write("tls-ca", atob("${Buffer.from(identity.rootDer).toString("base64")}"));`;
    const LISTEN = `.on("error", function (e) {
            var own = require("tls-net").lastError();
            print("@@", e.code, own && own.code); print("DONE");
        });`;
    const SHOW = `function (response) {
            var text = "";
            response.on("data", function (data) { text += data; });
            response.on("close", function () { print("@@", response.statusCode, text.length, text.substr(0, 40)); print("DONE"); });
        }`;

    it("http.get of an https URL", async () => {
        const lines = await board.run(`${trust(pki.ec)} ${BEGIN}
            require("http").get("https://localhost:${server.port}/page", ${SHOW})${LISTEN}`);
        assert.deepEqual(lines, ["200 10 GET /page "]);
    });

    it("http.request with a long body and its own ca", async () => {
        const lines = await board.run(`${BEGIN}
            var options = url.parse("https://localhost:${server.port}/form");
            options.method = "POST";
            options.ca = atob("${Buffer.from(pki.ec.rootDer).toString("base64")}");
            var body = E.toString({ data: 120, count: 9000 });
            options.headers = { "Content-Length": body.length };
            var request = require("http").request(options, ${SHOW});
            request${LISTEN}
            request.end(body);`);
        assert.deepEqual(lines, [`200 9011 POST /form ${"x".repeat(29)}`]);
    });

    it("refuses another issuer, and a server without a certificate that is trusted", async () => {
        const get = `${BEGIN} require("http").get("https://localhost:${server.port}/", ${SHOW})${LISTEN}`;
        assert.deepEqual(await board.run(`${trust(pki.rsa)} ${get}`), ["-13 ETLS_CERT_UNKNOWN_ISSUER"]);
        assert.deepEqual(await board.run(get), ["-13 ETLS_NO_TRUST_ANCHOR"]);
    });

    it("net.connect without TLS goes on as before", async () => {
        const plain = await opensslServer({ identity: pki.ec, mode: "reverse" });
        const lines = await board.run(`${BEGIN}
            require("net").connect({ host: "localhost", port: ${plain.port} }, function (socket) {
                print("@@ connected");
                socket.on("close", function () { print("@@ closed"); print("DONE"); });
                socket.write("this is no TLS\\n");
            });`);
        await plain.close();
        assert.deepEqual(lines, ["connected", "closed"]);
    });

    it("ten connections more take no block more", async () => {
        const lines = await board.run(`${trust(pki.ec)} ${BEGIN}
            var done = 0;
            function next() {
                if (done % 10 === 3) print("@@", done, process.memory().usage);
                if (done === 13) return print("DONE");
                require("http").get("https://localhost:${server.port}/", function (response) {
                    response.on("data", function () {});
                    response.on("close", function () { done++; setTimeout(next, 100); });
                });
            }
            next();`);
        const [[, few] = [], [, many] = []] = lines.map((line) => line.split(" "));
        assert.deepEqual([lines.length, many], [2, few]);
    });
});
