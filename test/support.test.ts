// SPDX-License-Identifier: Apache-2.0
/**
 * The peers that other tests rely on, tried with Node's own TLS or with each other.
 */
import assert from "node:assert/strict";
import * as https from "node:https";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { curl, gnutlsClient, nodeHttps, opensslClient } from "./support/clients.ts";
import { sha256, testBytes } from "./support/node-servers.ts";
import { cachedPki, type Pki } from "./support/pki.ts";
import { run, skipWithout, type ToolName } from "./support/processes.ts";
import {
    gnutlsServer,
    nginxServer,
    nodeHttpsServer,
    nodeTlsServer,
    opensslServer,
    type Server,
    type Version,
} from "./support/servers.ts";

const VERSIONS: Version[] = ["1.2", "1.3"];
const MEGABYTES = testBytes(5_000_000);

let pki: Pki;

/** Has other programs as peers, or is skipped. */
function peer(title: string, tools: ToolName[], test: () => Promise<void>): void {
    it(title, async function () {
        skipWithout(this, "openssl", ...tools);
        await test();
    });
}

/** Does something with a server and ends it. */
async function using<S extends Server>(
    server: Promise<S>,
    work: (server: S, to: { port: number; rootFile: string }) => Promise<void>,
): Promise<void> {
    const running = await server;
    try {
        await work(running, { port: running.port, rootFile: pki.ec.rootFile });
    } finally {
        await running.close();
    }
}

describe("test peers", function () {
    this.timeout(30_000);

    before(async function () {
        skipWithout(this, "openssl");
        pki = await cachedPki();
    });

    describe("servers", () => {
        for (const version of VERSIONS) {
            peer(`OpenSSL, TLS ${version}`, [], async () => {
                await using(opensslServer({ identity: pki.ec, version }), async (server, to) => {
                    const { status, body } = await nodeHttps({ ...to, version });
                    assert.equal(status, 200);
                    assert.ok(body.includes(`TLSv${version}`));
                    await server.close();
                    assert.equal((await nodeHttps(to)).stderr.slice(0, 12), "ECONNREFUSED");
                });
            });

            peer(`GnuTLS, TLS ${version}`, ["gnutls-serv"], async () => {
                await using(gnutlsServer({ identity: pki.ec, version }), async (_, to) => {
                    const { status, body, stderr } = await nodeHttps({ ...to, version });
                    assert.equal(status, 200, stderr);
                    assert.ok(body.includes(`TLS${version}`));
                });
            });

            peer(`nginx, TLS ${version}: 5 MB down and up`, ["nginx"], async () => {
                await using(nginxServer({ identity: pki.ec, version }), async (nginx, to) => {
                    nginx.addFile("big", MEGABYTES);
                    const { body } = await nodeHttps({ ...to, version, path: "/big" });
                    assert.equal(sha256(body), sha256(MEGABYTES));
                    const upload = { ...to, path: "/upload/big", body: MEGABYTES };
                    assert.equal((await nodeHttps(upload)).status, 201);
                    assert.equal(sha256(nginx.uploaded("big")), sha256(MEGABYTES));
                });
            });
        }

        peer("OpenSSL: files, and lines reversed", [], async () => {
            const folder = mkdtempSync(join(tmpdir(), "etls-files-"));
            writeFileSync(join(folder, "data"), MEGABYTES);
            const files = opensslServer({ identity: pki.ec, mode: "files", folder });
            await using(files, async (_, to) => {
                const { body } = await nodeHttps({ ...to, path: "/data" });
                assert.equal(sha256(body), sha256(MEGABYTES));
            });
            rmSync(folder, { recursive: true });
            const reverse = opensslServer({ identity: pki.ec, mode: "reverse" });
            await using(reverse, async (_, to) => {
                const until = (out: Buffer): boolean => out.includes("cba");
                const result = await opensslClient({ ...to, input: "abc\n", until });
                assert.ok(result.ok && result.stdout === "cba\n", result.stderr);
            });
        });

        peer("OpenSSL: raw, both ways", [], async () => {
            const raw = opensslServer({ identity: pki.ec, mode: "raw" });
            await using(raw, async (server, to) => {
                const until = (out: Buffer): boolean => out.includes("pong");
                const client = opensslClient({ ...to, input: "ping\n", until });
                while (!server.output().includes("ping")) {
                    await new Promise((resolve) => setTimeout(resolve, 5));
                }
                server.send("pong\n");
                assert.equal((await client).stdout, "pong\n");
            });
        });

        peer("GnuTLS: echo", ["gnutls-serv"], async () => {
            await using(gnutlsServer({ identity: pki.ec, mode: "echo" }), async (_, to) => {
                const until = (out: Buffer): boolean => out.includes("abc");
                assert.ok((await opensslClient({ ...to, input: "abc\n", until })).ok);
            });
        });

        peer("nginx: chunks, and 100 requests on one connection", ["nginx"], async () => {
            await using(nginxServer({ identity: pki.rsa }), async (nginx, { port }) => {
                nginx.addFile("small", "small");
                const ca = pki.rsa.rootPem;
                const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca });
                const paths = ["/chunked/small", ...Array<string>(99).fill("/small")];
                const ports = new Set<number | undefined>();
                for (const path of paths) {
                    const encoding = await new Promise((resolve, reject) => {
                        const request = https.get({ host: "localhost", port, path, agent });
                        request.on("error", reject).on("response", (response) => {
                            ports.add(response.socket.localPort);
                            response.resume();
                            const coding = response.headers["transfer-encoding"];
                            response.on("end", () => resolve(coding));
                        });
                    });
                    assert.equal(encoding, path === "/small" ? undefined : "chunked");
                }
                assert.equal(ports.size, 1);
                agent.destroy();
            });
        });

        peer("ask for client certificates", ["nginx", "gnutls-serv"], async () => {
            const options = { identity: pki.ec, clientRootFile: pki.ec.rootFile };
            for (const begin of [opensslServer, gnutlsServer, nodeHttpsServer]) {
                await using<Server>(begin(options), async (_, to) => {
                    const { ec, unknownIssuer } = pki.clients;
                    const good = await nodeHttps({ ...to, identity: ec });
                    assert.equal(good.status, 200, good.stderr);
                    assert.equal((await nodeHttps(to)).ok, false);
                    assert.equal((await nodeHttps({ ...to, identity: unknownIssuer })).ok, false);
                });
            }
            await using(nginxServer(options), async (nginx, to) => {
                nginx.addFile("a", "a");
                const good = await nodeHttps({ ...to, path: "/a", identity: pki.clients.ec });
                assert.equal(good.status, 200);
                assert.equal((await nodeHttps({ ...to, path: "/a" })).status, 400);
            });
        });
    });

    describe("clients", () => {
        const clients = { curl, opensslClient, gnutlsClient, nodeHttps };
        const tools: Record<string, ToolName[]> = { curl: ["curl"], gnutlsClient: ["gnutls-cli"] };
        let server: Server;

        before(async () => {
            const { ec } = pki;
            const asking = { requestCert: true, rejectUnauthorized: false, ca: ec.rootPem };
            server = await nodeHttpsServer({ identity: ec, tls: asking });
        });
        after(() => server?.close());

        for (const [name, client] of Object.entries(clients)) {
            peer(`${name}: requests in TLS 1.2 and 1.3`, tools[name] ?? [], async () => {
                const to = { port: server.port, rootFile: pki.ec.rootFile };
                for (const version of VERSIONS) {
                    const got = await client({ ...to, version, path: "/chunked/40000" });
                    assert.ok(got.ok, got.stderr);
                    assert.equal(got.status, 200);
                    assert.equal(sha256(got.body), sha256(testBytes(40_000)));
                    const body = testBytes(300_000);
                    const upload = { version, path: "/sha256", body, identity: pki.clients.ec };
                    const put = await client({ ...to, ...upload });
                    assert.equal(put.body.toString(), sha256(body), put.stderr);
                }
            });

            peer(`${name}: verifies`, tools[name] ?? [], async () => {
                const to = { port: server.port, rootFile: pki.ec.rootFile };
                for (const host of ["127.0.0.1", "x.example.test"]) {
                    const good = await client({ ...to, host });
                    assert.ok(good.ok, good.stderr);
                }
                assert.equal((await client({ ...to, host: "example.org" })).ok, false);
                assert.equal((await client({ ...to, rootFile: pki.rsa.rootFile })).ok, false);
                assert.equal((await client({ ...to, port: 1 })).ok, false);
            });
        }

        it("OpenSSL and GnuTLS send what is no HTTP", async function () {
            skipWithout(this, "gnutls-cli");
            await using(nodeTlsServer({ identity: pki.ec }), async (_, to) => {
                const until = (out: Buffer): boolean => out.includes("abc");
                for (const client of [opensslClient, gnutlsClient]) {
                    const { ok, body, stderr } = await client({ ...to, input: "abc\n", until });
                    assert.ok(ok, stderr);
                    assert.ok(body.includes("abc\n"));
                }
            });
        });
    });

    describe("processes", () => {
        const module = (name: string): string => new URL(`./support/${name}`, import.meta.url).href;
        const node = (code: string, env = process.env): ReturnType<typeof run> =>
            run(process.execPath, ["--input-type=module", "-e", code], { env });

        it("says which program is missing", async () => {
            const code = `import { requireTool } from "${module("processes.js")}";
                console.log(requireTool("curl"));`;
            const { stdout } = await node(code, { PATH: "/nowhere" });
            assert.equal(stdout.toString(), "curl is not installed (package curl).\n");
        });

        for (const end of ["process.exit(0)", "process.kill(process.pid)", "throw 1"]) {
            it(`leaves none behind after ${end}`, async () => {
                const code = `import { opensslServer } from "${module("servers.js")}";
                    import { cachedPki } from "${module("pki.js")}";
                    const { port } = await opensslServer({ identity: (await cachedPki()).ec });
                    process.stdout.write(port + "\\n", () => { ${end} });`;
                const { stdout } = await node(code);
                const port = Number(stdout.toString());
                assert.ok(port > 0);
                const error = await new Promise<Error>((resolve) => {
                    connect({ port, host: "127.0.0.1" }).on("error", resolve);
                });
                assert.match(error.message, /ECONNREFUSED/);
            });
        }
    });
});
