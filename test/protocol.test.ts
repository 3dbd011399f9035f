// SPDX-License-Identifier: Apache-2.0
/** The client against real servers: OpenSSL, Node and nginx, both versions, both kinds of chain. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EspruinoTls } from "../wasm/node.ts";
import { closeClean, converse, fetchBody, openCore } from "./support/core.ts";
import { SLOWNESS } from "./support/host.ts";
import { sha256, testBytes } from "./support/node-servers.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { requireTool } from "./support/processes.ts";
import { nginxServer, nodeHttpsServer, opensslServer } from "./support/servers.ts";
import type { NginxServer, Server, Version } from "./support/servers.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];
const CHAINS = ["ec", "rsa"] as const;
const BIG = 5 * 1024 * 1024;

let pki: Pki;
let core: EspruinoTls;

before(async function () {
    this.timeout(60000);
    pki = await cachedPki();
});

beforeEach(async () => {
    core = await openCore();
});

afterEach(() => closeClean(core));

/** Options for a server of ours on this machine. */
function to(server: Server, rootPem: string, more: object = {}): Record<string, unknown> {
    return { host: "localhost", port: server.port, ca: rootPem, agent: false, ...more };
}

for (const version of VERSIONS) {
    for (const chain of CHAINS) {
        describe(`TLS ${version}, ${chain} chain`, () => {
            describe("Node's https", () => {
                let server: Server;
                before(async () => {
                    server = await nodeHttpsServer({ identity: pki[chain], version });
                });
                after(() => server.close());

                for (const length of [0, 1, 16384, 16385, 100000]) {
                    for (const page of ["bytes", "chunked"]) {
                        it(`GET ${page} ${length}`, async () => {
                            const path = `/${page}/${length}`;
                            const got = await fetchBody(core, to(server, pki[chain].rootPem, { path }));
                            assert.equal(got.status, 200);
                            assert.equal(sha256(got.body), sha256(testBytes(length)));
                        });
                    }
                }

                it("POST of 5 MB, its hash back", async function () {
                    this.timeout(20000);
                    const options = to(server, pki[chain].rootPem, { path: "/sha256", method: "POST" });
                    const got = await fetchBody(core, options, testBytes(BIG));
                    assert.equal(got.body.toString(), sha256(testBytes(BIG)));
                });

                it("GET of 5 MB", async function () {
                    this.timeout(20000);
                    const path = `/bytes/${BIG}`;
                    const got = await fetchBody(core, to(server, pki[chain].rootPem, { path }));
                    assert.equal(sha256(got.body), sha256(testBytes(BIG)));
                });

                it("names what was agreed", async () => {
                    const outcome = await converse(core, to(server, pki[chain].rootPem), (socket) => {
                        assert.equal(socket.getProtocol(), `TLSv${version}`);
                        // TLS 1.3 servers choose by their own order.
                        const suite = version === "1.2" ? /^TLS_ECDHE_.*_AES_128_GCM_SHA256$/ : /^TLS_[AC]/;
                        assert.match(socket.getCipher()?.standardName ?? "", suite);
                        assert.equal(socket.authorized, true);
                        const certificate = socket.getPeerCertificate();
                        assert.match(certificate?.subjectaltname ?? "", /DNS:localhost/);
                        assert.equal(certificate?.key, chain === "ec" ? "EC P-256" : "RSA 2048");
                        socket.end();
                    });
                    assert.equal(outcome.error, undefined);
                    assert.equal(outcome.secured, true);
                });
            });

            describe("OpenSSL s_server", () => {
                let server: Server;
                let folder: string;
                before(async function () {
                    const missing = requireTool("openssl");
                    if (missing) {
                        console.log(`    not run: ${missing}`);
                        this.skip();
                    }
                    folder = mkdtempSync(join(tmpdir(), "etls-files-"));
                    writeFileSync(join(folder, "big"), testBytes(BIG));
                    server = await opensslServer({ identity: pki[chain], version, mode: "files", folder });
                });
                after(async () => {
                    await server?.close();
                    if (folder) rmSync(folder, { recursive: true });
                });

                it("a file of 5 MB", async function () {
                    this.timeout(20000);
                    const got = await fetchBody(core, to(server, pki[chain].rootPem, { path: "/big" }));
                    assert.equal(sha256(got.body), sha256(testBytes(BIG)));
                });
            });

            describe("nginx", () => {
                let server: NginxServer;
                before(async function () {
                    const missing = requireTool("nginx");
                    if (missing) {
                        console.log(`    not run: ${missing}`);
                        this.skip();
                    }
                    server = await nginxServer({ identity: pki[chain], version });
                    server.addFile("page", "from nginx");
                    server.addFile("big", testBytes(BIG));
                });
                after(() => server?.close());

                it("a page, as it is and in chunks", async () => {
                    for (const path of ["/page", "/chunked/page"]) {
                        const got = await fetchBody(core, to(server, pki[chain].rootPem, { path }));
                        assert.equal(got.body.toString(), "from nginx");
                    }
                });

                it("5 MB down and up", async function () {
                    this.timeout(20000);
                    const down = await fetchBody(core, to(server, pki[chain].rootPem, { path: "/big" }));
                    assert.equal(sha256(down.body), sha256(testBytes(BIG)));
                    const put = to(server, pki[chain].rootPem, { path: "/upload/up", method: "PUT" });
                    await fetchBody(core, put, testBytes(BIG));
                    assert.equal(sha256(server.uploaded("up")), sha256(testBytes(BIG)));
                });
            });
        });
    }
}

describe("many connections", () => {
    let server: Server;
    before(async () => {
        server = await nodeHttpsServer({ identity: pki.ec });
    });
    after(() => server.close());

    it("100 requests on one connection", async () => {
        const agent = new core.https.Agent({ keepAlive: true, maxSockets: 1 });
        const options = to(server, pki.ec.rootPem, { agent, path: "/bytes/1000" });
        for (let i = 0; i < 100; i += 1) {
            const got = await fetchBody(core, options);
            assert.equal(got.body.length, 1000);
        }
        agent.destroy();
    });

    it("16 connections at once", async () => {
        const options = to(server, pki.ec.rootPem, { path: "/bytes/50000" });
        const all = await Promise.all(Array.from({ length: 16 }, () => fetchBody(core, options)));
        for (const got of all) assert.equal(sha256(got.body), sha256(testBytes(50000)));
    });

    // An emulated chip takes seconds for each.
    const connections = SLOWNESS === 1 ? 500 : 50;
    it(`${connections} connections one after the other`, async function () {
        this.timeout(240_000);
        const context = core.tls.createSecureContext({ ca: pki.ec.rootPem });
        const options = to(server, pki.ec.rootPem, { secureContext: context });
        let settled = -1;
        for (let i = 0; i < connections; i += 1) {
            const outcome = await converse(core, options, (socket) => socket.end());
            assert.equal(outcome.error, undefined);
            if (settled < 0) settled = core.memory().inUse;
            assert.equal(core.memory().inUse, settled, `after connection ${i + 1}`);
        }
        context.free();
    });
});
